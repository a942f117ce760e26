import { existsSync } from 'node:fs';
import { FourfoldError, type PlainError } from '../errors.ts';
import { writingError } from '../file-errors.ts';
import { type AlbumCounts, type AlbumEntry, type AlbumPhoto, changed, countPhotos, replay } from './album-state.ts';
import { settleCrash } from './album-work.ts';
import { Journal, readEntries } from './journal.ts';
import { type ProcessLock, takeLock } from './process-lock.ts';

/**
 * The photos of an album and what became of each: in the journal on the disk first, then in memory, then told. So a
 * process that dies at any moment leaves a journal that knows at least what anybody was told.
 */
export class AlbumRecord<Settings> {
  readonly startedMs: number;
  readonly #photos: Map<string, AlbumPhoto<Settings>>;
  readonly #journal: Journal<AlbumEntry<Settings>>;
  readonly #lock: ProcessLock;
  readonly #tell: (photo: AlbumPhoto<Settings>) => void;
  #next = 1;

  private constructor(
    startedMs: number,
    photos: Map<string, AlbumPhoto<Settings>>,
    journal: Journal<AlbumEntry<Settings>>,
    lock: ProcessLock,
    tell: (photo: AlbumPhoto<Settings>) => void,
  ) {
    this.startedMs = startedMs;
    this.#photos = photos;
    this.#journal = journal;
    this.#lock = lock;
    this.#tell = tell;
    for (const id of photos.keys()) this.#next = Math.max(this.#next, Number(id.slice(1)) + 1);
  }

  /**
   * Opens the journal at `path` and settles what a crash left open: half files go, a file that reached its name counts
   * as done. `fresh` forgets what is in it. `tell` hears of every change.
   * @throws FourfoldError `queue-in-use` while another process has it open; `target-unwritable`, `disk-full`, `drive-gone`
   */
  static async open<Settings>(
    path: string,
    { fresh = false, tell }: { fresh?: boolean; tell: (photo: AlbumPhoto<Settings>) => void },
  ): Promise<AlbumRecord<Settings>> {
    let lock: ProcessLock | undefined;
    let journal: Journal<AlbumEntry<Settings>> | undefined;
    try {
      lock = takeLock(`${path}.lock`);
      const opened = Journal.open<AlbumEntry<Settings>>(path);
      const { entries } = opened;
      journal = opened.journal;
      const { photos, startedMs = Date.now() } = replay(fresh ? [] : entries);
      for (const photo of await settleCrash(photos.values())) photos.set(photo.id, photo);
      journal.rewrite([
        { kind: 'album', version: 1, startedMs },
        ...[...photos.values()].map((photo) => ({ kind: 'photo', photo }) as const),
      ]);
      return new AlbumRecord(startedMs, photos, journal, lock, tell);
    } catch (error) {
      journal?.close();
      lock?.release();
      throw writingError(error, path);
    }
  }

  /** In the order they were added. */
  get photos(): AlbumPhoto<Settings>[] {
    return [...this.#photos.values()];
  }

  photo(id: string): AlbumPhoto<Settings> | undefined {
    return this.#photos.get(id);
  }

  get counts(): AlbumCounts {
    return countPhotos(this.#photos.values());
  }

  /** The first that waits and is not `busy`. */
  waiting(busy: { has(id: string): boolean }): AlbumPhoto<Settings> | undefined {
    for (const photo of this.#photos.values()) if (photo.state === 'waiting' && !busy.has(photo.id)) return photo;
    return undefined;
  }

  /** Adds photos at the end. */
  add(wanted: readonly { readonly source: string; readonly settings: Settings }[]): AlbumPhoto<Settings>[] {
    const photos = wanted.map(
      (photo): AlbumPhoto<Settings> => ({ ...photo, id: `p${this.#next++}`, state: 'waiting' }),
    );
    this.#journal.append(...photos.map((photo) => ({ kind: 'photo', photo }) as const));
    for (const photo of photos) {
      this.#photos.set(photo.id, photo);
      this.#tell(photo);
    }
    return photos;
  }

  /**
   * Changes a photo. Returns the fault when the line could not be written; before the final name, when the photo must
   * not go on without it, throws it instead.
   */
  change(id: string, change: Partial<AlbumPhoto<Settings>>): PlainError | undefined {
    const photo = this.#photos.get(id);
    if (!photo) return undefined;
    let fault: FourfoldError | undefined;
    try {
      this.#journal.append({ kind: 'change', ...change, id });
    } catch (cause) {
      fault = this.#faultOf(cause);
      // Afterwards the file is there, and the `placing` line says so.
      if (change.placing || change.state === 'running') throw fault;
    }
    const next = changed(photo, change);
    this.#photos.set(id, next);
    this.#tell(next);
    return fault?.toPlain();
  }

  #faultOf(cause: unknown): FourfoldError {
    if (cause instanceof FourfoldError && cause.code !== 'disk-full') return cause;
    return new FourfoldError(
      'disk-full',
      'The disk is full. Finished files are intact; the queue is paused. Free some space, then resume.',
      { path: this.#journal.path, cause },
    );
  }

  /** Gives photos other settings. */
  adjust(changes: readonly { readonly id: string; readonly settings: Settings }[]): void {
    const known = changes.filter(({ id }) => this.#photos.has(id));
    this.#journal.append(...known.map(({ id, settings }) => ({ kind: 'change', id, settings }) as const));
    for (const { id, settings } of known) {
      const next = changed(this.#photos.get(id)!, { settings });
      this.#photos.set(id, next);
      this.#tell(next);
    }
  }

  /** Whether another photo has (or is about to get) this path; letter case aside, as many disks do. */
  isTaken(path: string, except: string): boolean {
    const wanted = path.toLowerCase();
    for (const { id, result, placing } of this.#photos.values()) {
      if (id === except) continue;
      if (result?.sha256 && result.path.toLowerCase() === wanted) return true;
      if (placing?.target.toLowerCase() === wanted) return true;
    }
    return false;
  }

  /** Takes photos off the list. */
  remove(ids: readonly string[]): void {
    if (ids.length === 0) return;
    this.#journal.append({ kind: 'removed', ids });
    for (const id of ids) this.#photos.delete(id);
  }

  /** Frees the journal for another process. */
  close(): void {
    this.#journal.close();
    this.#lock.release();
  }
}

export function isEnded({ state }: AlbumPhoto<unknown>): boolean {
  return state === 'done' || state === 'failed' || state === 'skipped' || state === 'cancelled';
}

/** The photos in a journal, without opening (and locking) the album. */
export function readAlbum<Settings>(journal: string): AlbumPhoto<Settings>[] {
  if (!existsSync(journal)) return [];
  return [...replay(readEntries<AlbumEntry<Settings>>(journal).entries).photos.values()];
}
