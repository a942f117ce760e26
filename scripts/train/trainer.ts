/** One system in training: the networks, their optimisers and what one step does. */
import { Adam, type AdamState } from './adam.ts';
import type { Backend, Tensor, Tensor4D } from './backend.ts';
import type { NamedTensor } from './checkpoint.ts';
import { Critic } from './critic.ts';
import type { Batch } from './dataset.ts';
import { createGenerator, generatorParameters, isTrunk, type Parameter, type Weights } from './generator.ts';
import { kernels } from './kernels.ts';
import { adversarialLoss, pixelLoss, vggLoss } from './losses.ts';
import type { Precision } from './native-kernels.ts';
import { batchNormalise, RunningStatistics } from './normalisation.ts';
import { drawParameters, flatten, named, unflatten } from './parameters.ts';
import type { Preset } from './presets.ts';
import { Random } from './random.ts';
import { gridLoss, shrunkLoss, smoothLoss, smoothMask } from './smooth-regions.ts';
import type { Tap, Vgg19 } from './vgg19.ts';

export interface TrainerOptions {
  preset: Preset;
  /** The generator to start from; drawn from `seed` when there is none. */
  weights?: Map<string, NamedTensor>;
  /** What the grid and smooth terms compare with; the weights to start from, when there is none. */
  reference?: Map<string, NamedTensor>;
  /** Needed by presets with a VGG loss. */
  vgg?: Vgg19;
  seed: number;
  precision: Precision;
}

/** Loss terms of one step by name; `total` is the generator's. */
export type Losses = Record<string, number>;

type Sizes = [number, number, number, number];

export class Trainer {
  private readonly parameters: Parameter[];
  private readonly learned: Parameter[];
  private readonly fixed: Weights = {};
  private readonly adam: Adam;
  private readonly forward: ReturnType<typeof createGenerator>;
  private readonly finished: ReturnType<typeof createGenerator>;
  private readonly statistics: RunningStatistics;
  private reference?: Tensor[];
  private readonly critic?: Critic;

  constructor(
    private readonly backend: Backend,
    private readonly options: TrainerOptions,
  ) {
    const { tf } = backend;
    const { preset, seed } = options;
    const random = new Random(seed);
    this.parameters = generatorParameters(preset.generator);
    const start = options.weights ?? drawParameters(this.parameters, random);
    flatten(this.parameters, start);
    this.learned = this.parameters.filter(({ name }) => preset.learns === 'all' || isTrunk(name));
    for (const { name } of this.parameters)
      if (!this.learned.some((parameter) => parameter.name === name)) {
        const { shape, values } = start.get(name) as NamedTensor;
        this.fixed[name] = tf.keep(tf.tensor(values, shape));
      }
    if (preset.grid || preset.smooth) this.refer(flatten(this.parameters, options.reference ?? start));
    const shapes = this.learned.map(({ shape }) => shape);
    // SRResNet's gradients, about 0.01 long, never reach this; SRGAN's, about 14, always do, so that a wild one (a crop of
    // pure edges) counts no more than any other.
    const shared = { beta1: 0.9, beta2: preset.beta2, epsilon: 1e-8, clip: 1 };
    this.adam = new Adam(tf, shapes, flatten(this.learned, start), {
      ...shared,
      average: preset.average,
      orthogonal: (index) => preset.orthogonal === true && shapes[index]?.length === 4,
    });

    const ops = kernels(backend, options.precision);
    this.statistics = new RunningStatistics(tf);
    this.statistics.restore(start);
    const fixed = (name: string) => name in this.fixed;
    const normalise = batchNormalise(tf, this.statistics.record);
    this.forward = createGenerator(tf, ops, preset.generator, { normalise, fixed });
    this.finished = createGenerator(tf, kernels(backend), preset.generator, { normalise: this.statistics.normalise });

    if (preset.adversarial) {
      this.critic = new Critic(tf, ops, preset.adversarial, { ...shared, clip: 10, average: 0 }, random);
    }
    if (preset.vgg && !options.vgg) throw new Error(`The preset ${preset.name} needs VGG19: pass --vgg <path>.`);
  }

  /** One step on a batch, at the given learning rate of the generator; `number` of the step seeds its noise. */
  step(batch: Batch, side: number, rate: number, number: number): Losses {
    const { tf } = this.backend;
    const { preset } = this.options;
    const count = batch.low.length / (side * side * 3);
    const low = tf.tensor4d(batch.low, [count, side, side, 3] as Sizes);
    const high = tf.tensor4d(batch.high, [count, 4 * side, 4 * side, 3] as Sizes);
    const mask = preset.spareSmooth || preset.smooth ? smoothMask(tf, low, high) : undefined;
    const losses: Losses = {};
    const heading = this.critic && this.critic.adam.steps < (preset.adversarial?.head ?? 0);
    // While only the discriminator learns, the generator's results are made without a gradient.
    const fake = heading
      ? tf.tidy(() => this.forward(low, { ...this.fixed, ...named(this.learned, this.adam.parts) }))
      : this.generatorStep(low, high, mask, rate, losses);
    if (this.critic) {
      const seen = tf.tidy(() => this.seen(fake, high, mask).clone());
      losses.discriminator = this.critic.step(seen, high, rate, number);
      seen.dispose();
    }
    tf.dispose([low, high, fake, ...(mask ? [mask] : [])]);
    return losses;
  }

  private generatorStep(
    low: Tensor4D,
    high: Tensor4D,
    mask: Tensor4D | undefined,
    rate: number,
    losses: Losses,
  ): Tensor4D {
    const { tf } = this.backend;
    const { preset, vgg } = this.options;
    const { critic } = this;
    const taps = Object.keys(preset.vgg?.taps ?? {}) as Tap[];
    const wanted = preset.vgg
      ? tf.tidy(() => (vgg as Vgg19).features(high, taps, { activated: preset.vgg?.activated }))
      : [];
    const real = critic && tf.tidy(() => critic.judge(high));
    const reference = this.reference && tf.tidy(() => this.forward(low, named(this.parameters, this.reference ?? [])));
    const terms: [string, Tensor][] = [];
    let fake: Tensor4D | undefined;

    const cost = (...parts: Tensor[]) => {
      const result = this.forward(low, { ...this.fixed, ...named(this.learned, parts) });
      fake = tf.keep(result.clone());
      const difference = result.sub(high) as Tensor4D;
      const seen = this.seen(result, high, mask);
      const list: [string, Tensor][] = [];
      if (preset.pixel) list.push(['pixel', pixelLoss(tf, preset.pixel, difference)]);
      if (preset.vgg) list.push(['vgg', vggLoss(tf, preset.vgg, vgg as Vgg19, result, wanted)]);
      if (preset.shrunk) list.push(['shrunk', shrunkLoss(tf, difference).mul(preset.shrunk)]);
      if (reference) {
        const departure = result.sub(reference) as Tensor4D;
        if (preset.grid) list.push(['grid', gridLoss(tf, departure).mul(preset.grid)]);
        if (preset.smooth && mask) list.push(['smooth', smoothLoss(departure, mask).mul(preset.smooth)]);
      }
      if (preset.adversarial && critic && real) {
        const loss = adversarialLoss(tf, preset.adversarial.form, critic.judge(seen), real);
        list.push(['adversarial', loss.mul(preset.adversarial.weight)]);
      }
      for (const [name, value] of list) terms.push([name, tf.keep(value.clone())]);
      return tf.addN(list.map(([, value]) => value)).asScalar();
    };
    const { value, grads } = tf.tidy(() => {
      for (const part of this.adam.parts) tf.keep(part);
      return tf.valueAndGrads(cost)(this.adam.parts);
    });
    losses.total = value.dataSync()[0] as number;
    for (const [name, term] of terms) losses[name] = term.dataSync()[0] as number;
    const length = this.adam.step(grads, rate);
    losses.gradient = length.dataSync()[0] as number;
    tf.dispose([
      value,
      length,
      ...grads,
      ...wanted,
      ...terms.map(([, term]) => term),
      ...(real ? [real] : []),
      ...(reference ? [reference] : []),
    ]);
    return fake as Tensor4D;
  }

  /** What the discriminator is shown: the result, with the original in smooth regions. */
  private seen(result: Tensor4D, high: Tensor4D, mask: Tensor4D | undefined): Tensor4D {
    if (!mask || !this.options.preset.spareSmooth) return result;
    return result.add(high.sub(result).mul(mask)) as Tensor4D;
  }

  /** Whether `enlarge` can be asked: a network that normalises needs statistics, and has none before its first step. */
  get measurable(): boolean {
    const layers = this.parameters.filter(({ name }) => name.endsWith('.gamma'));
    return layers.every(({ name }) => this.statistics.has(name.replace(/\.gamma$/, '')));
  }

  /** The averaged generator on a picture, in float32: [1,h,w,3] → [1,4h,4w,3], 0…1 and a little beyond. */
  enlarge(x: Tensor4D): Tensor4D {
    const { tf } = this.backend;
    return tf.tidy(() => {
      const weights = { ...this.fixed, ...named(this.learned, this.adam.averaged()) };
      return this.finished(x, weights);
    });
  }

  /** The averaged generator, every parameter and statistic: what a checkpoint's weights are. */
  generator(): Map<string, NamedTensor> {
    const learned = unflatten(this.learned, this.adam.state().average);
    const tensors = new Map<string, NamedTensor>();
    for (const { name, shape } of this.parameters) {
      const kept = this.fixed[name];
      tensors.set(
        name,
        kept
          ? { shape, values: Float32Array.from(kept.dataSync() as Float32Array) }
          : (learned.get(name) as NamedTensor),
      );
    }
    for (const [name, tensor] of this.statistics.tensors()) tensors.set(name, tensor);
    return tensors;
  }

  /** Both optimisers, flat: everything a resumed run needs beside `generator()`. */
  state(): { tensors: [string, NamedTensor][]; steps: Record<string, number> } {
    const tensors: [string, NamedTensor][] = [];
    const steps: Record<string, number> = {};
    for (const [who, adam] of this.optimisers()) {
      const { steps: done, ...vectors } = adam.state();
      steps[who] = done;
      for (const [name, values] of Object.entries(vectors))
        tensors.push([`${who}.${name}`, { shape: [values.length], values }]);
    }
    if (this.reference) {
      const values = this.backend.tf.tidy(() =>
        this.backend.tf.concat((this.reference ?? []).map((part) => part.flatten())).dataSync(),
      );
      tensors.push(['reference', { shape: [values.length], values: Float32Array.from(values as Float32Array) }]);
    }
    return { tensors, steps };
  }

  restore(tensors: Map<string, NamedTensor>, steps: Record<string, number>): void {
    const reference = tensors.get('reference');
    if (reference && this.reference) this.refer(reference.values);
    for (const [who, adam] of this.optimisers()) {
      const vector = (name: keyof Omit<AdamState, 'steps'>) => {
        const tensor = tensors.get(`${who}.${name}`);
        if (!tensor) throw new Error(`The saved state holds no ${who}.${name}; it belongs to another preset.`);
        return tensor.values;
      };
      const [weights, average] = [vector('weights'), vector('average')];
      adam.restore({ weights, average, first: vector('first'), second: vector('second'), steps: steps[who] ?? 0 });
    }
  }

  private refer(flat: Float32Array): void {
    const { tf } = this.backend;
    tf.dispose(this.reference ?? []);
    this.reference = [...unflatten(this.parameters, flat).values()].map(({ shape, values }) =>
      tf.keep(tf.tensor(values, shape)),
    );
  }

  private optimisers(): [string, Adam][] {
    return [['generator', this.adam], ...(this.critic ? [['discriminator', this.critic.adam] as [string, Adam]] : [])];
  }
}
