/** The discriminator in training: its weights, its optimiser and its half of the game. */
import { Adam, type AdamOptions } from './adam.ts';
import type { Tensor, Tensor4D, Tf } from './backend.ts';
import { createDiscriminator, discriminatorParameters } from './discriminator.ts';
import type { Parameter } from './generator.ts';
import type { Kernels } from './layer-kernels.ts';
import { discriminatorLoss, steadinessLoss } from './losses.ts';
import { drawParameters, flatten, named } from './parameters.ts';
import type { Preset } from './presets.ts';
import { Random } from './random.ts';

type Adversarial = NonNullable<Preset['adversarial']>;

export class Critic {
  readonly adam: Adam;
  private readonly parameters: Parameter[];
  private readonly forward: ReturnType<typeof createDiscriminator>;

  /** Weights are drawn from `random`. */
  constructor(
    private readonly tf: Tf,
    ops: Kernels,
    private readonly options: Adversarial,
    adam: AdamOptions,
    random: Random,
  ) {
    this.parameters = discriminatorParameters(options.discriminator);
    const shapes = this.parameters.map(({ shape }) => shape);
    this.adam = new Adam(tf, shapes, flatten(this.parameters, drawParameters(this.parameters, random)), adam);
    this.forward = createDiscriminator(tf, ops, options.discriminator);
  }

  /** Logits [n,1] for pictures [n,h,w,3]; the gradient runs to the pictures only. */
  judge(x: Tensor4D): Tensor {
    return this.forward(x, named(this.parameters, this.adam.parts), true);
  }

  /**
   * One step on results as they are to be `seen` and the originals, both [n,h,w,3]. `rate` is the generator's, `seed`
   * that of the noise. Returns the loss of the game, without the steadiness term, which hides that it is always right.
   */
  step(seen: Tensor4D, high: Tensor4D, rate: number, seed: number): number {
    const { tf, options, adam } = this;
    const noise = tf.tensor(faintNoise(high.size, seed), high.shape);
    let game: Tensor | undefined;
    const cost = (...parts: Tensor[]) => {
      const weights = named(this.parameters, parts);
      // The paper's normalisation wants photos and results in batches of their own.
      const real = this.forward(high, weights);
      const loss = discriminatorLoss(tf, options.form, this.forward(seen, weights), real);
      game = tf.keep(loss.clone());
      if (options.steadiness === 0) return loss.asScalar();
      // An estimate of R1 (the gradient at photos) that needs no second derivative.
      const noisy = high.add(noise) as Tensor4D;
      const change = steadinessLoss(this.forward(noisy, weights), real);
      return loss.add(change.mul(options.steadiness)).asScalar();
    };
    const { value, grads } = tf.tidy(() => {
      for (const part of adam.parts) tf.keep(part);
      return tf.valueAndGrads(cost)(adam.parts);
    });
    const length = adam.step(grads, rate * options.rate);
    const loss = (game as Tensor).dataSync()[0] as number;
    tf.dispose([value, game as Tensor, length, noise, ...grads]);
    return loss;
  }
}

/** Even noise of deviation 0.02, as TensorFlow's own generator would make it a hundred times slower. */
function faintNoise(size: number, seed: number): Float32Array {
  const random = new Random(seed + 1);
  const values = new Float32Array(size);
  for (let i = 0; i < size; i++) values[i] = (random.next() - 0.5) * 0.02 * Math.sqrt(12);
  return values;
}
