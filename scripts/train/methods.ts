import { basename, dirname } from 'node:path';
import { blendWeights } from '../../electron/engine/network/blend.ts';
import type { GeneratorSpec, Weights } from '../../electron/engine/network/generator-spec.ts';
import { enlargeBicubic, enlargeNearest } from './enlarge.ts';
import type { Method } from './evaluation.ts';
import { generatorOfCheckpoint, openGenerator } from './onnx-generator.ts';
import { readWeights } from './start-weights.ts';

/** A method with a session behind it. */
export interface NetworkMethod extends Method {
  close(): Promise<void>;
}

/** Two ends and everything between them: a loaded model pair is one. */
export interface Blendable {
  readonly spec: GeneratorSpec;
  weights(blend: number): Weights;
}

export const baselines: readonly Method[] = [
  { name: 'nearest', enlarge: (source) => enlargeNearest(source, 4) },
  { name: 'bicubic', enlarge: (source) => enlargeBicubic(source, 4) },
];

/** `blend 0` (SRResNet) … `blend 1` (SRGAN). */
export async function blendMethods(pair: Blendable, blends: readonly number[], threads = 0): Promise<NetworkMethod[]> {
  const open = (blend: number) => named(`blend ${blend}`, pair.spec, pair.weights(blend), threads);
  return Promise.all(blends.map(open));
}

/** Each checkpoint by itself, named after its folder and file; an .onnx model file will do too. */
export async function checkpointMethods(bases: readonly string[], threads = 0): Promise<NetworkMethod[]> {
  return Promise.all(
    bases.map((base) => {
      const { spec, weights } = readGenerator(base);
      return named(`${basename(dirname(base))}/${basename(base)}`, spec, weights, threads);
    }),
  );
}

/** Two checkpoints as a pair. */
export function pairOfCheckpoints(bases: readonly string[]): Blendable {
  if (bases.length !== 2) throw new Error('Expected two checkpoints, parted by a comma.');
  const [first, second] = bases.map(readGenerator) as [
    ReturnType<typeof readGenerator>,
    ReturnType<typeof readGenerator>,
  ];
  return { spec: first.spec, weights: (blend) => blendWeights(first.weights, second.weights, blend) };
}

function readGenerator(path: string): { spec: GeneratorSpec; weights: Weights } {
  return generatorOfCheckpoint(readWeights(path));
}

async function named(name: string, spec: GeneratorSpec, weights: Weights, threads: number): Promise<NetworkMethod> {
  const generator = await openGenerator(spec, weights, threads);
  return { name, enlarge: (source) => generator.enlarge(source), close: () => generator.close() };
}
