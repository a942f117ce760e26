/** The generator's and the discriminator's losses, section 2.2 of Ledig et al. 2017 and what the shipped networks add. */
import type { Tensor, Tensor4D, Tf } from './backend.ts';
import type { Preset } from './presets.ts';
import type { Tap, Vgg19 } from './vgg19.ts';

/** Share of red, green and blue in luminance, ITU-R BT.601. */
const luma = [0.299, 0.587, 0.114];

/** Mean absolute or squared difference, RGB 0…1; `luminance` of it is that of the luminance. */
export function pixelLoss(tf: Tf, options: NonNullable<Preset['pixel']>, difference: Tensor4D): Tensor {
  const size = (x: Tensor) => (options.loss === 'l1' ? x.abs() : x.square()).mean();
  const { luminance: share = 0 } = options;
  const colours = size(difference).mul((1 - share) * options.weight);
  if (share === 0) return colours;
  const grey = tf.matMul(difference.reshape([-1, 3]), tf.tensor2d(luma, [3, 1]));
  return colours.add(size(grey).mul(share * options.weight));
}

/** Distance in VGG19's features. `wanted` are those of the original, outside the gradient. */
export function vggLoss(
  tf: Tf,
  options: NonNullable<Preset['vgg']>,
  vgg: Vgg19,
  result: Tensor4D,
  wanted: Tensor4D[],
): Tensor {
  const taps = Object.keys(options.taps) as Tap[];
  const found = vgg.features(result, taps, { activated: options.activated });
  const parts = found.map((features, index) => {
    const target = wanted[index] as Tensor4D;
    const tap = taps[index] as Tap;
    const weight = options.taps[tap] as number;
    // φ5,4 says what is there, not how strongly: directions are compared, after the activation.
    if (options.loss === 'relative' && tap === '5,4') return direction(tf, features, target).mul(weight);
    const difference = features.sub(target);
    if (options.loss === 'mse') return difference.square().mean().mul(weight);
    return difference.abs().mean().div(target.abs().mean()).mul(weight);
  });
  return tf.addN(parts);
}

/**
 * What the generator pays. minimax: −log D(G(x)) (equation 6), from logits. relativistic: results should look more like
 * photos than photos do on average, and the reverse.
 */
export function adversarialLoss(tf: Tf, form: 'minimax' | 'relativistic', fake: Tensor, real: Tensor): Tensor {
  if (form === 'minimax') return tf.softplus(fake.neg()).mean();
  const fakes = tf.softplus(fake.sub(real.mean()).neg()).mean();
  const reals = tf.softplus(real.sub(fake.mean())).mean();
  return fakes.add(reals).div(2);
}

/** What the discriminator pays, from logits; log 2 is guessing. */
export function discriminatorLoss(tf: Tf, form: 'minimax' | 'relativistic', fake: Tensor, real: Tensor): Tensor {
  const [f, r] = form === 'minimax' ? [fake, real] : [fake.sub(real.mean()), real.sub(fake.mean())];
  return tf.softplus(f).mean().add(tf.softplus(r.neg()).mean()).div(2);
}

/** What changes in the discriminator's answer to photos when there is faint noise on them; from logits. */
export function steadinessLoss(noisy: Tensor, real: Tensor): Tensor {
  return noisy.sub(real).square().mean();
}

/** Mean of 1 − cos of the angle between the activated features of two pictures, position by position. */
function direction(tf: Tf, features: Tensor4D, target: Tensor4D): Tensor {
  const unit = (x: Tensor4D) => {
    const active = tf.relu(x);
    return active.div(active.square().sum(3, true).add(1e-3).sqrt());
  };
  return tf.sub(1, unit(features).mul(unit(target)).sum(3).mean());
}
