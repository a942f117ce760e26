import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { engineStopped } from './engine-stopped.ts';

interface Record {
  /** How often the process died while working on a file. */
  readonly deaths: { readonly [path: string]: number };
  readonly busy: readonly string[];
}

/** A photo at hand when the process died this often is set aside. */
const DEATHS_BORNE = 2;

/**
 * Remembers, over the death of this process, which photos were being read at that moment: one bad file must not end the
 * program at every start.
 */
export class CrashWatch {
  readonly #path: string;
  readonly #deaths = new Map<string, number>();
  readonly #busy = new Map<string, number>();

  constructor(path: string) {
    this.#path = path;
    const { deaths, busy } = read(path);
    for (const [file, count] of Object.entries(deaths)) this.#deaths.set(file, count);
    for (const file of busy) this.#deaths.set(file, (this.#deaths.get(file) ?? 0) + 1);
    if (busy.length > 0) this.#write();
  }

  /** @throws FourfoldError `engine-stopped` for a photo that was set aside */
  check(path: string): void {
    if ((this.#deaths.get(path) ?? 0) >= DEATHS_BORNE) throw engineStopped(path);
  }

  /** Gives a photo that was set aside another chance. */
  forgive(path: string): void {
    if (this.#deaths.delete(path)) this.#write();
  }

  /** Runs `work` on a photo, noted on the disk for as long as it takes. */
  async around<T>(path: string, work: () => Promise<T>): Promise<T> {
    this.check(path);
    this.#busy.set(path, (this.#busy.get(path) ?? 0) + 1);
    this.#write();
    try {
      const result = await work();
      this.#deaths.delete(path);
      return result;
    } finally {
      const left = this.#busy.get(path)! - 1;
      if (left > 0) this.#busy.set(path, left);
      else this.#busy.delete(path);
      this.#write();
    }
  }

  #write(): void {
    const record: Record = { deaths: Object.fromEntries(this.#deaths), busy: [...this.#busy.keys()] };
    try {
      mkdirSync(dirname(this.#path), { recursive: true });
      writeFileSync(this.#path, JSON.stringify(record));
    } catch {
      // A full disk: the watch is a comfort, not a condition.
    }
  }
}

function read(path: string): Record {
  try {
    const { deaths, busy } = JSON.parse(readFileSync(path, 'utf8')) as Record;
    return { deaths: { ...deaths }, busy: [...busy] };
  } catch {
    return { deaths: {}, busy: [] };
  }
}
