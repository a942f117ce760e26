import { type Picture, shrinkToFloat } from './bicubic.ts';

/** How well a result, shrunk again, agrees with the picture it was made from. */
export interface Consistency {
  /** PSNR over all three channels, dB. */
  readonly psnr: number;
  /** Mean of each channel of the shrunk result less that of the source, in levels of 255: red, green, blue. */
  readonly drift: readonly [number, number, number];
}

/** Shrinks the result to the source's size (antialiased bicubic, not rounded) and compares. */
export function consistency(result: Picture, source: Picture): Consistency {
  const factor = result.width / source.width;
  const shrunk = shrinkToFloat(result.pixels, result.width, result.height, factor);
  const drift: [number, number, number] = [0, 0, 0];
  let square = 0;
  for (let i = 0; i < shrunk.length; i++) {
    const difference = Math.min(255, Math.max(0, shrunk[i]!)) - source.pixels[i]!;
    drift[i % 3]! += difference / (shrunk.length / 3);
    square += difference * difference;
  }
  return { psnr: 10 * Math.log10((255 * 255 * shrunk.length) / square), drift };
}
