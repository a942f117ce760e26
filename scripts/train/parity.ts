/** That a model file gives what the training's own network gives. */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { INPUT, OUTPUT } from '../../electron/engine/network/network.ts';
import { loadBackend, type Tensor as TfTensor } from './backend.ts';
import type { Picture } from './bicubic.ts';
import type { Checkpoint } from './checkpoint.ts';
import { createGenerator, type GeneratorPreset } from './generator.ts';
import { kernels } from './kernels.ts';
import { RunningStatistics } from './normalisation.ts';
import { generatorOfCheckpoint } from './onnx-generator.ts';

/** Greatest difference that counts as the same network, of full scale. */
export const PARITY = 1e-3;

export interface Parity {
  /** Greatest and mean difference over all samples, of full scale 1. */
  readonly greatest: number;
  readonly mean: number;
  /** The TensorFlow.js package that was compared with. */
  readonly backend: string;
}

/** Runs the checkpoint through tfjs and the model file through onnxruntime on the same picture. */
export async function measureParity(checkpoint: Checkpoint, modelFile: Uint8Array, picture: Picture): Promise<Parity> {
  const pixels = Float32Array.from(picture.pixels, (value) => value / 255);
  const dims = [1, picture.height, picture.width, 3];
  const { values, backend } = await throughTensorFlow(checkpoint, pixels, dims);
  const session = await InferenceSession.create(modelFile, { graphOptimizationLevel: 'all', enableCpuMemArena: false });
  const result = (await session.run({ [INPUT]: new Tensor('float32', pixels, dims) }))[OUTPUT]!.data as Float32Array;
  await session.release();
  if (result.length !== values.length)
    throw new Error(`Expected ${values.length} samples from the model file but received ${result.length}.`);
  let [greatest, sum] = [0, 0];
  for (const [i, value] of values.entries()) {
    // The file clips to 0…1, as every picture format would; the training's network does not.
    const difference = Math.abs(Math.min(1, Math.max(0, value)) - result[i]!);
    greatest = Math.max(greatest, difference);
    sum += difference;
  }
  return { greatest, mean: sum / values.length, backend };
}

async function throughTensorFlow(checkpoint: Checkpoint, pixels: Float32Array, dims: number[]) {
  const backend = await loadBackend();
  const { tf } = backend;
  const { spec } = generatorOfCheckpoint(checkpoint);
  const preset: GeneratorPreset = spec.norm ? 'paper' : 'fourfold';
  const statistics = new RunningStatistics(tf);
  statistics.restore(checkpoint.tensors);
  const size = { preset, blocks: spec.blocks, features: spec.features };
  const generator = createGenerator(tf, kernels(backend, 'float32'), size, { normalise: statistics.normalise });
  const weights: Record<string, TfTensor> = {};
  for (const [name, { shape, values }] of checkpoint.tensors) weights[name] = tf.tensor(values, shape);
  const result = tf.tidy(() => generator(tf.tensor4d(pixels, dims as [number, number, number, number]), weights));
  const values = (await result.data()) as Float32Array;
  tf.dispose([result, ...Object.values(weights)]);
  return { values, backend: backend.name };
}
