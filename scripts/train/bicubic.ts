/**
 * The field's low resolution: MATLAB's `imresize(picture, 1/factor, 'bicubic')`, that is Catmull-Rom (a = −0.5) with its
 * support widened by the factor (antialiased). (libvips reduces in two steps and gives others.)
 */
import { mirror } from '../../electron/engine/run/tensor.ts';

/** Interleaved 8-bit RGB. */
export interface Picture {
  width: number;
  height: number;
  /** width · height · 3 bytes, row-major, RGB. */
  pixels: Uint8Array;
}

/**
 * Shrinks by a whole factor; width and height must be multiples of it. Returns unrounded float values, 0…255 and a little
 * beyond. Edges are mirrored, the edge pixel repeated: with that NIQE gives baboon the 5.7296 that MATLAB gives, with the
 * edge pixel all the way 5.7191.
 */
export function shrinkToFloat(pixels: ArrayLike<number>, width: number, height: number, factor: number): Float32Array {
  if (width % factor || height % factor)
    throw new Error(`Expected sides that ${factor} divides but received ${width} × ${height}.`);
  const [w, h] = [width / factor, height / factor];
  const rows = shrinkAcross(pixels, width, taps(width, factor, mirror), new Float32Array(w * height * 3));
  return shrinkDown(rows, w, taps(height, factor, mirror), new Float32Array(w * h * 3));
}

/**
 * Shrinks by a whole factor, after cutting the right and bottom edge to a multiple of it. As imresize does with bytes: down
 * first, rounded, then across, rounded again, beyond the edge the edge pixel. With the edge mirrored between 45 and 1,011
 * bytes of each of the 19 published pictures of Set5 and Set14 were others; so they are all the same.
 */
export function shrink(picture: Picture, factor: number): Picture {
  const { width, height, pixels } = cropToMultiple(picture, factor);
  const [w, h] = [width / factor, height / factor];
  const rows = shrinkDown(pixels, width, taps(height, factor, repeat), new Float64Array(width * h * 3));
  const result = shrinkAcross(toBytes(rows), width, taps(width, factor, repeat), new Float64Array(w * h * 3));
  return { width: w, height: h, pixels: toBytes(result) };
}

type Floats = Float32Array | Float64Array;

/** Weighted sums of each column of lines of `width` RGB pixels, into `result`, which is zero. */
function shrinkDown<Result extends Floats>(
  pixels: ArrayLike<number>,
  width: number,
  { count, weights, index }: Taps,
  result: Result,
): Result {
  const row = width * 3;
  for (let to = 0, tap = 0; to < result.length; to += row)
    for (let t = 0; t < count; t++, tap++) {
      const from = (index[tap] as number) * row;
      const weight = weights[t] as number;
      for (let i = 0; i < row; i++) result[to + i] = (result[to + i] as number) + weight * (pixels[from + i] as number);
    }
  return result;
}

/** The same of each line. */
function shrinkAcross<Result extends Floats>(
  pixels: ArrayLike<number>,
  width: number,
  { count, weights, index }: Taps,
  result: Result,
): Result {
  const w = index.length / count;
  for (let at = 0; at < result.length; at++) {
    const x = Math.floor(at / 3) % w;
    const start = Math.floor(at / (3 * w)) * width * 3 + (at % 3);
    let sum = 0;
    for (let t = 0; t < count; t++)
      sum += (weights[t] as number) * (pixels[start + (index[x * count + t] as number) * 3] as number);
    result[at] = sum;
  }
  return result;
}

/** Halves up, as MATLAB rounds. (Uint8ClampedArray rounds them to even.) */
function toBytes(values: Float64Array): Uint8Array {
  const bytes = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++)
    bytes[i] = Math.min(255, Math.max(0, Math.floor((values[i] as number) + 0.5)));
  return bytes;
}

/** The pixel that stands for `position` beyond a line of `length` pixels: the one at the edge. */
function repeat(position: number, length: number): number {
  return Math.min(length - 1, Math.max(0, position));
}

/** The top left part whose sides are multiples of `factor`. */
export function cropToMultiple(picture: Picture, factor: number): Picture {
  const width = picture.width - (picture.width % factor);
  const height = picture.height - (picture.height % factor);
  if (width === picture.width && height === picture.height) return picture;
  const pixels = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const row = y * picture.width * 3;
    pixels.set(picture.pixels.subarray(row, row + width * 3), y * width * 3);
  }
  return { width, height, pixels };
}

/** The cubic convolution kernel (Keys 1981) with a = −0.5: Catmull-Rom. */
export function cubic(distance: number): number {
  const a = -0.5;
  const d = Math.abs(distance);
  if (d <= 1) return (a + 2) * d ** 3 - (a + 3) * d * d + 1;
  return d < 2 ? a * d ** 3 - 5 * a * d * d + 8 * a * d - 4 * a : 0;
}

/** `count` source positions for each output pixel, one output pixel after another, and their weights. */
interface Taps {
  readonly count: number;
  readonly weights: readonly number[];
  readonly index: Int32Array;
}

/** Since the factor is whole, every output pixel has the same weights; only the source positions move. */
function taps(length: number, factor: number, edge: (position: number, length: number) => number): Taps {
  const count = 4 * factor;
  const first = -Math.ceil((3 * factor) / 2);
  const centre = (factor - 1) / 2;
  const raw = Array.from({ length: count }, (_, t) => cubic((first + t - centre) / factor));
  const sum = raw.reduce((total, value) => total + value, 0);
  const out = length / factor;
  const index = new Int32Array(out * count);
  for (let o = 0; o < out; o++)
    for (let t = 0; t < count; t++) index[o * count + t] = edge(o * factor + first + t, length);
  return { count, weights: raw.map((value) => value / sum), index };
}
