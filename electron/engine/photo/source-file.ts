import { type BigIntStats, constants } from 'node:fs';
import { access, type FileHandle, open, readdir, rm, stat, symlink } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { FourfoldError } from '../errors.ts';
import { sourceError } from '../file-errors.ts';
import type { InputFormat } from './photo.ts';
import { SNIFF_BYTES, sniff } from './sniff.ts';

/** A source that was looked at and found to be a readable, ordinary file of a known kind. */
export interface SourceFile {
  readonly path: string;
  /** What to open: the path, or its bytes where they are no UTF-8. */
  readonly name: string | Buffer;
  readonly format: InputFormat;
  readonly bytes: number;
  readonly modifiedMs: number;
  /** @throws FourfoldError 'source-changed' when the file is no longer the one that was opened. */
  checkUnchanged(): Promise<void>;
  /** A name the image library takes literally; undo it with `release`. */
  literalName(scratchDir: string): Promise<{ name: string; release: () => Promise<void> }>;
}

/**
 * Looks at a source before anything reads it. Never blocks on a pipe or a device: those are told by `stat` first.
 * @throws FourfoldError 'source-missing', 'source-unreadable', 'not-a-picture', 'codec-missing', 'drive-gone', …
 */
export async function openSource(path: string): Promise<SourceFile> {
  try {
    const name = await trueName(path);
    const before = await stat(name, { bigint: true });
    if (before.isDirectory()) throw notAFile('This is a folder, not a photo.', path);
    if (!before.isFile()) throw notAFile('This is a pipe or a device, not a photo.', path);
    await access(name, constants.R_OK);
    const format = sniff(await head(name), path);
    return {
      path,
      name,
      format,
      bytes: Number(before.size),
      modifiedMs: Number(before.mtimeMs),
      async checkUnchanged() {
        const after = await stat(name, { bigint: true }).catch(() => undefined);
        if (!after || !same(before, after)) {
          throw new FourfoldError('source-changed', 'The photo changed while being read. No output was saved. Retry.', {
            path,
          });
        }
      },
      literalName: (scratchDir) => literalName(name, scratchDir),
    };
  } catch (error) {
    throw await sourceError(error, path);
  }
}

async function head(path: string | Buffer): Promise<Buffer> {
  // O_NONBLOCK: should the path have become a pipe since `stat`, opening it must not wait for a writer.
  const file: FileHandle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(SNIFF_BYTES), 0, SNIFF_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function same(a: BigIntStats, b: BigIntStats): boolean {
  return a.size === b.size && a.mtimeNs === b.mtimeNs && a.ino === b.ino && a.dev === b.dev;
}

let serial = 0;

/**
 * Node hands over names that are no UTF-8 with U+FFFD in them, and no file has that name. Where exactly one file in the
 * folder looks like it, it is meant.
 */
async function trueName(path: string): Promise<string | Buffer> {
  const wanted = basename(path);
  if (!wanted.includes('\uFFFD')) return path;
  const entries = await readdir(dirname(path), { encoding: 'buffer' }).catch((): Buffer[] => []);
  const alike = entries.filter((entry) => entry.toString('utf8') === wanted);
  if (alike.length !== 1 || alike[0]!.equals(Buffer.from(wanted))) return path;
  return Buffer.concat([Buffer.from(resolve(dirname(path)) + sep), alike[0]!]);
}

/** libvips takes text and reads `name[option]` as options: such names are reached through a link with a plain one. */
async function literalName(path: string | Buffer, scratchDir: string) {
  const full = typeof path === 'string' ? resolve(path) : path;
  if (typeof full === 'string' && !full.trimEnd().endsWith(']')) return { name: full, release: async () => {} };
  const name = join(scratchDir, `source-${process.pid}-${++serial}`);
  await symlink(full, name);
  return { name, release: () => rm(name, { force: true }) };
}

function notAFile(what: string, path: string): FourfoldError {
  return new FourfoldError(
    'not-a-picture',
    `${what} Nothing was changed. Choose a JPEG, PNG, WebP, TIFF, AVIF or GIF.`,
    {
      path,
    },
  );
}
