import { describe, expect, test } from 'vitest';
import { cropPicture } from '../../../scripts/train/crop-picture.ts';
import { enlargeBicubic } from '../../../scripts/train/enlarge.ts';
import { evaluate } from '../../../scripts/train/evaluation.ts';
import { baselines } from '../../../scripts/train/methods.ts';
import { openPairs } from '../../../scripts/train/pairs.ts';
import { readPicture } from '../../../scripts/train/picture-file.ts';
import { psnr } from '../../../scripts/train/psnr.ts';
import { ssim } from '../../../scripts/train/ssim.ts';
import { fixture } from '../../fixture.ts';
import { evalSet, hasEval } from '../../shared-data.ts';

const photo = await readPicture(fixture('chelsea.png'));

describe('PSNR and SSIM', () => {
  test('of a picture with itself are perfect', () => {
    expect(psnr(photo, photo)).toBe(Number.POSITIVE_INFINITY);
    expect(ssim(photo, photo)).toBeCloseTo(1, 12);
  });

  test('of a picture five levels brighter: 10·log10(255² / (5·219/255)²), and SSIM hardly moves', () => {
    const brighter = { ...photo, pixels: photo.pixels.map((value) => Math.min(255, value + 5)) };
    expect(psnr(brighter, photo)).toBeCloseTo(20 * Math.log10(255 / ((5 * 219) / 255)), 1);
    expect(ssim(brighter, photo)).toBeGreaterThan(0.99);
  });

  test('do not look at the outermost four pixels', () => {
    const framed = { ...photo, pixels: photo.pixels.slice() };
    framed.pixels.fill(0, 0, 4 * photo.width * 3);
    expect(psnr(framed, photo)).toBe(Number.POSITIVE_INFINITY);
    framed.pixels.fill(0, 0, 5 * photo.width * 3);
    expect(psnr(framed, photo)).toBeLessThan(40);
  });

  test('refuse pictures of two sizes', () => {
    const part = cropPicture(photo, 0, 0, 100, 100);
    expect(() => psnr(part, photo)).toThrow('Expected pictures of one size');
    expect(() => ssim(part, photo)).toThrow('Expected pictures of one size');
  });
});

test('bicubic keeps a grey picture grey, and a ramp a ramp', () => {
  const grey = { width: 8, height: 8, pixels: new Uint8Array(8 * 8 * 3).fill(77) };
  expect(enlargeBicubic(grey, 4).pixels.every((value) => value === 77)).toBe(true);
  const ramp = {
    width: 16,
    height: 4,
    pixels: Uint8Array.from({ length: 192 }, (_, i) => 16 * (Math.floor(i / 3) % 16)),
  };
  const row = enlargeBicubic(ramp, 4)
    .pixels.filter((_, i) => i % 3 === 0)
    .slice(12, 52);
  expect([...row].map((value, i) => value - row[0]! - 4 * i).every((error) => Math.abs(error) <= 1)).toBe(true);
});

// The figures every paper since 2014 prints for bicubic; whoever measures otherwise gets others.
describe.skipIf(!hasEval)('the paper’s protocol', () => {
  test.each([
    ['Set5', 26.26, 28.43, 0.811],
    ['Set14', 24.74, 26.09, 0.705],
  ])('on %s', { timeout: 120_000 }, async (set, nearestPsnr, bicubicPsnr, bicubicSsim) => {
    const [nearest, bicubic] = await evaluate(openPairs(evalSet(set)), baselines, { quick: true });
    expect(nearest?.mean.psnr).toBeCloseTo(nearestPsnr, 2);
    expect(bicubic?.mean.psnr).toBeCloseTo(bicubicPsnr, 2);
    expect(bicubic?.mean.ssim).toBeCloseTo(bicubicSsim, 3);
  });
});
