import {
  closeSync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { writingError } from '../file-errors.ts';
import { syncFolderNow } from '../output/disk-abilities.ts';
import { writeFully } from '../photo/full-write.ts';

/**
 * A file of records, one JSON object a line, that only grows. A record is on the disk when `append` returns, so whatever
 * moment the process is killed at, reading the file again gives every record appended before, and at most half of one
 * more, which is cut off.
 */
export class Journal<Entry> {
  readonly path: string;
  #file: number;
  #length: number;

  private constructor(path: string, file: number) {
    this.path = path;
    this.#file = file;
    this.#length = fstatSync(file).size;
  }

  /** Opens or makes the journal; `entries` are the records it already holds. */
  static open<Entry>(path: string): { journal: Journal<Entry>; entries: Entry[] } {
    mkdirSync(dirname(path), { recursive: true });
    // A rewriting that was killed before it took effect.
    rmSync(`${path}.new`, { force: true });
    const file = openSync(path, 'a+');
    try {
      const { entries, length } = readEntries<Entry>(path);
      if (length < fstatSync(file).size) ftruncateSync(file, length);
      syncFolderNow(dirname(path));
      return { journal: new Journal<Entry>(path, file), entries };
    } catch (error) {
      closeSync(file);
      throw error;
    }
  }

  /**
   * Writes records and waits until the disk has them. On a full disk nothing of them stays.
   * @throws FourfoldError `disk-full`, `target-unwritable`, `drive-gone`
   */
  append(...entries: Entry[]): void {
    if (entries.length === 0) return;
    const bytes = Buffer.from(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
    try {
      writeFully(this.#file, bytes);
      fdatasyncSync(this.#file);
      this.#length += bytes.length;
    } catch (error) {
      ftruncateSync(this.#file, this.#length);
      throw writingError(error, this.path);
    }
  }

  /**
   * Replaces everything by these records, at once or not at all.
   * @throws FourfoldError `disk-full`, `target-unwritable`, `drive-gone`
   */
  rewrite(entries: readonly Entry[]): void {
    const draft = `${this.path}.new`;
    try {
      writeDraft(draft, Buffer.from(entries.map((entry) => `${JSON.stringify(entry)}\n`).join('')));
      renameSync(draft, this.path);
      syncFolderNow(dirname(this.path));
      this.close();
      this.#file = openSync(this.path, 'a');
      this.#length = fstatSync(this.#file).size;
    } catch (error) {
      rmSync(draft, { force: true });
      throw writingError(error, this.path);
    }
  }

  close(): void {
    if (this.#file >= 0) closeSync(this.#file);
    this.#file = -1;
  }
}

/** The whole records of a journal and the byte they end at. A line that is no JSON (a damaged disk) is passed over. */
export function readEntries<Entry>(path: string): { entries: Entry[]; length: number } {
  const bytes = readFileSync(path);
  const length = bytes.lastIndexOf(0x0a) + 1;
  const entries: Entry[] = [];
  for (const line of bytes.subarray(0, length).toString('utf8').split('\n')) {
    if (!line) continue;
    try {
      entries.push(JSON.parse(line) as Entry);
    } catch {}
  }
  return { entries, length };
}

function writeDraft(path: string, bytes: Buffer): void {
  const file = openSync(path, 'w');
  try {
    writeFully(file, bytes);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
