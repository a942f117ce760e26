import { expect, test } from 'vitest';
import { decodeHalves, encodeHalves, fromHalf, toHalf } from '../../electron/engine/network/float16.ts';

test.each([
  [0, 0x0000],
  [1, 0x3c00],
  [-2, 0xc000],
  [65504, 0x7bff],
  [65520, 0x7c00],
  [2 ** -14, 0x0400],
  [2 ** -24, 0x0001],
  [2 ** -25, 0x0000],
  [1 / 3, 0x3555],
  [1 + 2 ** -11, 0x3c00],
  [1 + 3 * 2 ** -11, 0x3c02],
  [Number.POSITIVE_INFINITY, 0x7c00],
])('%f is %i', (value, bits) => expect(toHalf(value)).toBe(bits));

test('every pattern but NaN survives the way there and back', () => {
  for (let bits = 0; bits < 0x10000; bits++)
    if ((bits & 0x7c00) !== 0x7c00 || (bits & 0x3ff) === 0) expect(toHalf(fromHalf(bits))).toBe(bits);
  expect(fromHalf(toHalf(Number.NaN))).toBeNaN();
});

test('a number is off by at most one part in 2048', () => {
  const values = Float32Array.from({ length: 1000 }, (_, i) => Math.sin(i) * 3);
  for (const [i, value] of decodeHalves(encodeHalves(values)).entries())
    expect(Math.abs(value - values[i]!)).toBeLessThanOrEqual(Math.abs(values[i]!) / 2048);
});
