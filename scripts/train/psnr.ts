import type { Picture } from './bicubic.ts';
import { luma, type Plane, shave } from './plane.ts';

/** Pixels cut from every side before PSNR and SSIM: the scale, as the paper's protocol has it (section 3.1). */
export const SHAVED = 4;

/** Peak signal-to-noise ratio of two planes of one size, in dB against a peak of 255; Infinity when they are equal. */
export function psnrOfPlanes(a: Plane, b: Plane): number {
  if (a.width !== b.width || a.height !== b.height)
    throw new Error(
      `Expected pictures of one size but received ${a.width} × ${a.height} and ${b.width} × ${b.height}.`,
    );
  let sum = 0;
  for (let i = 0; i < a.values.length; i++) {
    const difference = a.values[i]! - b.values[i]!;
    sum += difference * difference;
  }
  return 10 * Math.log10((255 * 255 * a.values.length) / sum);
}

/** PSNR on Y, 4 px shaved: the figure of the paper's tables. */
export function psnr(result: Picture, original: Picture): number {
  return psnrOfPlanes(shave(luma(result), SHAVED), shave(luma(original), SHAVED));
}
