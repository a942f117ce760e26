/**
 * The field's low resolution: MATLAB's `imresize(picture, 1/factor, 'bicubic')`, that is Catmull-Rom (a = −0.5) with its
 * support widened by the factor (antialiased), edges mirrored with the border pixel repeated, rounded to bytes at the
 * end. Against the published Set5 pairs it reaches 53–56 dB, which is rounding. (libvips reduces in two steps and does not.)
 */
import { mirror } from '../../electron/engine/run/tensor.ts';

/** Interleaved 8-bit RGB. */
export interface Picture {
  width: number;
  height: number;
  /** width · height · 3 bytes, row-major, RGB. */
  pixels: Uint8Array;
}

/** Shrinks by a whole factor; width and height must be multiples of it. Returns unrounded float values, 0…255 and a little beyond. */
export function shrinkToFloat(pixels: ArrayLike<number>, width: number, height: number, factor: number): Float32Array {
  if (width % factor || height % factor)
    throw new Error(`Expected sides that ${factor} divides but received ${width} × ${height}.`);
  const w = width / factor;
  const h = height / factor;
  const rows = new Float32Array(w * height * 3);
  const across = taps(width, factor);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < w; x++) {
      let r = 0;
      let g = 0;
      let b = 0;
      for (let t = 0; t < across.count; t++) {
        const weight = across.weights[t] as number;
        const from = (y * width + (across.index[x * across.count + t] as number)) * 3;
        r += weight * (pixels[from] as number);
        g += weight * (pixels[from + 1] as number);
        b += weight * (pixels[from + 2] as number);
      }
      rows.set([r, g, b], (y * w + x) * 3);
    }
  const result = new Float32Array(w * h * 3);
  const down = taps(height, factor);
  for (let y = 0; y < h; y++)
    for (let t = 0; t < down.count; t++) {
      const weight = down.weights[t] as number;
      const from = (down.index[y * down.count + t] as number) * w * 3;
      const to = y * w * 3;
      for (let i = 0; i < w * 3; i++) result[to + i] = (result[to + i] as number) + weight * (rows[from + i] as number);
    }
  return result;
}

/** Shrinks by a whole factor, after cutting the right and bottom edge to a multiple of it. */
export function shrink(picture: Picture, factor: number): Picture {
  const cut = cropToMultiple(picture, factor);
  const values = shrinkToFloat(cut.pixels, cut.width, cut.height, factor);
  // Uint8ClampedArray rounds halves to even; imresize's uint8 rounds them up. The difference is one level in rare ties.
  return {
    width: cut.width / factor,
    height: cut.height / factor,
    pixels: new Uint8Array(Uint8ClampedArray.from(values).buffer),
  };
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

/** Since the factor is whole, every output pixel has the same weights; only the source positions move. */
function taps(length: number, factor: number): { count: number; weights: number[]; index: Int32Array } {
  const a = -0.5;
  const cubic = (value: number) => {
    const d = Math.abs(value);
    if (d <= 1) return (a + 2) * d ** 3 - (a + 3) * d * d + 1;
    return d < 2 ? a * d ** 3 - 5 * a * d * d + 8 * a * d - 4 * a : 0;
  };
  const count = 4 * factor;
  const first = -Math.ceil((3 * factor) / 2);
  const centre = (factor - 1) / 2;
  const raw = Array.from({ length: count }, (_, t) => cubic((first + t - centre) / factor));
  const sum = raw.reduce((total, value) => total + value, 0);
  const out = length / factor;
  const index = new Int32Array(out * count);
  for (let o = 0; o < out; o++)
    for (let t = 0; t < count; t++) index[o * count + t] = mirror(o * factor + first + t, length);
  return { count, weights: raw.map((value) => value / sum), index };
}
