import { expect, test } from 'vitest';
import { type Convolution, splitActivation } from '../../electron/engine/network/split-activation.ts';
import { randomNumbers } from './small-network.ts';

/** Valid convolution of [edge, edge, inputs], plainly. */
function convolve({ kernel, bias }: Convolution, x: Float64Array, edge: number): Float64Array {
  const [k, , inputs, outputs] = kernel.shape;
  const size = edge - k + 1;
  const result = new Float64Array(size * size * outputs);
  for (let y = 0; y < size; y++)
    for (let column = 0; column < size; column++)
      for (let o = 0; o < outputs; o++) {
        let sum = bias[o]!;
        for (let tap = 0; tap < k * k; tap++)
          for (let i = 0; i < inputs; i++) {
            const at = (y + Math.floor(tap / k)) * edge + column + (tap % k);
            sum += x[at * inputs + i]! * kernel.data[(tap * inputs + i) * outputs + o]!;
          }
        result[(y * size + column) * outputs + o] = sum;
      }
  return result;
}

test('two convolutions with a PReLU between them are the sum of a linear part and a rectified part', () => {
  const next = randomNumbers(5);
  const numbers = (length: number) => Float32Array.from({ length }, next);
  const first = { kernel: { shape: [3, 3, 2, 4] as const, data: numbers(72) }, bias: numbers(4) };
  const second = { kernel: { shape: [5, 5, 4, 3] as const, data: numbers(300) }, bias: numbers(3) };
  const slopes = Float32Array.of(0.1, 0.3, -0.2, 0);
  const edge = 9;
  const x = Float64Array.from(numbers(edge * edge * 2));
  const { direct, rectified } = splitActivation(first, second, slopes);
  expect(direct.kernel.shape).toEqual([7, 7, 2, 3]);

  const between = convolve(first, x, edge);
  const expected = convolve(
    second,
    between.map((value, at) => (value < 0 ? slopes[at % 4]! * value : value)),
    edge - 2,
  );
  const rest = convolve(
    rectified,
    between.map((value) => Math.max(0, value)),
    edge - 2,
  );
  const line = convolve(direct, x, edge);
  expect(line.length).toBe(expected.length);
  for (const [at, value] of expected.entries()) expect(line[at]! + rest[at]!).toBeCloseTo(value, 4);
});
