/** A generator's weights run over whole pictures through onnxruntime, in the graph the engine ships. */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { fourfold, type GeneratorSpec, paper, type Weights } from '../../electron/engine/network/generator-spec.ts';
import { buildGenerator, INPUT, OUTPUT } from '../../electron/engine/network/network.ts';
import { mirror } from '../../electron/engine/run/tensor.ts';
import type { Picture } from './bicubic.ts';
import type { Checkpoint } from './checkpoint.ts';

/** Source pixels mirrored round a picture, the engine's edge rule; 16 leaves no trace of the border (facts: 12 → 0.04/255). */
const HALO = 16;

export interface OnnxGenerator {
  /** A picture four times larger in each direction, rounded and clipped to bytes. */
  enlarge(picture: Picture): Promise<Picture>;
  close(): Promise<void>;
}

/** Opens weights on the CPU. `threads` defaults to every core; spinning is off, so that training beside it keeps its cores. */
export async function openGenerator(spec: GeneratorSpec, weights: Weights, threads = 0): Promise<OnnxGenerator> {
  const bytes = buildGenerator(spec, weights, { precision: 'fp32', io: 'u8', halo: HALO });
  const session = await InferenceSession.create(bytes, {
    intraOpNumThreads: threads,
    graphOptimizationLevel: 'all',
    enableCpuMemArena: false,
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  });
  return {
    async enlarge(picture) {
      const { width, height, pixels } = surround(picture, HALO);
      const { [OUTPUT]: result } = await session.run({ [INPUT]: new Tensor('uint8', pixels, [1, height, width, 3]) });
      const bytes = new Uint8Array(result!.data as Uint8Array);
      return { width: 4 * picture.width, height: 4 * picture.height, pixels: bytes };
    },
    close: () => session.release(),
  };
}

/** What a checkpoint of the training is: its network and weights in the engine's terms. */
export function generatorOfCheckpoint(checkpoint: Checkpoint): { spec: GeneratorSpec; weights: Weights } {
  const weights: Weights = new Map();
  for (const [name, { shape, values }] of checkpoint.tensors) weights.set(name, { shape, data: values });
  const blocks = [...weights.keys()].filter((name) => /^b\d+\.1\.w$/.test(name)).length;
  const features = weights.get('head.w')?.shape[3];
  if (!features || !blocks)
    throw new Error('The checkpoint holds no generator: head.w or the residual blocks are missing.');
  const preset = weights.has('b0.0.gamma') ? paper : fourfold;
  const alpha = preset.alpha === undefined ? {} : { alpha: checkpoint.meta.alpha ?? preset.alpha };
  return { spec: { ...preset, ...alpha, blocks, features }, weights };
}

/** Surrounds a picture with `border` mirrored pixels, by the engine's own rule. */
export function surround(picture: Picture, border: number): Picture {
  const width = picture.width + 2 * border;
  const height = picture.height + 2 * border;
  const pixels = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const row = mirror(y - border, picture.height) * picture.width;
    for (let x = 0; x < width; x++) {
      const from = (row + mirror(x - border, picture.width)) * 3;
      const to = (y * width + x) * 3;
      pixels[to] = picture.pixels[from]!;
      pixels[to + 1] = picture.pixels[from + 1]!;
      pixels[to + 2] = picture.pixels[from + 2]!;
    }
  }
  return { width, height, pixels };
}
