/**
 * Adam (Kingma & Ba 2015) over all parameters at once, as one flat vector, with an exponential average of the weights.
 *
 * One vector instead of a hundred keeps an update at a dozen operations, and makes the state three vectors to save.
 */
import type { Tensor, Tf } from './backend.ts';
import { orthogonalise } from './orthogonalise.ts';

export interface AdamOptions {
  beta1: number;
  beta2: number;
  epsilon: number;
  /** Gradients longer than this (all parameters together) are shortened to it; none by default. */
  clip?: number;
  /** Decay of the averaged weights a step, 0 for none. */
  average: number;
  /** Which parameters step along their orthogonalised momentum (`orthogonalise`); none by default. */
  orthogonal?: (index: number) => boolean;
}

/** Flat float32 vectors, in parameter order. */
export interface AdamState {
  weights: Float32Array;
  average: Float32Array;
  first: Float32Array;
  second: Float32Array;
  steps: number;
}

export class Adam {
  /** The parameters as they are now, in order; replaced by every step. */
  parts: Tensor[];
  steps = 0;
  private flat: Tensor;
  private average: Tensor;
  private first: Tensor;
  private second: Tensor;
  private readonly sizes: number[];
  /** Indices of orthogonal parameters, those of one shape together. */
  private readonly groups: number[][];

  constructor(
    private readonly tf: Tf,
    private readonly shapes: number[][],
    start: Float32Array,
    private readonly options: AdamOptions,
  ) {
    this.sizes = shapes.map((shape) => shape.reduce((product, side) => product * side, 1));
    const { orthogonal = () => false } = options;
    const groups: Record<string, number[]> = {};
    for (const [index, shape] of shapes.entries()) if (orthogonal(index)) (groups[String(shape)] ??= []).push(index);
    this.groups = Object.values(groups);
    this.flat = tf.tensor1d(start);
    this.average = tf.tensor1d(start);
    this.first = tf.zeros([start.length]);
    this.second = tf.zeros([start.length]);
    this.parts = tf.tidy(() => this.split(this.flat));
  }

  /** One update. `gradients` are in parameter order. Returns the length of the gradient as a number-to-be. */
  step(gradients: Tensor[], rate: number): Tensor {
    const { tf } = this;
    const { beta1, beta2, epsilon, clip, average } = this.options;
    this.steps++;
    const next = tf.tidy(() => {
      let gradient: Tensor = tf.concat(gradients.map((part) => part.flatten()));
      const length = gradient.square().sum().sqrt();
      if (clip) gradient = gradient.mul(tf.scalar(clip).div(tf.maximum(length, clip)));
      const first = this.first.mul(beta1).add(gradient.mul(1 - beta1));
      const second = this.second.mul(beta2).add(gradient.square().mul(1 - beta2));
      // The two bias corrections of the paper's section 3, folded into scalars.
      const correction = Math.sqrt(1 - beta2 ** this.steps);
      const scaled = (rate * correction) / (1 - beta1 ** this.steps);
      let update = first.mul(scaled).div(second.sqrt().add(epsilon * correction));
      if (this.groups.length > 0) update = this.turned(update, first.mul(beta1).add(gradient.mul(1 - beta1)), rate);
      const flat = this.flat.sub(update);
      // Early on a long average would only remember the start, so its window grows with the steps.
      const decay = Math.min(average, this.steps / (this.steps + 10));
      const averaged = average > 0 ? this.average.mul(decay).add(flat.mul(1 - decay)) : flat.clone();
      return { first, second, flat, average: averaged, length };
    });
    tf.dispose([this.flat, this.average, this.first, this.second, ...this.parts]);
    this.flat = next.flat;
    this.average = next.average;
    this.first = next.first;
    this.second = next.second;
    this.parts = tf.tidy(() => this.split(this.flat));
    return next.length;
  }

  /** Adam's flat update with the orthogonal parameters' parts replaced. `momentum` looks one step ahead (Nesterov). */
  private turned(update: Tensor, momentum: Tensor, rate: number): Tensor {
    const { tf } = this;
    const updates = this.split(update);
    const momenta = this.split(momentum);
    for (const group of this.groups) {
      const turned = orthogonalise(
        tf,
        group.map((index) => momenta[index] as Tensor),
      );
      for (const [at, index] of group.entries()) updates[index] = (turned[at] as Tensor).mul(rate);
    }
    return tf.concat(updates.map((part) => part.flatten()));
  }

  /** The averaged parameters, in order; the caller disposes them. */
  averaged(): Tensor[] {
    return this.tf.tidy(() => this.split(this.average));
  }

  state(): AdamState {
    const data = (tensor: Tensor) => Float32Array.from(tensor.dataSync());
    return {
      weights: data(this.flat),
      average: data(this.average),
      first: data(this.first),
      second: data(this.second),
      steps: this.steps,
    };
  }

  restore(state: AdamState): void {
    const { tf } = this;
    tf.dispose([this.flat, this.average, this.first, this.second, ...this.parts]);
    this.flat = tf.tensor1d(state.weights);
    this.average = tf.tensor1d(state.average);
    this.first = tf.tensor1d(state.first);
    this.second = tf.tensor1d(state.second);
    this.steps = state.steps;
    this.parts = tf.tidy(() => this.split(this.flat));
  }

  private split(flat: Tensor): Tensor[] {
    return this.tf.split(flat, this.sizes).map((part, index) => part.reshape(this.shapes[index] as number[]));
  }
}
