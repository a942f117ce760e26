import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { KeptPhoto } from './photo-list.ts';

export interface SessionRecord {
  readonly photos: readonly KeptPhoto[];
  readonly albumRunning: boolean;
}

/** Changes are gathered for this long, ms. */
const GATHER = 300;

/** What is open, so that a restart after a crash goes on where the page still is. Gone after a normal end. */
export class SessionFile {
  readonly #path: string;
  #next: (() => SessionRecord) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  /** The run before this one left its file here, so it did not end in order. */
  readonly crashed: boolean;

  constructor(path: string) {
    this.#path = path;
    this.crashed = existsSync(path);
  }

  read(): SessionRecord {
    try {
      return JSON.parse(readFileSync(this.#path, 'utf8')) as SessionRecord;
    } catch {
      return { photos: [], albumRunning: false };
    }
  }

  /** @param record asked when the time has come, so that a thousand changes cost one list */
  write(record: () => SessionRecord): void {
    this.#next = record;
    if (this.#closed || this.#timer) return;
    this.#timer = setTimeout(() => this.#flush(), GATHER);
    this.#timer.unref();
  }

  clear(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    rmSync(this.#path, { force: true });
  }

  #flush(): void {
    this.#timer = undefined;
    try {
      mkdirSync(dirname(this.#path), { recursive: true });
      writeFileSync(`${this.#path}.new`, JSON.stringify(this.#next?.()));
      renameSync(`${this.#path}.new`, this.#path);
    } catch {
      // A full disk: only the comfort after a crash is lost.
    }
  }
}
