/**
 * The discriminator (Ledig et al. 2017, figure 4): eight 3×3 convolutions 64 → 512, every second one with stride 2,
 * LeakyReLU 0.2, two dense layers. Returns logits; the paper's sigmoid is in the losses, where it is exact for large values.
 *
 * The paper's first dense layer sees 6×6 positions (crops of 96). Other crop sizes are pooled to 6×6, so one set of
 * weights serves all of them.
 */
import type { Tensor2D } from '@tensorflow/tfjs';
import type { Tensor, Tensor4D, Tf } from './backend.ts';
import type { Parameter, Weights } from './generator.ts';
import type { Kernels } from './layer-kernels.ts';
import { batchNormalise } from './normalisation.ts';

export interface DiscriminatorSpec {
  /** Maps of the first convolution: 64 in the paper; the last has eight times as many. */
  features: number;
  /** Width of the first dense layer: 1024 in the paper. */
  hidden: number;
  /** Batch normalisation from the second convolution on, as in the paper. */
  norm: boolean;
}

export const paperDiscriminator: DiscriminatorSpec = { features: 64, hidden: 1024, norm: true };
/**
 * Half the maps, no normalisation: a quarter of the work. Normalisation alone costs 35 % of a step on the CPU, and
 * mixes the pictures of a batch, which are four.
 */
export const fourfoldDiscriminator: DiscriminatorSpec = { features: 32, hidden: 128, norm: false };

/** Positions each way that the first dense layer sees. */
const grid = 6;

/** [from, to, stride] of the eight convolutions. */
function layers(features: number): [number, number, 1 | 2][] {
  const f = (factor: number) => features * factor;
  return [
    [3, f(1), 1],
    [f(1), f(1), 2],
    [f(1), f(2), 1],
    [f(2), f(2), 2],
    [f(2), f(4), 1],
    [f(4), f(4), 2],
    [f(4), f(8), 1],
    [f(8), f(8), 2],
  ];
}

/** Every parameter, in checkpoint order: d0.w d0.b … d7.b, dense0.w … dense1.b, with `norm` also d1.gamma d1.beta …. */
export function discriminatorParameters(spec: DiscriminatorSpec): Parameter[] {
  const list: Parameter[] = [];
  for (const [index, [from, to]] of layers(spec.features).entries()) {
    list.push({ name: `d${index}.w`, shape: [3, 3, from, to], start: { deviation: Math.sqrt(2 / (9 * from)) } });
    list.push({ name: `d${index}.b`, shape: [to], start: { constant: 0 } });
    if (spec.norm && index > 0) {
      list.push({ name: `d${index}.gamma`, shape: [to], start: { constant: 1 } });
      list.push({ name: `d${index}.beta`, shape: [to], start: { constant: 0 } });
    }
  }
  const flat = grid * grid * 8 * spec.features;
  list.push({ name: 'dense0.w', shape: [flat, spec.hidden], start: { deviation: Math.sqrt(2 / flat) } });
  list.push({ name: 'dense0.b', shape: [spec.hidden], start: { constant: 0 } });
  list.push({ name: 'dense1.w', shape: [spec.hidden, 1], start: { deviation: Math.sqrt(1 / spec.hidden) } });
  list.push({ name: 'dense1.b', shape: [1], start: { constant: 0 } });
  return list;
}

/**
 * Builds the forward function: [n,h,w,3] RGB 0…1 → logits [n,1], above 0 for "a photo". With `fixed` the gradient runs
 * only to the picture, which is what the generator's step needs.
 */
export function createDiscriminator(tf: Tf, ops: Kernels, spec: DiscriminatorSpec) {
  const normalise = batchNormalise(tf);
  const at = (w: Weights, name: string) => w[name] as Tensor;
  return (x: Tensor4D, w: Weights, fixed = false): Tensor2D => {
    let h = x.mul(2).sub(1) as Tensor4D;
    for (const [index, [, , stride]] of layers(spec.features).entries()) {
      // The first layer sees the picture itself.
      const k = index === 0 ? ops.exact : ops;
      if (index === 1) h = ops.narrow(h);
      h = k.convolve(h, k.narrow(at(w, `d${index}.w`) as Tensor4D), { stride, fixed, leaf: index === 0 });
      h = k.biasAdd(h, k.narrow(at(w, `d${index}.b`)), { fixed });
      if (spec.norm && index > 0)
        h = k.narrow(normalise(`d${index}`, k.widen(h), at(w, `d${index}.gamma`), at(w, `d${index}.beta`)));
      h = k.leakyRelu(h, 0.2);
    }
    h = ops.widen(h);
    h = pool(tf, h);
    const flat = h.reshape([h.shape[0], -1]) as Tensor2D;
    const hidden = tf.matMul(flat, at(w, 'dense0.w') as Tensor2D).add(at(w, 'dense0.b'));
    const active = tf.leakyRelu(hidden, 0.2) as Tensor2D;
    return tf.matMul(active, at(w, 'dense1.w') as Tensor2D).add(at(w, 'dense1.b')) as Tensor2D;
  };
}

function pool(tf: Tf, x: Tensor4D): Tensor4D {
  const [, height, width] = x.shape;
  if (height === grid && width === grid) return x;
  if (height % grid === 0 && width % grid === 0)
    return tf.avgPool(x, [height / grid, width / grid], [height / grid, width / grid], 'valid');
  return tf.image.resizeBilinear(x, [grid, grid], true);
}
