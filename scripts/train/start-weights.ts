/** Weights to start from: a checkpoint, an exported .onnx file, or the pair the app ships. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readModelFile } from '../../electron/engine/network/model-file.ts';
import { type Checkpoint, type NamedTensor, readCheckpoint } from './checkpoint.ts';
import type { Preset } from './presets.ts';

/**
 * `from` is a checkpoint's path without ending, an .onnx file, or a folder of shipped models, of which an adversarial
 * preset takes `srgan.onnx` and the others `srresnet.onnx`. Shipped weights are rounded to half precision; Adam finds
 * its moments again within the warm-up.
 */
export async function readStart(
  from: string,
  preset: Pick<Preset, 'name'> & { adversarial?: unknown },
): Promise<Checkpoint> {
  const folder = statSync(from, { throwIfNoEntry: false })?.isDirectory();
  const file = folder ? join(from, preset.adversarial ? 'srgan.onnx' : 'srresnet.onnx') : from;
  if (!file.endsWith('.onnx')) return readCheckpoint(file);
  const { weights } = readModelFile(readFileSync(file));
  const tensors = new Map<string, NamedTensor>();
  for (const [name, { shape, data }] of weights) tensors.set(name, { shape: [...shape], values: data });
  const list = [...tensors];
  const [order, shapes] = [list.map(([name]) => name), list.map(([, { shape }]) => shape)];
  return { meta: { order, shapes, step: stepsOf(file) }, tensors };
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
