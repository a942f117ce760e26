import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheHome } from '../user-folders.ts';

/**
 * What was found out about this machine, so that it is not measured at every start. A small JSON file in the user's
 * cache folder; a file that cannot be read or written only costs another measurement.
 */
export class VerdictStore {
  readonly #path: string;
  #kept: Record<string, unknown> | undefined;

  constructor(folder = cacheFolder()) {
    this.#path = join(folder, 'verdicts.json');
  }

  read<T>(key: string): T | undefined {
    return this.#all()[key] as T | undefined;
  }

  write(key: string, verdict: unknown): void {
    const all = { ...this.#all() };
    if (verdict === undefined) delete all[key];
    else all[key] = verdict;
    this.#kept = all;
    const draft = `${this.#path}.${process.pid}`;
    try {
      mkdirSync(join(this.#path, '..'), { recursive: true });
      writeFileSync(draft, JSON.stringify(all, null, 2));
      renameSync(draft, this.#path);
    } catch {
      removeQuietly(draft);
    }
  }

  #all(): Record<string, unknown> {
    if (!this.#kept) {
      try {
        const parsed: unknown = JSON.parse(readFileSync(this.#path, 'utf8'));
        this.#kept = parsed && typeof parsed === 'object' ? (parsed as Record<string, unknown>) : {};
      } catch {
        this.#kept = {};
      }
    }
    return this.#kept;
  }
}

function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Its folder is no folder: nothing was written.
  }
}

/** `FOURFOLD_CACHE`, or the place the system has for such files. */
export function cacheFolder(): string {
  return process.env.FOURFOLD_CACHE || cacheHome();
}
