import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { shrink } from '../../../scripts/train/bicubic.ts';
import { readPicture } from '../../../scripts/train/picture-file.ts';

const shared = process.env.FOURFOLD_SHARED ?? resolve(import.meta.dirname, '../../../../shared');
const set5 = join(shared, 'data/eval/Set5');

describe('shrink', () => {
  test('keeps a plain colour and cuts what 4 does not divide', () => {
    const pixels = Uint8Array.from({ length: 18 * 13 * 3 }, (_, i) => [200, 10, 77][i % 3] as number);
    const small = shrink({ width: 18, height: 13, pixels }, 4);
    expect([small.width, small.height]).toEqual([4, 3]);
    expect([...small.pixels]).toEqual([...pixels.subarray(0, 4 * 3 * 3)]);
  });

  test.skipIf(!existsSync(set5))('makes the published low resolution of Set5, to 50 dB and more', async () => {
    for (const name of ['img_001.png', 'img_002.png', 'img_003.png', 'img_004.png', 'img_005.png']) {
      const ours = shrink(await readPicture(join(set5, 'HR', name)), 4);
      const theirs = await readPicture(join(set5, 'LR', name));
      expect([ours.width, ours.height]).toEqual([theirs.width, theirs.height]);
      let squares = 0;
      for (const [i, value] of ours.pixels.entries()) squares += (value - (theirs.pixels[i] as number)) ** 2;
      expect(10 * Math.log10((255 * 255 * ours.pixels.length) / squares)).toBeGreaterThan(50);
    }
  });
});
