import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, extname, join, relative, resolve } from 'node:path';
import { FourfoldError, type PlainError, systemCode, toPlainError } from '../engine/errors.ts';
import { readingError } from '../engine/file-errors.ts';
import { looksLikePhoto } from '../engine/output/formats.ts';

/** A photo to enlarge. */
export interface Found {
  readonly source: string;
  /** Its folder inside the folder that was named ('' directly in it, or for a file that was named itself). */
  readonly folder: string;
}

export interface Collection {
  readonly photos: readonly Found[];
  /** Paths named or met that cannot be worked on. */
  readonly failures: readonly PlainError[];
  /** Files left out because they are earlier results. */
  readonly results: number;
}

/** Pictures of kinds that cannot be read: worth naming as failures rather than passing over in silence. */
const NAMED_ANYWAY = new Set(['.heic', '.heif', '.jp2', '.psd']);

/**
 * The photos meant by the command line's paths: files as they are, folders by the photos in them (with `recursive` also
 * below). Links are followed, each folder and file once, so a link to a parent folder ends. Order: as named, then by name.
 * @param except a folder that is left out where it lies inside a named one: the output folder
 */
export async function collectPhotos(
  paths: readonly string[],
  options: { recursive: boolean; except?: string },
): Promise<Collection> {
  const walk = new Walk(options.recursive, options.except && (await realpath(options.except).catch(() => undefined)));
  for (const path of paths) await walk.named(resolve(path));
  return walk;
}

class Walk implements Collection {
  readonly photos: Found[] = [];
  readonly failures: PlainError[] = [];
  results = 0;
  readonly #seen = new Set<string>();

  constructor(
    private readonly recursive: boolean,
    private readonly except: string | undefined,
  ) {}

  async named(path: string): Promise<void> {
    try {
      const found = await stat(path);
      if (found.isDirectory()) await this.#folder(path, path);
      else await this.#photo(path, '');
    } catch (error) {
      this.failures.push(unreachable(path, error));
    }
  }

  async #folder(path: string, root: string): Promise<void> {
    const real = await realpath(path);
    // Whoever names the output folder itself means the photos in it.
    if ((real === this.except && path !== root) || this.#seen.has(real)) return;
    this.#seen.add(real);
    const names = (await readdir(path)).sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
    const all = new Set(names.map((name) => basename(name, extname(name)).toLowerCase()));
    for (const name of names) {
      const inside = join(path, name);
      const wanted = looksLikePhoto(name) || NAMED_ANYWAY.has(extname(name).toLowerCase());
      try {
        if ((await stat(inside)).isDirectory()) {
          if (this.recursive && !name.startsWith('.')) await this.#folder(inside, root);
        } else if (wanted && !name.startsWith('.')) {
          if (isResult(name, all)) this.results++;
          else await this.#photo(inside, relative(root, path));
        }
      } catch (error) {
        // A dangling link, or one round in a circle: under a name that promises no photo nobody's loss. Anything else may
        // be a folder full of photos.
        const nothing = systemCode(error) === 'ENOENT' || systemCode(error) === 'ELOOP';
        if (wanted || !nothing) this.failures.push(unreachable(inside, error));
      }
    }
  }

  async #photo(source: string, folder: string): Promise<void> {
    const real = await realpath(source);
    if (this.#seen.has(real)) return;
    this.#seen.add(real);
    this.photos.push({ source, folder });
  }
}

/** Whether a file in a folder is the result of an earlier run: `<name>-4x.jpg` or `-4x (2).jpg` beside `<name>.*`. */
function isResult(name: string, all: ReadonlySet<string>): boolean {
  const made = /^(.+)-[234]x(?: \(\d+\))?$/.exec(basename(name, extname(name)).toLowerCase());
  return made !== null && all.has(made[1]!);
}

function unreachable(path: string, error: unknown): PlainError {
  const code = systemCode(error);
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP' || code === 'ENAMETOOLONG')
    return new FourfoldError(
      'source-missing',
      code === 'ELOOP'
        ? 'This link points to itself. Nothing was changed. Name the photo itself.'
        : 'There is no such file or folder. Nothing was changed. Check the name.',
      { path, cause: error },
    ).toPlain();
  if (code === 'EACCES' || code === 'EPERM')
    return new FourfoldError(
      'source-unreadable',
      'No permission to read this. Nothing changed. Allow access, then try again.',
      { path, cause: error },
    ).toPlain();
  return toPlainError(readingError(error, path), path);
}
