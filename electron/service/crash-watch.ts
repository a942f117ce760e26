import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { engineStopped } from './engine-stopped.ts';

/** What is read of a photo; where one step is survived, another may not be. */
export type ReadingStep = 'header' | 'preview' | 'pixels';
const STEPS: readonly ReadingStep[] = ['header', 'preview', 'pixels'];

interface Record {
  /** How often the process died at a step (see `keyOf`). */
  readonly deaths: { readonly [key: string]: number };
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
  #suspects: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(path: string) {
    this.#path = path;
    const { deaths, busy } = read(path);
    for (const [key, count] of Object.entries(deaths)) this.#deaths.set(key, count);
    for (const key of busy) this.#deaths.set(key, (this.#deaths.get(key) ?? 0) + 1);
    if (busy.length > 0) this.#write();
  }

  /** @throws FourfoldError `engine-stopped` for a photo that was set aside at this step, or at its header */
  check(path: string, step: ReadingStep = 'pixels'): void {
    const file = fileOf(path);
    for (const each of ['header', step] as const)
      if ((this.#deaths.get(keyOf(file, each)) ?? 0) >= DEATHS_BORNE) throw engineStopped(path);
  }

  /** Gives a photo that was set aside another chance. */
  forgive(path: string): void {
    const file = fileOf(path);
    const known = STEPS.filter((step) => this.#deaths.delete(keyOf(file, step)));
    if (known.length > 0) this.#write();
  }

  /** Runs `work` on a photo, noted on the disk for as long as it takes. */
  async around<T>(path: string, work: () => Promise<T>, step: ReadingStep = 'pixels'): Promise<T> {
    this.check(path, step);
    const key = keyOf(fileOf(path), step);
    if (!this.#deaths.has(key)) return this.#noted(key, work);
    // One after another: of several that were at hand at a death, the next one must not blame them all.
    const turn = this.#suspects.then(() => this.#noted(key, work));
    this.#suspects = turn.catch(() => {});
    return turn;
  }

  /** What is cut short from here on was asked for and is no photo's fault. */
  close(): void {
    this.#busy.clear();
    this.#write();
    this.#closed = true;
  }

  async #noted<T>(key: string, work: () => Promise<T>): Promise<T> {
    this.#busy.set(key, (this.#busy.get(key) ?? 0) + 1);
    this.#write();
    try {
      const result = await work();
      this.#deaths.delete(key);
      return result;
    } finally {
      const left = (this.#busy.get(key) ?? 1) - 1;
      if (left > 0) this.#busy.set(key, left);
      else this.#busy.delete(key);
      this.#write();
    }
  }

  #write(): void {
    if (this.#closed) return;
    const record: Record = { deaths: Object.fromEntries(this.#deaths), busy: [...this.#busy.keys()] };
    try {
      mkdirSync(dirname(this.#path), { recursive: true });
      writeFileSync(this.#path, JSON.stringify(record));
    } catch {
      // A full disk: the watch is a comfort, not a condition.
    }
  }
}

/** Another file at the same path, or the same one mended, is not blamed for what this one did. */
function fileOf(path: string): string {
  try {
    const { size, mtimeMs } = statSync(path);
    return `${size} ${mtimeMs} ${path}`;
  } catch {
    return path;
  }
}

const keyOf = (file: string, step: ReadingStep): string => `${step} ${file}`;

function read(path: string): Record {
  try {
    const { deaths, busy } = JSON.parse(readFileSync(path, 'utf8')) as Record;
    return { deaths: { ...deaths }, busy: [...busy] };
  } catch {
    return { deaths: {}, busy: [] };
  }
}
