/**
 * Features of VGG19 (Simonyan & Zisserman 2015), the yardstick of the paper's perceptual loss (section 2.2.1): φi,j is
 * the j-th convolution before the i-th max-pooling.
 *
 * Weights are not part of this repository. `loadVgg19` reads a tfjs layers model (`model.json` beside its weights, plain
 * or quantised to bytes) or the Keras file `vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5`.
 */
import { join } from 'node:path';
import type { Backend, Tensor4D } from './backend.ts';
import type { NamedTensor } from './checkpoint.ts';
import type { Kernels } from './layer-kernels.ts';
import { readLayersModel } from './layers-model.ts';

/** Convolutions in each of the five blocks. */
const blocks = [2, 2, 4, 4, 4];
const widths = [64, 128, 256, 512, 512];
/** Channel means of ImageNet, BGR, 0…255: what VGG19 was trained with. */
const means = [103.939, 116.779, 123.68];

/** φ1,2 … φ5,4 as `block.convolution`. */
export type Tap = '1,2' | '2,2' | '3,4' | '4,4' | '5,4';

export interface Vgg19 {
  /**
   * `x`: [n,h,w,3] RGB 0…1, sides of 16 or more. Returns one tensor a tap, in the order of `taps`:
   * [n, h/2^(i−1), w/2^(i−1), width]. After the activation as in the paper, or before it (`activated: false`).
   * Values are as VGG19 makes them, up to some hundreds.
   */
  features(x: Tensor4D, taps: readonly Tap[], options?: { activated?: boolean }): Tensor4D[];
}

const where =
  'Get VGG19 as a tfjs layers model (model.json and its weights), or the Keras file ' +
  'vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5 from the Keras applications, and pass it with --vgg <path>.';

/** Reads and checks the weights: every shape, and one known activation. `path` is a folder, a model.json or an .h5. */
export async function loadVgg19(backend: Backend, ops: Kernels, path: string): Promise<Vgg19> {
  const tensors = await readWeights(path);
  const { tf } = backend;
  const layers = blocks.map((count, block) =>
    Array.from({ length: count }, (_, index) => {
      const name = `block${block + 1}_conv${index + 1}`;
      const from = index > 0 ? (widths[block] as number) : block > 0 ? (widths[block - 1] as number) : 3;
      const kernel = expect(tensors, `${name}/kernel`, [3, 3, from, widths[block] as number], path);
      const bias = expect(tensors, `${name}/bias`, [widths[block] as number], path);
      // The first layer sees the picture itself.
      const k = block === 0 && index === 0 ? ops.exact : ops;
      const keep = ({ values, shape }: NamedTensor) => tf.keep(tf.tidy(() => k.narrow(tf.tensor(values, shape))));
      return { k, kernel: keep(kernel) as Tensor4D, bias: keep(bias) };
    }),
  );
  const mean = tf.keep(tf.tensor1d(means));

  const vgg: Vgg19 = {
    features(x, taps, { activated = true } = {}) {
      const found = new Map<string, Tensor4D>();
      const deepest = Math.max(...taps.map((tap) => Number(tap[0])));
      let h = x.reverse(3).mul(255).sub(mean) as Tensor4D;
      for (const [block, convolutions] of layers.slice(0, deepest).entries()) {
        if (block > 0) h = ops.maxPool(h);
        for (const [index, { k, kernel, bias }] of convolutions.entries()) {
          const raw = k.biasAdd(k.convolve(h, kernel, { fixed: true }), bias, { fixed: true });
          const tap = `${block + 1},${index + 1}` as Tap;
          if (!taps.includes(tap)) {
            h = k.relu(raw);
            // What follows the first layer is narrow.
            if (k !== ops) h = ops.narrow(h);
            continue;
          }
          // A narrow tensor may have one reader only, and a tap has two.
          const wide = k.widen(raw);
          const active = ops.exact.relu(wide);
          found.set(tap, activated ? active : wide);
          h = ops.narrow(active);
        }
      }
      return taps.map((tap) => found.get(tap) as Tensor4D);
    },
  };
  check(backend, vgg, path);
  return vgg;
}

/**
 * A known activation, so that a file of the right shapes with other values (BatchNorm variants, shuffled channels) is
 * refused: of φ5,4 over a fixed pattern the means of the 20 strongest channels, by the byte-quantised weights. Every weight
 * moved by up to one step of that quantisation, which is 2.8 times what its rounding does, puts them off by 0.115; a first
 * layer for RGB instead of BGR by 0.237, though the mean over all channels changes by 3 % only.
 */
export const knownActivation: { channels: Record<number, number>; tolerance: number } = {
  channels: {
    7: 45.2,
    18: 35.96,
    44: 27.2,
    53: 62.4,
    56: 26.69,
    57: 57.91,
    79: 53.23,
    128: 26.87,
    130: 22.2,
    217: 71.61,
    244: 25.28,
    298: 24.16,
    375: 26.2,
    378: 26.72,
    388: 23.66,
    418: 37.74,
    442: 35.72,
    453: 35.26,
    486: 41.34,
    487: 25.24,
  },
  tolerance: 0.1,
};

/** How far the means of φ5,4's 512 channels are from the known ones: length of the difference over the length of those. */
export function offBy(means: ArrayLike<number>): number {
  const known = Object.entries(knownActivation.channels);
  const difference = known.map(([channel, value]) => (means[Number(channel)] as number) - value);
  return Math.hypot(...difference) / Math.hypot(...known.map(([, value]) => value));
}

function check({ tf }: Backend, vgg: Vgg19, path: string): void {
  const means = tf.tidy(() => (vgg.features(pattern(), ['5,4'])[0] as Tensor4D).mean([0, 1, 2]).dataSync());
  const off = offBy(means);
  if (!(off <= knownActivation.tolerance))
    throw new Error(
      `${path} has the shapes of VGG19 but not its values (φ5,4 on the test pattern is off by ${off.toFixed(2)}). ${where}`,
    );

  function pattern(): Tensor4D {
    const side = 64;
    const values = new Float32Array(side * side * 3);
    for (let i = 0; i < values.length; i++) {
      const [y, x, c] = [Math.floor(i / 3 / side), Math.floor(i / 3) % side, i % 3];
      values[i] = 0.5 + 0.25 * Math.sin(x / (3 + c)) + 0.25 * Math.cos((y * (c + 1)) / 7 + x / 11);
    }
    return tf.tensor4d(values, [1, side, side, 3]);
  }
}

function expect(tensors: Map<string, NamedTensor>, name: string, shape: number[], path: string): NamedTensor {
  const tensor = tensors.get(name);
  if (!tensor) throw new Error(`${path} holds no ${name}, so it is not VGG19. ${where}`);
  if (tensor.shape.join() !== shape.join())
    throw new Error(`Expected ${name} as ${shape.join('×')} but ${path} has it as ${tensor.shape.join('×')}. ${where}`);
  return tensor;
}

async function readWeights(path: string): Promise<Map<string, NamedTensor>> {
  if (/\.(h5|hdf5)$/.test(path)) return (await import('./vgg19-h5.ts')).readKerasWeights(path);
  const json = path.endsWith('.json') ? path : join(path, 'model.json');
  try {
    return readLayersModel(json);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new Error(`There is no VGG19 at ${path}. ${where}`);
  }
}
