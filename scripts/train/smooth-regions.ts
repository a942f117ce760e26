/**
 * Where a photo is smooth there is nothing to invent, and what a network invents there all the same shows as a grid:
 * the sub-pixel output layer has separate weights for each of the 4×4 output phases.
 */
import type { Tensor, Tensor4D, Tf } from './backend.ts';

/** Y' of BT.601 from RGB, same range. [n,h,w,3] → [n,h,w,1] */
function luma(tf: Tf, x: Tensor4D): Tensor4D {
  return tf.tidy(() => x.mul(tf.tensor1d([0.299, 0.587, 0.114])).sum(3, true)) as Tensor4D;
}

/** Standard deviation of Y in a square round each pixel, levels of 255. [n,h,w,3] 0…1 → [n,h,w,1] */
function deviation(tf: Tf, x: Tensor4D, square: number): Tensor4D {
  const y = luma(tf, x).mul(255) as Tensor4D;
  const mean = tf.avgPool(y, square, 1, 'same');
  const squares = tf.avgPool(y.square() as Tensor4D, square, 1, 'same');
  return tf.sqrt(tf.relu(squares.sub(mean.square())));
}

/**
 * 1 where source or original vary by less than 3 levels (of 255, standard deviation in 7×7 and 9×9), 0 from 5 levels
 * on in both; between them linear. Source [n,h,w,3] and original [n,4h,4w,3], 0…1 → [n,4h,4w,1].
 * The evaluation's grid measure calls blocks of the original below 3 levels smooth.
 */
export function smoothMask(tf: Tf, low: Tensor4D, high: Tensor4D): Tensor4D {
  return tf.tidy(() => {
    const mask = (levels: Tensor4D) => tf.clipByValue(tf.scalar(5).sub(levels).div(2), 0, 1) as Tensor4D;
    const size: [number, number] = [high.shape[1], high.shape[2]];
    const inSource = tf.image.resizeBilinear(mask(deviation(tf, low, 7)), size, false, true);
    return tf.maximum(inSource, mask(deviation(tf, high, 9)));
  });
}

/**
 * How much of a difference picture repeats every 4 px: each channel is averaged over 6×6 cells of 4×4, phase by phase.
 * Texture that does not repeat leaves a 36th of its power in that average; the size of what is left beyond twice that is
 * returned, so a grid costs and texture is free. (Without the allowance the term held all texture down: after 1,270
 * steps NIQE was still worse than SRResNet's on three textured pictures of Set14.) `difference` [n,4h,4w,3].
 */
export function gridLoss(tf: Tf, difference: Tensor4D): Tensor {
  const [n, height, width] = difference.shape;
  const [rows, columns] = [height / 4, width / 4];
  const phases = difference.reshape([n, rows, 4, columns, 4, 3]).transpose([0, 1, 3, 2, 4, 5]);
  const cells = phases.reshape([n, rows, columns, 48]) as Tensor4D;
  const window = Math.min(6, rows, columns);
  const stride = Math.max(1, window >> 1);
  const means = tf.avgPool(cells, window, stride, 'valid').reshape([-1, 16, 3]);
  const repeated = means.sub(means.mean(1, true)).square().mean([1, 2]);
  const power = tf
    .avgPool(cells.square() as Tensor4D, window, stride, 'valid')
    .mean(3)
    .flatten();
  const beyond = tf.relu(repeated.sub(power.mul(2 / window ** 2)));
  return beyond.add(1e-8).sqrt().mean().sub(1e-4);
}

/**
 * How far a result, shrunk again, is from its source: mean size of the difference's 4×4 means, and of its mean over the
 * whole batch, which is the drift of the colours. `difference` to the original, [n,4h,4w,3].
 */
export function shrunkLoss(tf: Tf, difference: Tensor4D): Tensor {
  const means = tf.avgPool(difference, 4, 4, 'valid');
  return means
    .abs()
    .mean()
    .add(means.mean([0, 1, 2]).abs().mean());
}
