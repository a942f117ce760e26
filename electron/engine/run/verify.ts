import { FourfoldError } from '../errors.ts';
import { sharp } from '../photo/imaging.ts';
import type { Raster } from '../photo/raster.ts';

/** Why a tile's result is not to be trusted. */
export type TileVerdict = 'ok' | 'black' | 'shifted' | 'unlike the source';

// Levels of 255. Measured with both networks: shrunk back, a right result differs by 0.3–2.4 on photos, 5.5 on photos
// with single-pixel detail, 8–13 on white noise and up to 34 on black-and-white noise and stripes, where the source
// itself differs from its surroundings by 50 and more. So the tolerance grows with the source's own roughness.
const UNLIKE = 12;
const UNLIKE_PER_ROUGHNESS = 0.5;
/** Of few pixels the mean says little. */
const UNLIKE_SMALL = 32;
const SMALL_PIXELS = 64;
/** Below this error at no shift there is nothing to explain. */
const SHIFT = 3;
const SHIFT_PER_ROUGHNESS = 0.25;
/** A source brighter than this on average cannot become all black. */
const NOT_BLACK = 4;

/**
 * Shrinks a result back and compares it with what it was made from: a broken driver or a lost device gives black,
 * displaced or foreign pixels without any error.
 * @param source RGB, any depth
 * @param result the same region four times larger, same channels and depth
 */
export function checkTile(source: Raster, result: Raster): TileVerdict {
  const { width, height } = source;
  if (result.width !== width * 4 || result.height !== height * 4) return 'unlike the source';
  const luma = lumaOf(source);
  const before = blurred(luma, width, height);
  if (mean(luma) > NOT_BLACK && isBlack(result)) return 'black';
  const after = blurred(shrunkLuma(result, width, height), width, height);
  const error = difference(before, after, width, height, 0, 0);
  const roughness = difference(before, luma, width, height, 0, 0);
  const least = width * height < SMALL_PIXELS ? UNLIKE_SMALL : UNLIKE;
  if (error > least + UNLIKE_PER_ROUGHNESS * roughness) return 'unlike the source';
  if (error > SHIFT + SHIFT_PER_ROUGHNESS * roughness) {
    for (const step of [1, 2, 4]) {
      if (step * 3 > Math.min(width, height)) break;
      for (const [x, y] of NEIGHBOURS) {
        if (difference(before, after, width, height, x * step, y * step) < error / 2) return 'shifted';
      }
    }
  }
  return 'ok';
}

function mean(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

const NEIGHBOURS = [
  [1, 0],
  [-1, 0],
  [0, 1],
  [0, -1],
  [1, 1],
  [-1, -1],
  [1, -1],
  [-1, 1],
] as const;

function isBlack({ data }: Raster): boolean {
  return data.every((sample) => sample === 0);
}

/** Mean of the colour channels in levels of 255. */
function lumaOf({ width, height, channels, depth, data }: Raster): Float32Array {
  const colours = channels >= 3 ? 3 : 1;
  const scale = 1 / (colours * (depth === 8 ? 1 : 257));
  const luma = new Float32Array(width * height);
  for (let pixel = 0, at = 0; pixel < luma.length; pixel++, at += channels) {
    let sum = data[at]!;
    if (colours === 3) sum += data[at + 1]! + data[at + 2]!;
    luma[pixel] = sum * scale;
  }
  return luma;
}

/** 4×4 averages of the luma of `result`. */
function shrunkLuma(result: Raster, width: number, height: number): Float32Array {
  const { channels, depth, data } = result;
  const colours = channels >= 3 ? 3 : 1;
  const scale = 1 / (16 * colours * (depth === 8 ? 1 : 257));
  const small = new Float32Array(width * height);
  for (let y = 0; y < height * 4; y++) {
    const row = (y >> 2) * width;
    let at = y * width * 4 * channels;
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let i = 0; i < 4; i++, at += channels) {
        sum += data[at]!;
        if (colours === 3) sum += data[at + 1]! + data[at + 2]!;
      }
      small[row + x]! += sum * scale;
    }
  }
  return small;
}

/** 3×3 means: fine grain is the network's to change, what lies below it is not. */
function blurred(luma: Float32Array, width: number, height: number): Float32Array {
  const out = new Float32Array(luma.length);
  for (let y = 0; y < height; y++) {
    const top = Math.max(0, y - 1) * width;
    const middle = y * width;
    const bottom = Math.min(height - 1, y + 1) * width;
    for (let x = 0; x < width; x++) {
      const left = Math.max(0, x - 1);
      const right = Math.min(width - 1, x + 1);
      let sum = 0;
      for (const row of [top, middle, bottom]) sum += luma[row + left]! + luma[row + x]! + luma[row + right]!;
      out[middle + x] = sum / 9;
    }
  }
  return out;
}

/** Mean absolute difference where `after`, moved by (dx, dy), overlaps `before`. */
function difference(
  before: Float32Array,
  after: Float32Array,
  width: number,
  height: number,
  dx: number,
  dy: number,
): number {
  let sum = 0;
  let count = 0;
  for (let y = Math.max(0, -dy); y < Math.min(height, height - dy); y++) {
    for (let x = Math.max(0, -dx); x < Math.min(width, width - dx); x++) {
      sum += Math.abs(before[y * width + x]! - after[(y + dy) * width + x + dx]!);
      count++;
    }
  }
  return count === 0 ? 0 : sum / count;
}

/**
 * Reads a written file from end to end before it gets its name: the right size, and no data missing.
 * @throws FourfoldError 'result-wrong'.
 */
export async function verifyFile(path: string, expected: { width: number; height: number }): Promise<void> {
  try {
    const image = (failOn: 'warning' | 'error') =>
      sharp(path, { limitInputPixels: false, failOn, sequentialRead: true });
    const { width, height, format } = await image('error').metadata();
    if (width !== expected.width || height !== expected.height) {
      throw new Error(`Expected ${expected.width}×${expected.height} but found ${width}×${height}`);
    }
    // One sample in many is kept, but the decoder has to come by all of them.
    // TIFF readers warn about describing tags too, which say nothing of the pixels; missing ones are errors.
    await image(format === 'tiff' ? 'error' : 'warning')
      .resize(16, 16, { fit: 'fill', kernel: 'nearest' })
      .raw()
      .toBuffer();
  } catch (error) {
    throw new FourfoldError(
      'result-wrong',
      'The written file could not be read back. It was not saved. Check the disk, then Retry.',
      { path, cause: error },
    );
  }
}
