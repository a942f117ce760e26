/**
 * Weights → ONNX in models/, through the engine's own builder.
 *   npx tsx scripts/train/export-onnx.ts <srresnet> <srgan> [models folder]
 * Each argument names a pair NAME.json ({ order, shapes, step }) and NAME.bin (float32, little endian, in that order).
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fourfold, type GeneratorSpec, type Weights } from '../../electron/engine/generator-spec.ts';
import type { ModelManifest, ModelSet, SetName } from '../../electron/engine/model.ts';
import { writeModelFile } from '../../electron/engine/model-file.ts';

interface Checkpoint {
  order: string[];
  shapes: number[][];
  step?: number;
}

export async function readCheckpoint(name: string): Promise<{ weights: Weights; step: number | undefined }> {
  const { order, shapes, step } = JSON.parse(await readFile(`${name}.json`, 'utf8')) as Checkpoint;
  const bytes = await readFile(`${name}.bin`);
  const numbers = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  let at = 0;
  const weights: Weights = new Map();
  for (const [i, tensor] of order.entries()) {
    const shape = shapes[i]!;
    const size = shape.reduce((product, dimension) => product * dimension, 1);
    weights.set(tensor, { shape, data: numbers.slice(at, (at += size)) });
  }
  return { weights, step };
}

export async function exportPair(
  spec: GeneratorSpec,
  sets: Record<SetName, { weights: Weights; training?: Record<string, unknown> }>,
  folder: string,
): Promise<ModelManifest> {
  await mkdir(folder, { recursive: true });
  const write = async (name: SetName): Promise<ModelSet> => {
    const bytes = writeModelFile(spec, sets[name].weights, 'fp16');
    await writeFile(join(folder, `${name}.onnx`), bytes);
    const { training } = sets[name];
    return {
      file: `${name}.onnx`,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      spec,
      ...(training && { training }),
    };
  };
  const manifest: ModelManifest = {
    version: 1,
    sets: { srresnet: await write('srresnet'), srgan: await write('srgan') },
  };
  await writeFile(join(folder, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}

if (import.meta.url === `file://${process.argv[1]}`) {
  const [srresnet, srgan, folder = 'models'] = process.argv.slice(2);
  if (!srresnet || !srgan) throw new Error('Usage: export-onnx.ts <srresnet> <srgan> [models folder]');
  const [first, second] = await Promise.all([readCheckpoint(srresnet), readCheckpoint(srgan)]);
  await exportPair(
    fourfold,
    {
      srresnet: { weights: first.weights, training: { steps: first.step } },
      srgan: { weights: second.weights, training: { steps: second.step } },
    },
    folder,
  );
}
