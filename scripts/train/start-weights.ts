/** Weights to start from: a checkpoint, an exported .onnx file, or the pair the app ships. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readModelFile } from '../../electron/engine/network/model-file.ts';
import { type Checkpoint, type NamedTensor, readCheckpoint } from './checkpoint.ts';
import { isTrunk } from './generator.ts';

/**
 * `from` is a checkpoint's path without ending, an .onnx file, or a folder of shipped models, of which an adversarial
 * preset takes `srgan.onnx` and the others `srresnet.onnx`. Shipped weights are rounded to half precision; Adam finds
 * its moments again within the warm-up.
 */
export function readStart(from: string, preset: { adversarial?: unknown }): Checkpoint {
  const folder = statSync(from, { throwIfNoEntry: false })?.isDirectory();
  return readWeights(folder ? join(from, preset.adversarial ? 'srgan.onnx' : 'srresnet.onnx') : from);
}

/**
 * What a run starts from, and what its grid and smooth terms compare with where that is not the start. With `carry` (see
 * `carryOver`) a folder of shipped models stands for its SRResNet whatever the preset: added to its SRGAN, what that one
 * learned would be in it twice, and the reference would have it too.
 */
export function readStartAndReference(
  from: string,
  preset: { adversarial?: unknown },
  carry: string | undefined,
): { start: Checkpoint; reference?: Checkpoint } {
  if (carry === undefined) return { start: readStart(from, preset) };
  const reference = readStart(from, {});
  return { start: carryOver(reference, carry), reference };
}

/** Of a checkpoint (its path without ending) or an .onnx file. */
export function readWeights(file: string): Checkpoint {
  if (!file.endsWith('.onnx')) return readCheckpoint(file);
  const { spec, weights } = readModelFile(readFileSync(file));
  const tensors = new Map<string, NamedTensor>();
  for (const [name, { shape, data }] of weights) tensors.set(name, { shape: [...shape], values: data });
  const list = [...tensors];
  const [order, shapes] = [list.map(([name]) => name), list.map(([, { shape }]) => shape)];
  const alpha = spec.alpha === undefined ? {} : { alpha: spec.alpha };
  return { meta: { order, shapes, step: stepsOf(file), ...alpha }, tensors };
}

/**
 * What an earlier adversarial run learned, carried over to better weights: start + (srgan − srresnet) of the pair in
 * `folder`, for the parameters that learn in the adversarial stage (task arithmetic, Ilharco et al. 2023). A run then
 * goes on from there instead of learning the same difference again.
 */
export function carryOver(start: Checkpoint, folder: string): Checkpoint {
  const before = readWeights(join(folder, 'srresnet.onnx'));
  const after = readWeights(join(folder, 'srgan.onnx'));
  const tensors = new Map(start.tensors);
  for (const [name, { shape, values }] of start.tensors) {
    if (!isTrunk(name)) continue;
    const [from, to] = [before.tensors.get(name)?.values, after.tensors.get(name)?.values];
    if (from?.length !== values.length || to?.length !== values.length)
      throw new Error(`The pair in ${folder} differs from the start in ${name}; there is nothing to carry over.`);
    tensors.set(name, { shape, values: values.map((value, i) => value + to[i]! - from[i]!) });
  }
  return { meta: { ...start.meta, carriedSteps: after.meta.step }, tensors };
}

/** Training steps the manifest beside a shipped file tells of it, 0 when it tells nothing. */
function stepsOf(file: string): number {
  try {
    const manifest = JSON.parse(readFileSync(join(file, '..', 'manifest.json'), 'utf8'));
    const set = Object.values(manifest.sets as Record<string, { file: string; training?: { steps?: number } }>).find(
      (candidate) => file.endsWith(candidate.file),
    );
    return set?.training?.steps ?? 0;
  } catch {
    return 0;
  }
}
