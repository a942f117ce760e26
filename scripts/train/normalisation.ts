/** Batch normalisation as the paper's networks use it, with running statistics for the finished generator. */
import type { Tensor, Tensor4D, Tf } from './backend.ts';
import type { NamedTensor } from './checkpoint.ts';
import type { Normalise } from './generator.ts';

/** Added to the variance; the value TensorFlow uses, and the engine when it folds. */
const epsilon = 1e-3;
/** Share of the running statistics kept at each step. */
const momentum = 0.99;

/** With the statistics of the batch; `record` is told them, kept, and disposes them. */
export function batchNormalise(tf: Tf, record?: (name: string, mean: Tensor, variance: Tensor) => void): Normalise {
  return (name, x, gamma, beta) => {
    const { mean, variance } = tf.moments(x, [0, 1, 2]);
    record?.(name, tf.keep(mean.clone()), tf.keep(variance.clone()));
    // Composed of plain operations, so that the gradient runs through mean and variance too.
    const scale = variance.add(epsilon).rsqrt().mul(gamma);
    return x.sub(mean).mul(scale).add(beta) as Tensor4D;
  };
}

/** Running mean and variance of every layer: `NAME.mean` and `NAME.variance`, as checkpoints keep them. */
export class RunningStatistics {
  private readonly values = new Map<string, Tensor>();

  constructor(private readonly tf: Tf) {}

  /** Takes over one batch's statistics and disposes them. */
  readonly record = (name: string, mean: Tensor, variance: Tensor): void => {
    for (const [key, value] of [
      [`${name}.mean`, mean],
      [`${name}.variance`, variance],
    ] as const) {
      const before = this.values.get(key);
      const next = before ? this.tf.tidy(() => before.mul(momentum).add(value.mul(1 - momentum))) : value.clone();
      this.values.set(key, this.tf.keep(next));
      this.tf.dispose(before ? [before, value] : [value]);
    }
  };

  /** Normalises with the running statistics: what a finished generator does. */
  readonly normalise: Normalise = (name, x, gamma, beta) => {
    const mean = this.values.get(`${name}.mean`);
    const variance = this.values.get(`${name}.variance`);
    if (!mean || !variance) throw new Error(`There are no statistics of ${name} yet; train a step first.`);
    return x.sub(mean).mul(variance.add(epsilon).rsqrt().mul(gamma)).add(beta) as Tensor4D;
  };

  /** Whether layer `name` can be normalised with them: not before its first step, nor with weights that brought none. */
  has(name: string): boolean {
    return this.values.has(`${name}.mean`) && this.values.has(`${name}.variance`);
  }

  tensors(): [string, NamedTensor][] {
    return [...this.values].map(([name, tensor]) => [
      name,
      { shape: tensor.shape, values: Float32Array.from(tensor.dataSync() as Float32Array) },
    ]);
  }

  /** Takes the statistics among a checkpoint's tensors. */
  restore(tensors: Map<string, NamedTensor>): void {
    for (const [name, { shape, values }] of tensors)
      if (/\.(mean|variance)$/.test(name)) {
        this.values.get(name)?.dispose();
        this.values.set(name, this.tf.keep(this.tf.tensor(values, shape)));
      }
  }
}
