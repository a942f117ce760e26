import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Picture } from './bicubic.ts';
import type { Scores } from './scores.ts';

/** Raise it when a measure changes, so that no figure of the old one is taken for the new. */
const VERSION = 2;

/**
 * Remembers the scores of pictures by their very pixels: bicubic, and a weight set that did not change, are measured
 * once. The figures are the same as without it; only the time is not.
 */
export class ScoreMemory {
  readonly #path: string;
  readonly #known: Record<string, Scores>;

  constructor(path: string) {
    this.#path = path;
    this.#known = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
  }

  /** `measures` names what is scored, so that a quick score is not taken for a full one. */
  key(result: Picture, original: Picture, source: Picture, measures: string): string {
    const hash = createHash('sha256').update(`${VERSION} ${measures} ${result.width} ${original.width}`);
    for (const { pixels } of [result, original, source]) hash.update(pixels);
    return hash.digest('hex').slice(0, 32);
  }

  get(key: string): Scores | undefined {
    return this.#known[key];
  }

  put(key: string, scores: Scores): void {
    this.#known[key] = scores;
  }

  save(): void {
    mkdirSync(dirname(this.#path), { recursive: true });
    writeFileSync(`${this.#path}.new`, JSON.stringify(this.#known));
    renameSync(`${this.#path}.new`, this.#path);
  }
}
