/**
 * The generator as a pure function of its weights: RGB 0…1, NHWC, [n,h,w,3] → [n,4h,4w,3].
 *
 * `fourfold` (shipped): 9×9 head, residual blocks without normalisation, LeakyReLU 0.1, global skip, two sub-pixel
 * stages with the output layer folded into sub-pixel space (5×5, 256→12 at 2×), plus a fixed bicubic ×4 of the input.
 * `paper` (Ledig et al. 2017, figure 4): the same trunk with batch normalisation and PReLU, two sub-pixel
 * convolutions, 9×9 output at full size.
 */
import { bicubicKernel } from '../../electron/engine/network/kernel.ts';
import type { Tensor, Tensor4D, Tf } from './backend.ts';
import type { Kernels } from './layer-kernels.ts';

export type GeneratorPreset = 'paper' | 'fourfold';

export interface GeneratorSpec {
  preset: GeneratorPreset;
  /** Residual blocks: 16 in the paper. */
  blocks: number;
  /** Feature maps: 64 in the paper. */
  features: number;
}

export const fourfold: GeneratorSpec = { preset: 'fourfold', blocks: 16, features: 64 };
export const paper: GeneratorSpec = { preset: 'paper', blocks: 16, features: 64 };

/** One trainable tensor: its name in checkpoints, its shape (kernels HWIO) and how it starts. */
export interface Parameter {
  name: string;
  shape: number[];
  /** Standard deviation of a truncated normal, or a constant. */
  start: { deviation: number } | { constant: number };
}

export type Weights = Record<string, Tensor>;

/** Every parameter of a generator, in checkpoint order. */
export function generatorParameters(spec: GeneratorSpec): Parameter[] {
  const list: Parameter[] = [];
  const { blocks, features: f } = spec;
  const conv = (name: string, size: number, from: number, to: number, gain = 1) => {
    list.push({
      name: `${name}.w`,
      shape: [size, size, from, to],
      start: { deviation: Math.sqrt(2 / (size * size * from)) * gain },
    });
    list.push({ name: `${name}.b`, shape: [to], start: { constant: 0 } });
  };
  const slopes = (name: string, channels: number) =>
    list.push({ name: `${name}.a`, shape: [channels], start: { constant: 0.25 } });
  const norm = (name: string) => {
    list.push({ name: `${name}.gamma`, shape: [f], start: { constant: 1 } });
    list.push({ name: `${name}.beta`, shape: [f], start: { constant: 0 } });
  };
  const isPaper = spec.preset === 'paper';
  conv('head', 9, 3, f);
  if (isPaper) slopes('head', f);
  for (let i = 0; i < blocks; i++) {
    conv(`b${i}.0`, 3, f, f);
    if (isPaper) norm(`b${i}.0`);
    if (isPaper) slopes(`b${i}`, f);
    // A small second convolution lets a fresh residual block begin close to the identity.
    conv(`b${i}.1`, 3, f, f, isPaper ? 1 : 0.1);
    if (isPaper) norm(`b${i}.1`);
  }
  conv('mid', 3, f, f, isPaper ? 1 : 0.5);
  if (isPaper) norm('mid');
  conv('up1', 3, f, 4 * f);
  if (isPaper) slopes('up1', f);
  conv('up2', 3, f, 4 * f);
  if (isPaper) slopes('up2', f);
  if (isPaper) conv('tail', 9, f, 3);
  else conv('tail', 5, 4 * f, 12, 0.1);
  return list;
}

/** The part that learns in the adversarial stage; the up-sampling part stays as SRResNet learned it. */
export function isTrunk(name: string): boolean {
  return !/^(up1|up2|tail)\./.test(name);
}

/** How a normalisation layer gets its mean and variance; `paper` only. */
export type Normalise = (name: string, x: Tensor4D, gamma: Tensor, beta: Tensor) => Tensor4D;

export interface GeneratorOptions {
  /** Needed by the `paper` preset; see normalisation.ts. */
  normalise?: Normalise;
  /** Parameters that get no gradient; none by default. */
  fixed?: (name: string) => boolean;
}

/** Builds the forward function. */
export function createGenerator(
  tf: Tf,
  ops: Kernels,
  spec: GeneratorSpec,
  { normalise, fixed = () => false }: GeneratorOptions = {},
): (x: Tensor4D, weights: Weights) => Tensor4D {
  const kernel = bicubicKernel();
  const bicubic = tf.keep(tf.tensor4d(kernel.data, [...kernel.shape]));
  const at = (w: Weights, name: string) => {
    const tensor = w[name];
    if (!tensor) throw new Error(`The weights hold no ${name}; they belong to another preset.`);
    return tensor;
  };
  const layer = (k: Kernels, x: Tensor4D, w: Weights, name: string) => {
    const options = { fixed: fixed(`${name}.w`), leaf: name === 'head' };
    const y = k.convolve(x, k.narrow(at(w, `${name}.w`) as Tensor4D), options);
    return k.biasAdd(y, k.narrow(at(w, `${name}.b`)), options);
  };
  const { narrow, widen, exact } = ops;

  function forwardFourfold(x: Tensor4D, w: Weights): Tensor4D {
    const conv = (y: Tensor4D, name: string) => layer(ops, y, w, name);
    const base = exact.depthToSpace(exact.convolve(x, bicubic as Tensor4D, { fixed: true }));
    // The sum over the residual blocks stays in float32, what is added to it is narrow.
    let h = exact.leakyRelu(layer(exact, x, w, 'head'), 0.1);
    const skip = h;
    for (let i = 0; i < spec.blocks; i++)
      h = h.add(widen(conv(ops.leakyRelu(conv(narrow(h), `b${i}.0`), 0.1), `b${i}.1`)));
    h = widen(conv(narrow(h), 'mid')).add(skip);
    let up = ops.leakyRelu(ops.depthToSpace(conv(narrow(h), 'up1')), 0.1);
    up = ops.leakyRelu(conv(up, 'up2'), 0.1);
    return exact.depthToSpace(widen(conv(up, 'tail')).add(base));
  }

  function forwardPaper(x: Tensor4D, w: Weights): Tensor4D {
    if (!normalise) throw new Error('The paper preset needs a normalise function.');
    const norm = (name: string, y: Tensor4D) => normalise(name, y, at(w, `${name}.gamma`), at(w, `${name}.beta`));
    const prelu = (y: Tensor4D, name: string) => tf.prelu(y, at(w, `${name}.a`)) as Tensor4D;
    // Normalisation and PReLU are tfjs's own, so every convolution's result is widened for them.
    const conv = (y: Tensor4D, name: string) => widen(layer(ops, narrow(y), w, name));
    let h = prelu(layer(exact, x, w, 'head'), 'head');
    const skip = h;
    for (let i = 0; i < spec.blocks; i++) {
      const inner = prelu(norm(`b${i}.0`, conv(h, `b${i}.0`)), `b${i}`);
      h = h.add(norm(`b${i}.1`, conv(inner, `b${i}.1`)));
    }
    h = norm('mid', conv(h, 'mid')).add(skip);
    h = prelu(exact.depthToSpace(conv(h, 'up1')), 'up1');
    h = prelu(exact.depthToSpace(conv(h, 'up2')), 'up2');
    return conv(h, 'tail');
  }

  return (x: Tensor4D, w: Weights): Tensor4D => (spec.preset === 'paper' ? forwardPaper(x, w) : forwardFourfold(x, w));
}
