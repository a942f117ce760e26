import { beforeAll, describe, expect, test } from 'vitest';
import { type Backend, loadBackend, type Tensor, type Tensor4D } from '../../../scripts/train/backend.ts';
import { kernels } from '../../../scripts/train/kernels.ts';
import type { Kernels } from '../../../scripts/train/layer-kernels.ts';
import { hasBfloat16 } from '../../../scripts/train/native-kernels.ts';
import { orthogonalise } from '../../../scripts/train/orthogonalise.ts';

let backend: Backend;
let ways: [string, Kernels][];

beforeAll(async () => {
  backend = await loadBackend();
  ways = [
    ['this backend', kernels(backend)],
    ['pure tfjs', kernels({ ...backend, native: false })],
  ];
});

/** Compares the gradient of a weighted sum of f's result with central differences in every input value. */
function checkGradient(f: (x: Tensor4D) => Tensor4D, shape: [number, number, number, number]): void {
  const { tf } = backend;
  const size = shape.reduce((product, side) => product * side, 1);
  // Kept away from 0, where LeakyReLU has a kink.
  const start = Float32Array.from({ length: size }, (_, i) => Math.sin(i * 1.7) + (Math.sin(i * 1.7) > 0 ? 0.2 : -0.2));
  const cost = (values: Float32Array) =>
    tf.tidy(() => {
      const y = f(tf.tensor4d(values, shape)).dataSync();
      let sum = 0;
      for (const [i, value] of y.entries()) sum += value * Math.cos(i * 0.7);
      return sum;
    });
  const gradient = tf.tidy(() => {
    const weighted = (x: Tensor) => {
      const y = f(x as Tensor4D);
      const weights = Float32Array.from({ length: y.size }, (_, i) => Math.cos(i * 0.7));
      return y.mul(tf.tensor(weights, y.shape)).sum().asScalar();
    };
    return Float32Array.from(tf.grad(weighted)(tf.tensor4d(start, shape)).dataSync());
  });
  const step = 1e-2;
  for (let i = 0; i < size; i += Math.max(1, Math.floor(size / 40))) {
    const [up, down] = [start.slice(), start.slice()];
    up[i] = (up[i] as number) + step;
    down[i] = (down[i] as number) - step;
    expect(gradient[i] as number).toBeCloseTo((cost(up) - cost(down)) / (2 * step), 2);
  }
}

const kernelOf = (from: number, to: number) =>
  backend.tf.tensor4d(
    Float32Array.from({ length: 9 * from * to }, (_, i) => 0.3 * Math.sin(i * 2.3)),
    [3, 3, from, to],
  );

describe.each([0, 1])('gradients, way %i', (way) => {
  const ops = () => (ways[way] as [string, Kernels])[1];

  test('depthToSpace', () => checkGradient((x) => ops().depthToSpace(x), [2, 3, 2, 8]));
  test('leakyRelu 0.1', () => checkGradient((x) => ops().leakyRelu(x, 0.1), [1, 4, 3, 2]));
  test('leakyRelu 0.2', () => checkGradient((x) => ops().leakyRelu(x, 0.2), [1, 4, 3, 2]));
  test('relu', () => checkGradient((x) => ops().relu(x), [1, 4, 3, 2]));
  test('biasAdd to its input', () =>
    checkGradient((x) => ops().biasAdd(x, backend.tf.tensor1d([0.5, -1])), [1, 3, 3, 2]));
  test('biasAdd to the bias', () => {
    const x = backend.tf.ones([2, 3, 3, 2]) as Tensor4D;
    checkGradient((bias) => ops().biasAdd(x, bias.reshape([2])), [1, 1, 1, 2]);
  });
  test('biasAdd to its input, with a fixed bias', () =>
    checkGradient((x) => ops().biasAdd(x, backend.tf.tensor1d([0.5, -1]), { fixed: true }), [1, 3, 3, 2]));
  test('maxPool', () => checkGradient((x) => ops().maxPool(x), [1, 5, 4, 2]));
  test('convolve to its input, stride 1 and 2, also with a fixed kernel', () => {
    const kernel = kernelOf(2, 3);
    checkGradient((x) => ops().convolve(x, kernel), [1, 4, 4, 2]);
    checkGradient((x) => ops().convolve(x, kernel, { stride: 2 }), [1, 4, 4, 2]);
    checkGradient((x) => ops().convolve(x, kernel, { fixed: true }), [1, 4, 4, 2]);
  });
  test('convolve to its kernel', () => {
    const x = backend.tf.tensor4d(
      Float32Array.from({ length: 50 }, (_, i) => Math.sin(i)),
      [1, 5, 5, 2],
    );
    checkGradient((kernel) => ops().convolve(x, kernel), [3, 3, 2, 2]);
  });
});

test('both ways put the phases of depthToSpace in the same place', () => {
  const x = backend.tf.range(0, 2 * 3 * 2 * 12).reshape([2, 3, 2, 12]) as Tensor4D;
  const [first, second] = ways.map(([, ops]) => [...ops.depthToSpace(x).dataSync()]);
  expect(second).toEqual(first);
  // Row 0: channels 0…2 of the pixel, then 3…5.
  expect(first?.slice(0, 6)).toEqual([0, 1, 2, 3, 4, 5]);
});

describe('orthogonalise', () => {
  test.each([
    ['taller than wide', [3, 3, 8, 16]],
    ['wider than tall', [1, 1, 5, 24]],
  ])('every direction of a kernel %s moves about as fast as every other', (_, shape) => {
    const { tf } = backend;
    const [from, to] = [(shape[0]! * shape[1]! * shape[2]!) as number, shape[3]!];
    // One direction many times as strong as the others, as gradients have it.
    const weak = tf.randomNormal([from, to], 0, 1, 'float32', 1);
    const strong = tf.outerProduct(tf.linspace(-1, 1, from), tf.linspace(1, 2, to)).mul(10);
    const kernels = [weak.add(strong).reshape(shape), weak.reshape(shape)];
    for (const update of orthogonalise(tf, kernels)) {
      expect(update.shape).toEqual(shape);
      const matrix = update.reshape([from, to]).div(0.2 * Math.sqrt(Math.max(from, to)));
      const gram = from < to ? tf.matMul(matrix, matrix, false, true) : tf.matMul(matrix, matrix, true, false);
      const size = Math.min(from, to);
      const values = gram.arraySync() as number[][];
      // Singular values 0.7 … 1.2: the diagonal of M·Mᵀ is their squares' mean, off it there is little.
      for (let i = 0; i < size; i++) {
        expect(values[i]![i]).toBeGreaterThan(0.4);
        expect(values[i]![i]).toBeLessThan(1.5);
        for (let j = 0; j < i; j++) expect(Math.abs(values[i]![j]!)).toBeLessThan(0.4);
      }
    }
    const along = tf.sum(tf.mul(orthogonalise(tf, kernels)[1] as Tensor, kernels[1] as Tensor)).dataSync()[0] as number;
    expect(along).toBeGreaterThan(0);
  });
});

describe('bfloat16 points where float32 does, and as far', () => {
  /** Values and gradients in both inputs, from random numbers. */
  function compare(
    context: { skip: () => void },
    shape: number[],
    f: (ops: Kernels, x: Tensor4D, w: Tensor4D) => Tensor4D,
  ) {
    if (!backend.native || !hasBfloat16()) return context.skip();
    const { tf } = backend;
    const x = tf.randomNormal([2, 12, 12, 16], 0, 1, 'float32', 1);
    const w = tf.randomNormal(shape, 0, 0.1, 'float32', 2);
    const [float, half] = (['float32', 'bfloat16'] as const).map((precision) => {
      const ops = kernels(backend, precision);
      const y = (...inputs: Tensor[]) =>
        ops.widen(f(ops, ops.narrow(inputs[0] as Tensor4D), ops.narrow(inputs[1] as Tensor4D)));
      const cost = (...inputs: Tensor[]) =>
        y(...inputs)
          .square()
          .mean()
          .asScalar();
      const results = tf.tidy(() =>
        [y(x, w), ...tf.grads(cost)([x, w])].map((each) => Float32Array.from(each.dataSync())),
      );
      return results as [Float32Array, Float32Array, Float32Array];
    }) as unknown as [Float32Array[], Float32Array[]];
    for (const [index, values] of float.entries()) {
      expect(cosine(values, half[index]!)).toBeGreaterThan(0.999);
      const ratio = length(half[index]!) / length(values);
      // Measured: 0.9996 to 0.9999.
      expect(ratio).toBeGreaterThan(0.998);
      expect(ratio).toBeLessThan(1.002);
    }
  }

  for (const stride of [1, 2] as const)
    test(`convolve, stride ${stride}`, (context) =>
      compare(context, [3, 3, 16, 16], (ops, x, w) => ops.convolve(x, w, { stride })));
  test('convolve with a fixed kernel, narrowed on the spot', (context) => {
    const kernel = backend.tf.randomNormal([3, 3, 16, 16], 0, 0.1, 'float32', 3) as Tensor4D;
    compare(context, [3, 3, 16, 16], (ops, x, w) =>
      ops.convolve(ops.convolve(x, w), ops.narrow(kernel), { fixed: true }),
    );
  });
  test('convolve, bias, activations, pooling and depth to space in one chain', (context) =>
    compare(context, [3, 3, 16, 16], (ops, x, w) => {
      const bias = ops.narrow(backend.tf.linspace(-0.3, 0.3, 16));
      const h = ops.leakyRelu(ops.biasAdd(ops.convolve(x, w), bias), 0.2);
      return ops.depthToSpace(ops.relu(ops.maxPool(h)));
    }));
  test('the gradient of a bias over many positions, whose sum bfloat16 could not hold', (context) => {
    if (!backend.native || !hasBfloat16()) return context.skip();
    const { tf } = backend;
    for (const shape of [
      [4, 48, 48, 64],
      [1, 35, 35, 8],
    ] as [number, number, number, number][]) {
      const weights = tf.randomUniform(shape, 0.5, 1.5, 'float32', 4);
      const [float, half] = (['float32', 'bfloat16'] as const).map((precision) => {
        const ops = kernels(backend, precision);
        const zeros = ops.narrow(tf.zeros(shape) as Tensor4D);
        const cost = (bias: Tensor) =>
          ops
            .widen(ops.biasAdd(zeros, ops.narrow(bias)))
            .mul(weights)
            .sum()
            .asScalar();
        return tf.tidy(() => [
          ...tf
            .grad(cost)(tf.zeros([shape[3]]))
            .dataSync(),
        ]);
      }) as [number[], number[]];
      for (const [i, sum] of float.entries()) expect((half[i] as number) / sum).toBeCloseTo(1, 2);
    }
  });
});

test.each(['float32', 'bfloat16'] as const)('a leaf’s kernel gets the same gradient, %s', (precision) => {
  const { tf } = backend;
  const ops = kernels(backend, precision === 'bfloat16' && backend.native && hasBfloat16() ? precision : 'float32');
  const x = tf.randomNormal([1, 6, 6, 3], 0, 1, 'float32', 5) as Tensor4D;
  const gradient = (leaf: boolean) =>
    tf.tidy(() => {
      const cost = (w: Tensor) =>
        ops
          .widen(ops.convolve(ops.narrow(x), ops.narrow(w as Tensor4D), { stride: 2, leaf }))
          .square()
          .sum()
          .asScalar();
      return [...tf.grad(cost)(kernelOf(3, 4)).dataSync()];
    });
  expect(gradient(true)).toEqual(gradient(false));
});

function length(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}

function cosine(a: Float32Array, b: Float32Array): number {
  let [dot, first, second] = [0, 0, 0];
  for (const [i, value] of a.entries()) {
    dot += value * (b[i] as number);
    first += value * value;
    second += (b[i] as number) ** 2;
  }
  return dot / Math.sqrt(first * second);
}
