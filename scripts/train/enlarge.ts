import { mirror } from '../../electron/engine/run/tensor.ts';
import { cubic, type Picture } from './bicubic.ts';

/** Every pixel `factor` × `factor` times. */
export function enlargeNearest(picture: Picture, factor: number): Picture {
  const width = picture.width * factor;
  const height = picture.height * factor;
  const pixels = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const from = (Math.floor(y / factor) * picture.width + Math.floor(x / factor)) * 3;
      pixels.set(picture.pixels.subarray(from, from + 3), (y * width + x) * 3);
    }
  return { width, height, pixels };
}

/** MATLAB's `imresize(picture, factor, 'bicubic')` for a whole factor: Catmull-Rom (a = −0.5), mirrored edges, rounded. */
export function enlargeBicubic(picture: Picture, factor: number): Picture {
  const { width, height } = picture;
  const across = phases(factor);
  const rows = new Float32Array(width * factor * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width * factor; x++) {
      const { first, weights } = across[x % factor]!;
      for (let t = 0; t < 4; t++) {
        const from = (y * width + mirror(Math.floor(x / factor) + first + t, width)) * 3;
        for (let c = 0; c < 3; c++) rows[(y * width * factor + x) * 3 + c]! += weights[t]! * picture.pixels[from + c]!;
      }
    }
  const row = width * factor * 3;
  const pixels = new Uint8ClampedArray(row * height * factor);
  const sums = new Float32Array(row);
  for (let y = 0; y < height * factor; y++) {
    sums.fill(0);
    const { first, weights } = across[y % factor]!;
    for (let t = 0; t < 4; t++) {
      const from = mirror(Math.floor(y / factor) + first + t, height) * row;
      for (let i = 0; i < row; i++) sums[i]! += weights[t]! * rows[from + i]!;
    }
    pixels.set(sums, y * row);
  }
  return { width: width * factor, height: height * factor, pixels: new Uint8Array(pixels.buffer) };
}

/** For each of the `factor` output positions in a source pixel: the first of four source pixels, and their weights. */
function phases(factor: number): { first: number; weights: number[] }[] {
  return Array.from({ length: factor }, (_, phase) => {
    const offset = (phase + 0.5) / factor - 0.5;
    const first = Math.floor(offset) - 1;
    return { first, weights: [0, 1, 2, 3].map((t) => cubic(first + t - offset)) };
  });
}
