/**
 * Muon's step (Jordan 2024): the momentum of a kernel, seen as a matrix from its inputs to its outputs, is replaced by
 * the nearest matrix whose singular values are all about 1. Every direction the kernel can turn in then moves as fast as
 * every other, where Adam follows the few that dominate the gradient.
 */
import type { Tensor, Tensor3D } from '@tensorflow/tfjs';
import type { Tf } from './backend.ts';

/** Coefficients of the quintic iteration: steepest at 0 of those that keep singular values within about 0.7 … 1.2. */
const [a, b, c] = [3.4445, -4.775, 2.0315];
const iterations = 5;

/**
 * Root mean square of an orthogonalised update's values, so that Adam's learning rates serve both: Adam's own updates
 * have between 0.2 and 0.4 (Liu et al. 2025, "Muon is scalable for LLM training", section 2.2).
 */
const size = 0.2;

/** Convolution kernels [height, width, from, to], several of one shape → updates of the same shapes. */
export function orthogonalise(tf: Tf, kernels: Tensor[]): Tensor[] {
  const shape = kernels[0]?.shape as number[];
  const to = shape.at(-1) as number;
  const from = shape.slice(0, -1).reduce((product, side) => product * side, 1);
  return tf.tidy(() => {
    const matrices = tf.stack(kernels.map((kernel) => kernel.reshape([from, to]))) as Tensor3D;
    const wide = from < to;
    // The smaller side first: the products are then between small square matrices.
    let x: Tensor = wide ? matrices : matrices.transpose([0, 2, 1]);
    x = x.div(x.square().sum([1, 2], true).sqrt().add(1e-12));
    for (let i = 0; i < iterations; i++) {
      const gram = tf.matMul(x, x, false, true);
      const polynomial = gram.mul(b).add(tf.matMul(gram, gram).mul(c));
      x = x.mul(a).add(tf.matMul(polynomial, x));
    }
    x = x.mul(size * Math.sqrt(Math.max(from, to)));
    const back = wide ? x : x.transpose([0, 2, 1]);
    return tf.unstack(back).map((matrix) => matrix.reshape(shape));
  });
}
