/**
 * Where a photo is smooth there is nothing to invent, and what a network invents there all the same shows as a grid:
 * the sub-pixel output layer has separate weights for each of the 4×4 output phases.
 */
import type { Tensor, Tensor4D, Tf } from './backend.ts';

/** Y' of BT.601 from RGB, same range. [n,h,w,3] → [n,h,w,1] */
function luma(tf: Tf, x: Tensor4D): Tensor4D {
  return tf.tidy(() => x.mul(tf.tensor1d([0.299, 0.587, 0.114])).sum(3, true)) as Tensor4D;
}

/** Standard deviation of Y in every square of `size` px, levels of 255. [n,h,w,3] 0…1 → [n,h,w,1] when padded `same` */
function deviation(tf: Tf, x: Tensor4D, size: number, padding: 'same' | 'valid'): Tensor4D {
  const y = luma(tf, x).mul(255) as Tensor4D;
  const mean = tf.avgPool(y, size, 1, padding);
  const squares = tf.avgPool(y.square() as Tensor4D, size, 1, padding);
  return tf.sqrt(tf.relu(squares.sub(mean.square())));
}

/** Edge of the squares that the evaluation's grid measure calls smooth or not (grid-energy.ts), result px. */
const square = 16;

/**
 * 1 where the source varies by less than 3 levels (of 255, standard deviation in 7×7), 0 from 5 levels on; and 1 in every
 * square of 16 px of the original that varies by less than 3, 0 from 4 on. So whatever the grid measure may look at is
 * in it, up to the last pixel before an edge: with the deviation round each pixel instead, squares that touch an edge
 * were left to the discriminator, and had most of the power at 2 and 4 px.
 * Source [n,h,w,3] and original [n,4h,4w,3], 0…1, both at least 16 px → [n,4h,4w,1].
 */
export function smoothMask(tf: Tf, low: Tensor4D, high: Tensor4D): Tensor4D {
  return tf.tidy(() => {
    const below = (levels: Tensor4D, limit: number, gone: number) =>
      tf.clipByValue(tf.sub(gone, levels).div(gone - limit), 0, 1) as Tensor4D;
    const size: [number, number] = [high.shape[1], high.shape[2]];
    const inSource = tf.image.resizeBilinear(below(deviation(tf, low, 7, 'same'), 3, 5), size, false, true);
    const squares = below(deviation(tf, high, square, 'valid'), 3, 4);
    const border: [number, number] = [square - 1, square - 1];
    const all = tf.maxPool(squares.pad([[0, 0], border, border, [0, 0]]) as Tensor4D, square, 1, 'valid');
    return tf.maximum(inSource, all);
  });
}

/**
 * What a departure from the reference costs in smooth regions: its size, and twice that for one of 2 levels, three times
 * for one of 4, since the power of a grid, which is measured, lies in its few worst squares.
 * `departure` [n,4h,4w,3], `mask` [n,4h,4w,1].
 */
export function smoothLoss(departure: Tensor4D, mask: Tensor4D): Tensor {
  const size = departure.abs();
  return size
    .add(size.square().mul(255 / 2))
    .mul(mask)
    .mean();
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
