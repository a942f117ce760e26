import { type Preview, previewPhoto } from '../engine/photo/preview.ts';
import type { CrashWatch } from './crash-watch.ts';

/** Encoded thumbnails kept; a few kilobytes each. */
const KEPT = 500;

/** Decoders at once: a folder of 300 must not keep the photo at hand waiting. */
const MOST_AT_ONCE = 2;

/** Small pictures of photos, straight from the file, before (and without) decoding it whole. */
export class Previews {
  readonly #watch: CrashWatch;
  readonly #kept = new Map<string, Preview>();
  readonly #waiting: (() => void)[] = [];
  #busy = 0;

  constructor(watch: CrashWatch) {
    this.#watch = watch;
  }

  /** No larger than `edge` px, upright. Large ones go first and are not kept. */
  async get(path: string, edge: number): Promise<Preview> {
    const key = `${edge} ${path}`;
    const small = edge <= 512;
    const kept = this.#kept.get(key);
    if (kept) return kept;
    if (small && this.#busy >= MOST_AT_ONCE) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#busy++;
    try {
      const preview = await this.#watch.around(path, () => previewPhoto(path, { maxEdge: edge }), 'preview');
      if (small) this.#kept.set(key, preview);
      const [oldest] = this.#kept.keys();
      if (this.#kept.size > KEPT && oldest !== undefined) this.#kept.delete(oldest);
      return preview;
    } finally {
      this.#busy--;
      this.#waiting.shift()?.();
    }
  }

  clear(): void {
    this.#kept.clear();
  }
}
