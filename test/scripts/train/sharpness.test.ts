import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Picture, shrink } from '../../../scripts/train/bicubic.ts';
import { consistency } from '../../../scripts/train/consistency.ts';
import { cropPicture } from '../../../scripts/train/crop-picture.ts';
import { enlargeBicubic, enlargeNearest } from '../../../scripts/train/enlarge.ts';
import { flatBlocks, gridEnergy, gridExcess } from '../../../scripts/train/grid-energy.ts';
import { readPicture } from '../../../scripts/train/picture-file.ts';
import { openVgg, vggDistance } from '../../../scripts/train/vgg-distance.ts';
import { fixture } from '../../fixture.ts';
import { hasVgg, shared } from '../../shared-data.ts';
import { randomFrom } from './random-numbers.ts';

const photo = cropPicture(await readPicture(fixture('coffee.png')), 200, 100, 256, 256);
const source = shrink(photo, 4);

/** A grey picture whose brightness is 128 + f(x, y). */
function drawn(size: number, f: (x: number, y: number) => number): Picture {
  const pixels = new Uint8Array(size * size * 3);
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      const at = (y * size + x) * 3;
      pixels.fill(Math.round(128 + f(x, y)), at, at + 3);
    }
  return { width: size, height: size, pixels };
}

describe('a result shrunk again', () => {
  test('agrees with its source when it is the original', () => {
    const { psnr, drift } = consistency(photo, source);
    expect(psnr).toBeGreaterThan(50);
    for (const shift of drift) expect(Math.abs(shift)).toBeLessThan(0.1);
  });

  test('tells the shift of each channel', () => {
    const tinted = {
      ...photo,
      pixels: photo.pixels.map((value, i) => (i % 3 === 2 ? Math.min(255, value + 3) : value)),
    };
    const { drift } = consistency(tinted, source);
    expect(drift[0]).toBeCloseTo(0, 1);
    expect(drift[2]).toBeCloseTo(3, 0);
  });
});

describe('the grid measure', () => {
  const everywhere = flatBlocks(drawn(128, () => 0));
  const measure = (f: (x: number, y: number) => number) => gridEnergy(drawn(128, f), everywhere);

  test('finds patterns of 4 and 2 px in flat grey, across, down and crossed', () => {
    expect(everywhere.length).toBe(64);
    const patterns = [
      (x: number) => (x % 4 === 0 ? 4 : 0),
      (_: number, y: number) => (y % 2 === 0 ? 2 : 0),
      (x: number, y: number) => ((x + y) % 4 === 0 ? 4 : 0),
    ];
    for (const pattern of patterns) {
      const { energy, neighbours } = measure(pattern);
      expect(energy).toBeGreaterThan(1);
      expect(energy / neighbours).toBeGreaterThan(50);
    }
  });

  test('does not take shading or a pattern of another period for one', () => {
    expect(measure((x, y) => Math.round((x + y) / 8)).energy).toBeLessThan(0.1);
    const other = measure((x) => 4 * Math.cos((2 * Math.PI * 6 * x) / 16));
    expect(other.energy / other.neighbours).toBeLessThan(1);
  });

  test('of white noise of variance 4 is a power of 4·(219/255)², no more at the grid than beside it', () => {
    const noise = randomFrom(1);
    const { energy, neighbours } = measure(() => (noise() + noise() + noise() - 1.5) * 4);
    expect(energy / (4.08 * (219 / 255) ** 2)).toBeCloseTo(1, 0);
    expect(energy / neighbours).toBeCloseTo(1, 0);
  });

  test('finds a faint grid in texture too', () => {
    const random = randomFrom(3);
    const texture = Float64Array.from({ length: 128 * 128 }, () => 20 * (random() - 0.5));
    const at = (x: number, y: number) => texture[y * 128 + x]!;
    expect(gridExcess(drawn(128, at))).toBeCloseTo(0.9, 0);
    expect(gridExcess(drawn(128, (x, y) => at(x, y) + (x % 4 === 0 || y % 4 === 0 ? 6 : 0)))).toBeGreaterThan(2);
  });

  test('looks only where the original is smooth', () => {
    const half = drawn(128, (x) => (x < 64 ? 0 : (x % 8) * 8));
    expect(flatBlocks(half).every(({ left }) => left < 64)).toBe(true);
    expect(flatBlocks(half).length).toBe(32);
    expect(gridEnergy(photo, []).energy).toBeNaN();
  });
});

describe.skipIf(!hasVgg)('distance in VGG features', () => {
  test('is 0 to itself, and less for bicubic than for nearest', { timeout: 120_000 }, async () => {
    const vgg = await openVgg(resolve(shared, 'vgg19/model.json'), 1);
    const middle = cropPicture(photo, 64, 64, 128, 128);
    const small = shrink(middle, 4);
    const own = await vgg.features(middle);
    const [near, cubic] = [await vgg.features(enlargeNearest(small, 4)), await vgg.features(enlargeBicubic(small, 4))];
    await vgg.close();
    expect([own.phi22.channels, own.phi54.channels]).toEqual([128, 512]);
    for (const layer of ['phi22', 'phi54'] as const) {
      expect(vggDistance(own, own)[layer]).toBeCloseTo(0, 6);
      expect(vggDistance(cubic, own)[layer]).toBeLessThan(vggDistance(near, own)[layer]);
      expect(vggDistance(near, own)[layer]).toBeLessThan(2);
    }
  });
});
