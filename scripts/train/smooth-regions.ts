/**
 * Where a photo is smooth there is nothing to invent, and what a network invents there all the same shows as a grid:
 * the sub-pixel output layer has separate weights for each of the 4×4 output phases.
 */
import type { Tensor4D, Tf } from './backend.ts';

/** Y' of BT.601 from RGB, same range. [n,h,w,3] → [n,h,w,1] */
function luma(tf: Tf, x: Tensor4D): Tensor4D {
  return tf.tidy(() => x.mul(tf.tensor1d([0.299, 0.587, 0.114])).sum(3, true)) as Tensor4D;
}

/**
 * 1 where the source varies by less than 3 levels (of 255, standard deviation in 7×7), 0 from 5 levels on; between
 * them linear. Source [n,h,w,3] 0…1 → [n,4h,4w,1]. The evaluation's grid measure calls less than 3 levels smooth.
 */
export function smoothMask(tf: Tf, low: Tensor4D): Tensor4D {
  return tf.tidy(() => {
    const y = luma(tf, low).mul(255) as Tensor4D;
    const mean = tf.avgPool(y, 7, 1, 'same');
    const square = tf.avgPool(y.square() as Tensor4D, 7, 1, 'same');
    const deviation = tf.sqrt(tf.relu(square.sub(mean.square())));
    const mask = tf.clipByValue(tf.scalar(5).sub(deviation).div(2), 0, 1) as Tensor4D;
    return tf.image.resizeBilinear(mask, [4 * low.shape[1], 4 * low.shape[2]], false, true);
  });
}

/**
 * How much of a difference picture repeats every 4 px: Y is averaged over 6×6 cells of 4×4, phase by phase, and the mean
 * size of what is left of the pattern without its mean is returned. Texture averages out, a grid does not.
 * `difference` [n,4h,4w,3].
 */
export function gridLoss(tf: Tf, difference: Tensor4D): Tensor4D {
  const [n, height, width] = difference.shape;
  const y = difference.mul(tf.tensor1d([0.299, 0.587, 0.114])).sum(3);
  // [n, h, 4, w, 4] → [n, h, w, 16]: one channel a phase.
  const phases = y
    .reshape([n, height / 4, 4, width / 4, 4])
    .transpose([0, 1, 3, 2, 4])
    .reshape([n, height / 4, width / 4, 16]) as Tensor4D;
  const window = Math.min(6, height / 4, width / 4);
  const pattern = tf.avgPool(phases, window, Math.max(1, window / 2), 'valid');
  return pattern.sub(pattern.mean(3, true)).abs().mean() as Tensor4D;
}
