import { expect, test } from 'vitest';
import { bicubicKernel, fromOihw, intoSubPixelSpace, toOihw } from '../../electron/engine/network/kernel.ts';
import { convolve, depthToSpace } from './reference-generator.ts';
import { randomNumbers } from './small-network.ts';

const next = randomNumbers(5);
const numbers = (length: number) => Float32Array.from({ length }, next);

test.each([1, 3, 5, 7, 9])('a %i×%i kernel after depth-to-space, moved before it, does the same', (size) => {
  const shape = [size, size, 2, 3] as const;
  const kernel = { shape, data: numbers(size * size * 6) };
  const low = { width: 6, height: 5, channels: 8, data: Float64Array.from(numbers(6 * 5 * 8)) };
  const none = (length: number) => ({ shape: [length], data: new Float32Array(length) });
  const after = convolve(depthToSpace(low), kernel, none(3));
  const before = depthToSpace(convolve(low, intoSubPixelSpace(kernel), none(12)));
  for (const [i, value] of after.data.entries()) expect(before.data[i]).toBeCloseTo(value, 10);
});

test('9×9 at 4× fits in 5×5 at 2×', () => {
  expect(intoSubPixelSpace({ shape: [9, 9, 64, 3], data: new Float32Array(81 * 192) }).shape).toEqual([5, 5, 256, 12]);
});

test('kernels go to ONNX and back', () => {
  const shape = [3, 3, 2, 5] as const;
  const data = numbers(90);
  const there = toOihw({ shape, data });
  // HWIO [1][2][0][4] is OIHW [4][0][1][2].
  expect(there[(4 * 2 + 0) * 9 + 1 * 3 + 2]).toBe(data[((1 * 3 + 2) * 2 + 0) * 5 + 4]);
  expect(fromOihw(shape, there)).toEqual(data);
});

test('the sixteen phases of the bicubic each add up to one', () => {
  const { data } = bicubicKernel();
  for (let out = 0; out < 48; out++) {
    let sum = 0;
    for (let i = out; i < data.length; i += 48) sum += data[i]!;
    expect(sum).toBeCloseTo(1, 6);
  }
});
