import { closeSync, openSync, readSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { setImmediate as breathe } from 'node:timers/promises';
import { writeFully } from '../engine/photo/full-write.ts';
import { createRaster, type PixelSource, type Raster, type Region } from '../engine/photo/raster.ts';

export interface PyramidLevel {
  readonly level: number;
  readonly width: number;
  readonly height: number;
}

/** The level that has the size of the source: the enhanced picture is level 0 and four times as large. */
export const SOURCE_LEVEL = 2;

/** Source samples averaged between two breaths: about 4 ms, so that answers never wait for a large photo. */
const CHUNK_SAMPLES = 1 << 20;

/** Sizes of the source pyramid, down to one that fits in `smallest` px. */
export function pyramidLevels(width: number, height: number, smallest = 512): PyramidLevel[] {
  const levels: PyramidLevel[] = [{ level: SOURCE_LEVEL, width, height }];
  for (let at = levels[0]!; Math.max(at.width, at.height) > smallest; at = levels.at(-1)!)
    levels.push({ level: at.level + 1, width: Math.ceil(at.width / 2), height: Math.ceil(at.height / 2) });
  return levels;
}

/**
 * The source at half, a quarter, … of its size, 8 bits a sample, in one scratch file. For the screen only; exports never
 * see it. Each level is the 2×2 average of the one before.
 */
export class Pyramid {
  readonly levels: readonly PyramidLevel[];
  readonly #source: PixelSource;
  readonly #path: string;
  readonly #file: number;
  readonly #offsets: number[] = [];
  readonly #built: Promise<void>;
  #closed = false;

  constructor(source: PixelSource, path: string) {
    this.#source = source;
    this.#path = path;
    this.levels = pyramidLevels(source.width, source.height);
    this.#file = openSync(path, 'w+', 0o600);
    let offset = 0;
    for (const { level, width, height } of this.levels) {
      this.#offsets.push(offset);
      if (level > SOURCE_LEVEL) offset += width * height * source.channels;
    }
    this.#built = this.#build();
    this.#built.catch(() => {});
  }

  /** Resolves when every level is made. */
  get built(): Promise<void> {
    return this.#built;
  }

  /** A region (px of that level, inside it) as 8-bit samples. */
  async read(level: number, region: Region): Promise<Raster> {
    if (level === SOURCE_LEVEL) return toEightBit(this.#source.read(region));
    await this.#built;
    return this.#read(level, region);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#built.catch(() => {});
    closeSync(this.#file);
    await rm(this.#path, { force: true });
  }

  #read(level: number, { x, y, width, height }: Region): Raster {
    const { channels } = this.#source;
    const index = level - SOURCE_LEVEL;
    const raster = createRaster(width, height, channels, 8);
    for (let row = 0; row < height; row++) {
      const at = this.#offsets[index]! + ((y + row) * this.levels[index]!.width + x) * channels;
      readSync(this.#file, raster.data, row * width * channels, width * channels, at);
    }
    return raster;
  }

  async #build(): Promise<void> {
    for (let index = 1; index < this.levels.length; index++) {
      const from = this.levels[index - 1]!;
      const to = this.levels[index]!;
      const { channels } = this.#source;
      const rows = Math.max(1, Math.floor(CHUNK_SAMPLES / (4 * to.width * channels)));
      for (let y = 0; y < to.height; y += rows) {
        await breathe();
        if (this.#closed) return;
        const height = Math.min(2 * rows, from.height - 2 * y);
        const region = { x: 0, y: 2 * y, width: from.width, height };
        const half = halve(index === 1 ? toEightBit(this.#source.read(region)) : this.#read(from.level, region));
        writeFully(this.#file, half.data as Uint8Array, this.#offsets[index]! + y * to.width * channels);
      }
    }
  }
}

/** 2×2 averages; an odd last column or row is averaged over what there is. */
export function halve(raster: Raster): Raster {
  const { width, height, channels, depth, data } = raster;
  const out = createRaster(Math.ceil(width / 2), Math.ceil(height / 2), channels, depth);
  let to = 0;
  for (let y = 0; y < out.height; y++) {
    const top = 2 * y * width * channels;
    const bottom = 2 * y + 1 < height ? top + width * channels : top;
    for (let x = 0; x < out.width; x++) {
      const left = 2 * x * channels;
      const right = 2 * x + 1 < width ? left + channels : left;
      for (let c = 0; c < channels; c++)
        out.data[to++] =
          (data[top + left + c]! + data[top + right + c]! + data[bottom + left + c]! + data[bottom + right + c]! + 2) >>
          2;
    }
  }
  return out;
}

/** The samples as the screen shows them. */
export function toEightBit(raster: Raster): Raster {
  if (raster.depth === 8) return raster;
  const out = createRaster(raster.width, raster.height, raster.channels, 8);
  for (let i = 0; i < out.data.length; i++) out.data[i] = (raster.data[i]! + 128) / 257;
  return out;
}
