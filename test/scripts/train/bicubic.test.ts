import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { shrink } from '../../../scripts/train/bicubic.ts';
import { readPicture } from '../../../scripts/train/picture-file.ts';
import { evalSet, hasEval } from '../../shared-data.ts';

describe('shrink', () => {
  test('keeps a plain colour and cuts what 4 does not divide', () => {
    const pixels = Uint8Array.from({ length: 18 * 13 * 3 }, (_, i) => [200, 10, 77][i % 3] as number);
    const small = shrink({ width: 18, height: 13, pixels }, 4);
    expect([small.width, small.height]).toEqual([4, 3]);
    expect([...small.pixels]).toEqual([...pixels.subarray(0, 4 * 3 * 3)]);
  });

  // Computed apart. The edge mirrored makes 20 of these 27 values another, the passes in the other order 8, as does no
  // rounding between them.
  test('goes down first, then across, rounded each time, beyond the edge the edge pixel', () => {
    const value = (x: number, y: number, c: number) => ((x * x + 3 * y + x * y + c) % 5 < 2 ? 255 : 0);
    const pixels = Uint8Array.from({ length: 432 }, (_, i) => value(Math.floor(i / 3) % 12, Math.floor(i / 36), i % 3));
    expect([...shrink({ width: 12, height: 12, pixels }, 4).pixels]).toEqual(
      [
        [98, 145, 133, 100, 140, 128, 115, 123, 111],
        [80, 136, 136, 82, 133, 133, 93, 117, 117],
        [78, 137, 137, 78, 133, 137, 91, 115, 118],
      ].flat(),
    );
  });

  test.skipIf(!hasEval)('makes the published low resolution of Set5, byte by byte', async () => {
    const folder = evalSet('Set5');
    for (const name of ['img_001.png', 'img_002.png', 'img_003.png', 'img_004.png', 'img_005.png']) {
      const ours = shrink(await readPicture(join(folder, 'HR', name)), 4);
      const theirs = await readPicture(join(folder, 'LR', name));
      expect([ours.width, ours.height]).toEqual([theirs.width, theirs.height]);
      expect(Buffer.compare(ours.pixels, theirs.pixels)).toBe(0);
    }
  });
});
