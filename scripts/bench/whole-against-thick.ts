import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EsrganThick } from './esrgan-thick.ts';
import { syntheticPhoto } from './synthetic-photo.ts';
import { type WholePhoto, wholePhoto } from './whole-photo.ts';

/** A whole photo from file to file, by Fourfold and by UpscalerJS esrgan-thick. */
export interface WholeAgainstThick {
  readonly fourfold: WholePhoto;
  /** The photo esrgan-thick really enlarged, twice: before Fourfold's and after it. */
  readonly thickMegapixels: number;
  readonly thickTile: number;
  readonly thickSeconds: readonly [before: number, after: number];
  /** For a photo of Fourfold's size, in proportion to the pixels; loading TensorFlow and the model not counted. */
  readonly thickExtrapolated: number;
  /** How many times as fast Fourfold is, everything counted. */
  readonly times: number;
  /** The same in processor time, which other programs on the machine hardly change. */
  readonly processorTimes: number;
}

/** Measures both in one run. `thickMegapixels` is small, because esrgan-thick takes 90 s a megapixel on two cores. */
export async function wholeAgainstThick(
  thick: EsrganThick,
  megapixels: number,
  thickMegapixels: number,
): Promise<WholeAgainstThick> {
  const folder = mkdtempSync(join(process.env.FOURFOLD_BENCH ?? tmpdir(), 'fourfold-bench-'));
  try {
    const speeds: { edge: number; speed: number }[] = [];
    for (const edge of [64, 128, 256]) speeds.push({ edge, speed: await thick.speed([edge], 2) });
    const { edge } = speeds.reduce((best, one) => (one.speed > best.speed ? one : best));
    const small = await syntheticPhoto(folder, thickMegapixels);
    let processorMs = 0;
    const enlarge = async () => {
      const from = process.cpuUsage();
      const seconds = await thick.wholePhoto(small, join(folder, 'thick.jpg'), edge);
      const { user, system } = process.cpuUsage(from);
      processorMs += (user + system) / 1000;
      return seconds;
    };
    const before = await enlarge();
    const fourfold = await wholePhoto(megapixels, { precision: 'auto', device: 'cpu' });
    const after = await enlarge();
    const thickExtrapolated = (((before + after) / 2) * megapixels) / thickMegapixels;
    return {
      ...{ fourfold, thickMegapixels, thickTile: edge, thickSeconds: [before, after] as const, thickExtrapolated },
      times: thickExtrapolated / fourfold.seconds,
      processorTimes: processorMs / (2 * thickMegapixels * 1e3) / fourfold.processorMsPerKpx,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
