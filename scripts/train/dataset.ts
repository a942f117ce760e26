/** Random training crops from the cache that prepare.ts wrote. Deterministic by seed. */
import { existsSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
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

/** Standard deviation (of 255) under which a crop counts as flat, and the share of flat crops that is kept all the same. */
const flat = { deviation: 6, keep: 0.15 };

export class Dataset {
  readonly index: CacheIndex;
  private readonly file: number;
  /** Cumulative picture areas: a crop is drawn evenly over all pixels there are. */
  private readonly areas: number[] = [];

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
    let total = 0;
    for (const picture of this.index.pictures) {
      total += picture.width * picture.height;
      this.areas.push(total);
    }
  }

  /** `count` aligned crops of side² low-resolution and (4·side)² high-resolution pixels, flipped and turned at random. */
  batch(count: number, side: number, random: Random): Batch {
    const low = new Float32Array(count * side * side * 3);
    const high = new Float32Array(count * side * side * 48);
    for (let i = 0; i < count; i++) {
      const crop = this.crop(side, random);
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

  private crop(side: number, random: Random): { low: Uint8Array; high: Uint8Array } {
    for (let attempt = 0; ; attempt++) {
      const picture = this.pick(random);
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

  private pick(random: Random): CacheEntry {
    const wanted = random.next() * (this.areas.at(-1) as number);
    let from = 0;
    let to = this.areas.length - 1;
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((this.areas[middle] as number) > wanted) to = middle;
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

function deviation(pixels: Uint8Array): number {
  let sum = 0;
  let squares = 0;
  for (const value of pixels) {
    sum += value;
    squares += value * value;
  }
  const mean = sum / pixels.length;
  return Math.sqrt(Math.max(0, squares / pixels.length - mean * mean));
}
