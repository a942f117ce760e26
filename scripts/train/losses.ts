/** The generator's and the discriminator's losses, section 2.2 of Ledig et al. 2017 and what the shipped networks add. */
import type { Tensor, Tensor4D, Tf } from './backend.ts';
import type { Preset } from './presets.ts';
import type { Tap, Vgg19 } from './vgg19.ts';

/** Mean absolute or squared difference, RGB 0…1; smooth regions may count more (`mask` 0…1). */
export function pixelLoss(
  tf: Tf,
  options: NonNullable<Preset['pixel']>,
  difference: Tensor4D,
  mask?: Tensor4D,
): Tensor {
  const size = options.loss === 'l1' ? difference.abs() : difference.square();
  const { smoothWeight = 1 } = options;
  const weighed = mask && smoothWeight !== 1 ? size.mul(mask.mul(smoothWeight - 1).add(1)) : size;
  return tf.mul(weighed.mean(), options.weight);
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
    const weight = options.taps[taps[index] as Tap] as number;
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
