/**
 * How far two pictures are apart as VGG19 sees them: the features φ2,2 (texture) and φ5,4 (content) of the paper's
 * section 2.2.1, each position scaled to length 1 over its channels, then the mean squared length of the difference. 0: equal;
 * 2: no channel is active in both. More it cannot be, as after the activation none is negative.
 * The network runs through onnxruntime, some times faster than through tfjs.
 */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { Graph } from '../../electron/engine/network/graph.ts';
import { toOihw } from '../../electron/engine/network/kernel.ts';
import { ElementType } from '../../electron/engine/network/onnx.ts';
import type { Picture } from './bicubic.ts';
import { cropPicture } from './crop-picture.ts';
import { type LayerWeight, readLayersModel } from './layers-model.ts';

/** Convolutions of each of VGG19's five blocks. */
const BLOCKS = [2, 2, 4, 4, 4];
const OUTPUTS = { block2_conv2: 'phi22', block5_conv4: 'phi54' } as const;
/** Keras' means for VGG, here in RGB order; the weights take BGR. */
const MEANS = Float32Array.of(123.68, 116.779, 103.939);

/** VGG19 costs 0.8 MFLOP a pixel, so only the middle is looked at: whole pictures would take most of an evaluation's time. */
export const MIDDLE = 320;

/** Feature maps after the activation, [channels][positions], with the length of the vector at each position. */
interface FeatureMap {
  readonly channels: number;
  readonly values: Float32Array;
  readonly lengths: Float64Array;
}
export interface VggFeatures {
  readonly phi22: FeatureMap;
  readonly phi54: FeatureMap;
}
export interface VggDistance {
  readonly phi22: number;
  readonly phi54: number;
}

export interface Vgg {
  /** Features of the middle of a picture, at most `MIDDLE` px a side. */
  features(picture: Picture): Promise<VggFeatures>;
  close(): Promise<void>;
}

/** Opens VGG19 (tfjs layers model, path of its model.json) on the CPU. */
export async function openVgg(modelJson: string, threads = 0): Promise<Vgg> {
  const session = await InferenceSession.create(vggGraph(readLayersModel(modelJson)), {
    intraOpNumThreads: threads,
    graphOptimizationLevel: 'all',
    enableCpuMemArena: false,
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  });
  return {
    async features(picture) {
      const { width, height, pixels } = middle(picture);
      const found = await session.run({ picture: new Tensor('uint8', pixels, [1, height, width, 3]) });
      return { phi22: featureMap(found.phi22!), phi54: featureMap(found.phi54!) };
    },
    close: () => session.release(),
  };
}

/** Distance of two pictures' features, layer by layer. */
export function vggDistance(a: VggFeatures, b: VggFeatures): VggDistance {
  return { phi22: distance(a.phi22, b.phi22), phi54: distance(a.phi54, b.phi54) };
}

function distance(a: FeatureMap, b: FeatureMap): number {
  const positions = a.lengths.length;
  const dots = new Float64Array(positions);
  for (let c = 0; c < a.channels; c++) {
    const from = c * positions;
    for (let i = 0; i < positions; i++) dots[i]! += a.values[from + i]! * b.values[from + i]!;
  }
  let sum = 0;
  for (let i = 0; i < positions; i++) {
    const lengths = a.lengths[i]! * b.lengths[i]!;
    // A position without any activation in either is equal; in one only, as far apart as two unrelated ones.
    if (lengths > 0) sum += 2 - (2 * dots[i]!) / lengths;
    else if (a.lengths[i]! !== b.lengths[i]!) sum += 2;
  }
  return sum / positions;
}

function middle(picture: Picture): Picture {
  const width = Math.min(MIDDLE, picture.width);
  const height = Math.min(MIDDLE, picture.height);
  return cropPicture(picture, (picture.width - width) >> 1, (picture.height - height) >> 1, width, height);
}

function featureMap(tensor: { dims: readonly number[]; data: unknown }): FeatureMap {
  const [, channels, height, width] = tensor.dims as [number, number, number, number];
  const positions = height * width;
  const values = tensor.data as Float32Array;
  const lengths = new Float64Array(positions);
  for (let c = 0; c < channels; c++) for (let i = 0; i < positions; i++) lengths[i]! += values[c * positions + i]! ** 2;
  return { channels, values, lengths: lengths.map(Math.sqrt) };
}

/** `picture` uint8 [1, h, w, 3] RGB → `phi22` [1, 128, h/2, w/2], `phi54` [1, 512, h/16, w/16]. */
function vggGraph(weights: Map<string, LayerWeight>): Uint8Array {
  const graph = new Graph('vgg19');
  const at = (name: string) => {
    const weight = weights.get(name);
    if (!weight) throw new Error(`Expected VGG19 but its weights hold no ${name}.`);
    return weight;
  };
  let x = graph.input({ name: 'picture', elementType: ElementType.uint8, shape: [1, 'height', 'width', 3] });
  x = graph.node('Transpose', [graph.node('Cast', [x], { to: ElementType.float })], { perm: [0, 3, 1, 2] });
  x = graph.node('Sub', [x, graph.floats('means', [1, 3, 1, 1], MEANS)]);
  for (const [b, count] of BLOCKS.entries())
    for (let c = 1; c <= count; c++) {
      const name = `block${b + 1}_conv${c}`;
      const { shape, values } = at(`${name}/kernel`);
      const [h, w, inputs, outputs] = shape as [number, number, number, number];
      const data = b === 0 && c === 1 ? flipInputs(values, inputs, outputs) : values;
      const kernel = graph.floats(
        `${name}.weight`,
        [outputs, inputs, h, w],
        toOihw({ shape: [h, w, inputs, outputs], data }),
      );
      const bias = graph.floats(`${name}.bias`, [outputs], at(`${name}/bias`).values);
      if (b > 0 && c === 1) x = graph.node('MaxPool', [x], { kernel_shape: [2, 2], strides: [2, 2] });
      x = graph.node('Conv', [x, kernel, bias], { kernel_shape: [h, w], pads: [1, 1, 1, 1] });
      x = graph.node('Relu', [x]);
      const output = OUTPUTS[name as keyof typeof OUTPUTS];
      if (output)
        graph.output(x, { name: output, elementType: ElementType.float, shape: [1, outputs, `h${b}`, `w${b}`] });
    }
  return graph.encode();
}

/** Turns a kernel for BGR into one for RGB (HWIO). */
function flipInputs(values: Float32Array, inputs: number, outputs: number): Float32Array {
  return values.map((_, i) => {
    const [place, input, output] = [Math.floor(i / (inputs * outputs)), Math.floor(i / outputs) % inputs, i % outputs];
    return values[(place * inputs + (inputs - 1 - input)) * outputs + output]!;
  });
}
