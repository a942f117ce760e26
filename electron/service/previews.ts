import { tmpdir } from 'node:os';
import type { ViewSpace } from '../contract.ts';
import { sharp } from '../engine/imaging.ts';
import { openSource } from '../engine/source-file.ts';

export interface Preview {
  readonly type: string;
  readonly bytes: Buffer;
}

/** Encoded thumbnails kept; a few kilobytes each. */
const KEPT = 500;

/** Decoders at once: a folder of 300 must not keep the photo at hand waiting. */
const MOST_AT_ONCE = 2;

/** Small pictures of photos, straight from the file, before (and without) decoding it whole. */
export class Previews {
  readonly #kept = new Map<string, Preview>();
  readonly #waiting: (() => void)[] = [];
  #busy = 0;

  /** No larger than `edge` px, upright. Large ones go first and are not kept. */
  async get(path: string, edge: number, space: ViewSpace): Promise<Preview> {
    const key = `${edge} ${space} ${path}`;
    const small = edge <= 512;
    const kept = this.#kept.get(key);
    if (kept) return kept;
    if (small && this.#busy >= MOST_AT_ONCE) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#busy++;
    try {
      const preview = await make(path, edge, space);
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

async function make(path: string, edge: number, space: ViewSpace): Promise<Preview> {
  const source = await openSource(path);
  const { name, release } = await source.literalName(tmpdir());
  try {
    const small = sharp(name, { failOn: 'none', limitInputPixels: 300_000_000, sequentialRead: true })
      .autoOrient()
      .resize(edge, edge, { fit: 'inside', withoutEnlargement: true, kernel: 'linear' })
      .withIccProfile(space === 'display-p3' ? 'p3' : 'srgb');
    const { hasAlpha } = await sharp(name, { failOn: 'none' }).metadata();
    if (hasAlpha) return { type: 'image/webp', bytes: await small.webp({ quality: 80, effort: 0 }).toBuffer() };
    return { type: 'image/jpeg', bytes: await small.jpeg({ quality: 85, optimiseCoding: false }).toBuffer() };
  } finally {
    await release();
  }
}
