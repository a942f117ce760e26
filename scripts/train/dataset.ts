/** Random training crops from the cache that prepare.ts wrote. Deterministic by seed. */
import { existsSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { enlargeBicubic } from './enlarge.ts';
import type { Random } from './random.ts';

export interface CacheEntry {
  /** Path below the folder it came from. */
  name: string;
  /** Of the high resolution; multiples of 4. */
  width: number;
  height: number;
  /** Byte offsets in pictures.bin: interleaved 8-bit RGB, the low resolution is width/4 × height/4. */
  high: number;
  low: number;
  /** Of the high-resolution pixels. */
  sha256: string;
}

export interface CacheIndex {
  version: 1;
  folders: string[];
  bytes: number;
  pictures: CacheEntry[];
}

export interface Batch {
  /** float32 NHWC RGB 0…1, batch × side × side × 3 */
  low: Float32Array;
  /** float32 NHWC RGB 0…1, batch × 4·side × 4·side × 3 */
  high: Float32Array;
}

/** Pixels a picture counts for at most in a richer choice: 20 wallpapers held 33 % of those of 500 photos and their halves. */
const mostPixels = 800_000;

interface Crop {
  low: Uint8Array;
  high: Uint8Array;
}

/** Standard deviation in a channel (of 255) under which a crop counts as flat, and the share of flat crops that is kept all the same. */
const flat = { deviation: 6, keep: 0.15 };

export class Dataset {
  readonly index: CacheIndex;
  private readonly file: number;
  /** Cumulative picture areas: a crop is drawn evenly over all pixels there are. */
  private readonly areas: number[];
  /** The same with no picture above `mostPixels`. */
  private readonly limitedAreas: number[];

  constructor(folder: string) {
    const indexPath = join(folder, 'pictures.json');
    if (!existsSync(indexPath))
      throw new Error(
        `There is no training data in ${folder}. Make it with: npm run train:data -- <folders of photos>`,
      );
    this.index = JSON.parse(readFileSync(indexPath, 'utf8')) as CacheIndex;
    if (this.index.pictures.length === 0) throw new Error(`The training data in ${folder} holds no picture.`);
    this.file = openSync(join(folder, 'pictures.bin'), 'r');
    // Two files cannot be renamed at once: after a kill in between, the pixels are not those of the index.
    if (fstatSync(this.file).size !== this.index.bytes)
      throw new Error(`The training data in ${folder} is torn. Make it again with: npm run train:data -- <folders>`);
    this.areas = this.cumulative(Number.POSITIVE_INFINITY);
    this.limitedAreas = this.cumulative(mostPixels);
  }

  private cumulative(most: number): number[] {
    let total = 0;
    return this.index.pictures.map(({ width, height }) => {
      total += Math.min(most, width * height);
      return total;
    });
  }

  /**
   * `count` aligned crops of side² low-resolution and (4·side)² high-resolution pixels, flipped and turned at random.
   * `richer`: of two crops always the one of which bicubic leaves more to do, and less from pictures that are large.
   */
  batch(count: number, side: number, random: Random, { richer = false }: { richer?: boolean } = {}): Batch {
    const low = new Float32Array(count * side * side * 3);
    const high = new Float32Array(count * side * side * 48);
    for (let i = 0; i < count; i++) {
      const crop = richer ? this.richerCrop(side, random) : this.crop(side, random, this.areas);
      const turn = random.below(8);
      place(crop.low, side, turn, low, i * side * side * 3);
      place(crop.high, 4 * side, turn, high, i * side * side * 48);
    }
    return { low, high };
  }

  /** How many pictures are as large as a crop of `side` source pixels; the others are never drawn from. */
  asLargeAs(side: number): number {
    return this.index.pictures.filter(({ width, height }) => Math.min(width, height) >= 4 * side).length;
  }

  private richerCrop(side: number, random: Random): Crop {
    const [first, second] = [this.crop(side, random, this.limitedAreas), this.crop(side, random, this.limitedAreas)];
    return leftByBicubic(second, side) > leftByBicubic(first, side) ? second : first;
  }

  private crop(side: number, random: Random, areas: readonly number[]): Crop {
    for (let attempt = 0; ; attempt++) {
      const picture = this.pick(random, areas);
      const w = picture.width / 4;
      const h = picture.height / 4;
      if (w < side || h < side) {
        if (attempt > 1000)
          throw new Error(`No picture of the training data is as large as a crop of ${4 * side} pixels.`);
        continue;
      }
      const x = random.below(w - side + 1);
      const y = random.below(h - side + 1);
      const high = this.cut(picture.high, picture.width, 4 * x, 4 * y, 4 * side);
      if (attempt < 20 && deviation(high) < flat.deviation && random.next() > flat.keep) continue;
      return { high, low: this.cut(picture.low, w, x, y, side) };
    }
  }

  private pick(random: Random, areas: readonly number[]): CacheEntry {
    const wanted = random.next() * (areas.at(-1) as number);
    let from = 0;
    let to = areas.length - 1;
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((areas[middle] as number) > wanted) to = middle;
      else from = middle + 1;
    }
    return this.index.pictures[from] as CacheEntry;
  }

  private cut(offset: number, width: number, x: number, y: number, side: number): Uint8Array {
    const rows = new Uint8Array(((side - 1) * width + side) * 3);
    readSync(this.file, rows, 0, rows.length, offset + (y * width + x) * 3);
    const result = new Uint8Array(side * side * 3);
    for (let row = 0; row < side; row++) {
      const start = row * width * 3;
      result.set(rows.subarray(start, start + side * 3), row * side * 3);
    }
    return result;
  }
}

/** One of the eight symmetries of the square, bytes → 0…1. */
function place(from: Uint8Array, side: number, turn: number, to: Float32Array, at: number): void {
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      let u = turn & 1 ? side - 1 - x : x;
      let v = turn & 2 ? side - 1 - y : y;
      if (turn & 4) [u, v] = [v, u];
      const source = (v * side + u) * 3;
      const target = at + (y * side + x) * 3;
      for (let c = 0; c < 3; c++) to[target + c] = (from[source + c] as number) / 255;
    }
}

/** Mean size of what bicubic lacks, in levels of 255. */
function leftByBicubic({ low, high }: Crop, side: number): number {
  const { pixels } = enlargeBicubic({ width: side, height: side, pixels: low }, 4);
  let sum = 0;
  for (let i = 0; i < high.length; i++) sum += Math.abs((high[i] as number) - (pixels[i] as number));
  return sum / high.length;
}

/** Of each channel about its own mean (a blue sky is as flat as a grey one), root mean square of the three. */
function deviation(pixels: Uint8Array): number {
  const sums = [0, 0, 0];
  let squares = 0;
  for (let i = 0; i < pixels.length; i++) {
    const value = pixels[i] as number;
    sums[i % 3] = (sums[i % 3] as number) + value;
    squares += value * value;
  }
  const count = pixels.length / 3;
  const ofMeans = sums.reduce((total, sum) => total + (sum / count) ** 2, 0);
  return Math.sqrt(Math.max(0, (squares / count - ofMeans) / 3));
}
