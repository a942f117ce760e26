import {
  fourfold,
  type GeneratorSpec,
  paper,
  type Weights,
  weightShapes,
} from '../../electron/engine/network/generator-spec.ts';
import { type ModelManifest, type ModelPair, modelPair } from '../../electron/engine/network/model.ts';
import type { Plane } from './reference-generator.ts';

export const smallFourfold: GeneratorSpec = { ...fourfold, features: 8, blocks: 2 };
export const smallPaper: GeneratorSpec = { ...paper, features: 8, blocks: 2 };

/** Numbers −1…1, the same for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 31 - 1;
  };
}

/** Weights that keep the values of every layer near 1. */
export function randomWeights(spec: GeneratorSpec, seed: number): Weights {
  const next = randomNumbers(seed);
  const weights: Weights = new Map();
  for (const [name, shape] of weightShapes(spec)) {
    const size = shape.reduce((product, length) => product * length, 1);
    const deviation = name.endsWith('.w') ? Math.sqrt(2 / (size / shape.at(-1)!)) : 0.1;
    weights.set(name, { shape, data: Float32Array.from({ length: size }, () => next() * deviation) });
    if (!spec.norm || !/^(b\d+\.\d|mid)\.w$/.test(name)) continue;
    const channels = shape.at(-1)!;
    const part = (suffix: string, middle: number) =>
      weights.set(name.replace(/w$/, suffix), {
        shape: [channels],
        data: Float32Array.from({ length: channels }, () => middle + 0.3 * next()),
      });
    part('gamma', 1);
    part('beta', 0);
    part('mean', 0);
    part('variance', 1);
  }
  return weights;
}

/** A picture of random samples 0…1. */
export function randomPicture(width: number, height: number, seed: number): Plane {
  const next = randomNumbers(seed);
  return {
    width,
    height,
    channels: 3,
    data: Float64Array.from({ length: width * height * 3 }, () => (next() + 1) / 2),
  };
}

/** A pair of small random sets in memory, for tests that need a session and no picture quality. */
export function smallPair(spec: GeneratorSpec = smallFourfold): ModelPair {
  const set = (name: string) => ({ file: `${name}.onnx`, sha256: name, spec });
  const manifest: ModelManifest = { version: 1, sets: { srresnet: set('one'), srgan: set('two') } };
  return modelPair(manifest, spec, randomWeights(spec, 1), randomWeights(spec, 2));
}
