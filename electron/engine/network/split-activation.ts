import type { Kernel } from './kernel.ts';

/** A convolution: kernel HWIO, one bias an output. */
export interface Convolution {
  readonly kernel: Kernel;
  readonly bias: Float32Array;
}

export interface SplitActivation {
  /** second(slopes · first(x)) as one convolution of x; a kernel of k and one of l make k + l − 1. */
  readonly direct: Convolution;
  /** The second convolution for what remains, max(0, first(x)), with (1 − slope) multiplied in. */
  readonly rectified: Convolution;
}

/**
 * Two convolutions with an activation between them, max(0, y) + slope · min(0, y), split into what is linear and what
 * is not: slope · y + (1 − slope) · max(0, y). The sum of both parts is the same function.
 *
 * For the integer network: values below zero are many and small (95 % of them before the output layer; on flat grey
 * nearly all), and in 255 codes that reach to the greatest positive value they would all fall on the last two or three.
 * Split, they take no part in that rounding, and what is rounded begins at zero.
 *
 * @param slopes one for each output of the first
 */
export function splitActivation(first: Convolution, second: Convolution, slopes: Float32Array): SplitActivation {
  const [k, , inputs, middles] = first.kernel.shape;
  const [l, , , outputs] = second.kernel.shape;
  const size = k + l - 1;
  const sums = new Float64Array(size * size * inputs * outputs);
  const biases = Float64Array.from(second.bias, () => 0);
  // The middle channels innermost in both, so that the sum over them (most of the work) runs through memory in order.
  const outgoing = new Float64Array(middles * outputs);
  for (let b = 0; b < l * l; b++) {
    for (let o = 0; o < outputs; o++)
      for (let m = 0; m < middles; m++) {
        const weight = slopes[m]! * second.kernel.data[(b * middles + m) * outputs + o]!;
        outgoing[o * middles + m] = weight;
        biases[o]! += weight * first.bias[m]!;
      }
    for (let a = 0; a < k * k; a++) {
      const tap = (Math.floor(a / k) + Math.floor(b / l)) * size + (a % k) + (b % l);
      for (let i = 0; i < inputs; i++)
        for (let o = 0; o < outputs; o++)
          sums[(tap * inputs + i) * outputs + o]! += dot(
            first.kernel.data,
            (a * inputs + i) * middles,
            outgoing,
            o * middles,
            middles,
          );
    }
  }
  const rest = second.kernel.data.map((value, at) => value * (1 - slopes[Math.floor(at / outputs) % middles]!));
  return {
    direct: {
      kernel: { shape: [size, size, inputs, outputs], data: Float32Array.from(sums) },
      bias: Float32Array.from(biases),
    },
    rectified: { kernel: { shape: second.kernel.shape, data: rest }, bias: second.bias },
  };
}

function dot(a: Float32Array, fromA: number, b: Float64Array, fromB: number, length: number): number {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += a[fromA + i]! * b[fromB + i]!;
  return sum;
}
