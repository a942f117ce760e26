import type { Picture } from './bicubic.ts';
import { filterPlane, gaussianWindow } from './gaussian.ts';
import { luma, type Plane, shave } from './plane.ts';
import { SHAVED } from './psnr.ts';

const window = gaussianWindow(5, 1.5);
// Wang et al. 2004, section III-C: K1 = 0.01, K2 = 0.03, L = 255.
const C1 = (0.01 * 255) ** 2;
const C2 = (0.03 * 255) ** 2;

/** Structural similarity (Wang et al. 2004): 11×11 Gaussian of σ 1.5, only windows wholly inside; 1 means equal. */
export function ssimOfPlanes(a: Plane, b: Plane): number {
  if (a.width !== b.width || a.height !== b.height)
    throw new Error(
      `Expected pictures of one size but received ${a.width} × ${a.height} and ${b.width} × ${b.height}.`,
    );
  const blurred = (left: Plane, right?: Plane) =>
    filterPlane(right ? { ...left, values: left.values.map((v, i) => v * right.values[i]!) } : left, window, 'valid')
      .values;
  const muA = blurred(a);
  const muB = blurred(b);
  const aa = blurred(a, a);
  const bb = blurred(b, b);
  const ab = blurred(a, b);
  let sum = 0;
  for (let i = 0; i < muA.length; i++) {
    const [ma, mb] = [muA[i]!, muB[i]!];
    const [va, vb, cov] = [aa[i]! - ma * ma, bb[i]! - mb * mb, ab[i]! - ma * mb];
    sum += ((2 * ma * mb + C1) * (2 * cov + C2)) / ((ma * ma + mb * mb + C1) * (va + vb + C2));
  }
  return sum / muA.length;
}

/** SSIM on Y, 4 px shaved: the figure of the paper's tables. */
export function ssim(result: Picture, original: Picture): number {
  return ssimOfPlanes(shave(luma(result), SHAVED), shave(luma(original), SHAVED));
}
