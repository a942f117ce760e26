import { readdir } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import type { ExportedFile, Photo } from '../contract.ts';
import { FourfoldError, toPlainError } from '../engine/errors.ts';
import { inspectPhoto } from '../engine/photo/decode.ts';
import type { CrashWatch } from './crash-watch.ts';
import { type Granted, newId } from './grants.ts';

/** A photo as the service knows it: what the page sees, and where it lies. */
export interface ListedPhoto {
  readonly photo: Photo;
  readonly path: string;
}

/** A photo as it is kept over a restart. */
export interface KeptPhoto {
  readonly id: string;
  readonly path: string;
  readonly name: string;
  readonly folder: string;
  readonly blend: number | null;
}

/** Headers read at once: enough to keep a disk busy, few enough to leave the cores to the network. */
const READERS = 2;

/** The filmstrip: every photo opened in this session, in order. */
export class PhotoList {
  readonly #photos = new Map<string, ListedPhoto>();
  readonly #ids = new Map<string, string>();
  readonly #watch: CrashWatch;
  readonly #onChange: (photo: Photo) => void;
  readonly #unread: string[] = [];
  #readers = 0;

  constructor(watch: CrashWatch, onChange: (photo: Photo) => void) {
    this.#watch = watch;
    this.#onChange = onChange;
  }

  get photos(): Photo[] {
    return [...this.#photos.values()].map(({ photo }) => photo);
  }

  /** @throws FourfoldError `source-missing` for an id that is not on the list (any more) */
  get(id: string): ListedPhoto {
    const listed = this.#photos.get(id);
    if (listed) return listed;
    throw new FourfoldError('source-missing', 'This photo is no longer open. It was not changed. Open it again.');
  }

  has(id: string): boolean {
    return this.#photos.has(id);
  }

  /** The photo that was opened from this path. */
  idOf(path: string): string | undefined {
    return this.#ids.get(path);
  }

  /**
   * Adds files, and everything below folders; a file that is on the list already is the same photo. One that was
   * skipped is read again: what stood in the way may be gone.
   */
  async open(granted: readonly Granted[]): Promise<Photo[]> {
    const opened: Photo[] = [];
    for (const { path, name, kind, folder } of granted) {
      const files = kind === 'folder' ? await walk(path) : [{ path, name, folder }];
      for (const file of files) opened.push(this.#add({ ...file, id: newId(), blend: null }));
    }
    return [...new Set(opened)];
  }

  restore(kept: readonly KeptPhoto[]): void {
    for (const photo of kept) this.#add(photo);
  }

  /** For `restore`. */
  get kept(): KeptPhoto[] {
    return [...this.#photos.values()].map(({ path, photo: { id, name, folder, blend } }) => ({
      ...{ id, path, name, folder, blend },
    }));
  }

  change(id: string, change: Partial<Photo>): void {
    const listed = this.#photos.get(id);
    if (!listed) return;
    const photo = { ...listed.photo, ...change };
    this.#photos.set(id, { ...listed, photo });
    this.#onChange(photo);
  }

  addFile(id: string, file: ExportedFile): void {
    const files = this.#photos.get(id)?.photo.files;
    if (files) this.change(id, { files: [...files, file] });
  }

  /** Reads the header of a skipped photo anew, as somebody asked; nothing to do for others. */
  async readAgain(id: string): Promise<void> {
    const { path, photo } = this.get(id);
    if (photo.state !== 'skipped') return;
    this.#watch.forgive(path);
    await this.#readHeader(id, path);
  }

  remove(id: string): void {
    const path = this.#photos.get(id)?.path;
    if (path !== undefined) this.#ids.delete(path);
    this.#photos.delete(id);
  }

  #add({ id, path, name, folder, blend }: KeptPhoto): Photo {
    const known = this.#photos.get(this.#ids.get(path) ?? '');
    if (known && known.photo.state !== 'skipped') return known.photo;
    if (known) this.change(known.photo.id, { state: 'reading', error: undefined });
    else {
      this.#photos.set(id, { photo: { id, name, folder, state: 'reading', blend, files: [] }, path });
      this.#ids.set(path, id);
    }
    const photoId = known?.photo.id ?? id;
    this.#unread.push(photoId);
    if (this.#readers < READERS) void this.#read();
    return this.get(photoId).photo;
  }

  async #read(): Promise<void> {
    this.#readers++;
    // The answer that lists a photo leaves before the news about it.
    await new Promise((resolve) => setImmediate(resolve));
    for (let id = this.#unread.shift(); id !== undefined; id = this.#unread.shift()) {
      const path = this.#photos.get(id)?.path;
      if (path !== undefined) await this.#readHeader(id, path);
    }
    this.#readers--;
  }

  async #readHeader(id: string, path: string): Promise<void> {
    try {
      const read = await this.#watch.around(path, () => inspectPhoto(path), 'header');
      const { format, width, height, depth, hasAlpha, colour, bytes, frames, notes } = read;
      const info = { format, width, height, depth, hasAlpha, colour: colour.profileName ?? colour.space };
      this.change(id, { state: 'ready', info: { ...info, bytes, frames, notes }, error: undefined });
    } catch (error) {
      const { path: _, ...plain } = toPlainError(error);
      this.change(id, { state: 'skipped', error: plain });
    }
  }
}

/** Every ordinary file below a folder, by name; hidden ones and links are left out, so a walk ends and stays inside. */
async function walk(root: string): Promise<{ path: string; name: string; folder: string }[]> {
  const files: { path: string; name: string; folder: string }[] = [];
  const visit = async (folder: string): Promise<void> => {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    entries.sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
    for (const entry of entries) {
      if (entry.name.startsWith('.')) continue;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) await visit(path);
      else if (entry.isFile())
        files.push({ path, name: entry.name, folder: relative(join(root, '..'), folder).split(sep).join('/') });
    }
  };
  await visit(root);
  return files.length > 0 ? files : [{ path: root, name: basename(root), folder: '' }];
}
