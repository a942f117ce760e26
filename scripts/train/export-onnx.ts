/**
 * `npm run train:export -- <srresnet> <srgan> [options]`: checkpoints → models/, through the engine's own builder.
 *
 *   <srresnet> <srgan>   checkpoints (runs/NAME/last), path without ending, or .onnx files of models/
 *   --models <folder>    default models/
 *   --data <folder>      the training's data cache, for the manifest; default scripts/train/.cache/data
 *   --facts <file>       JSON { srresnet: {…}, srgan: {…} } with further facts for the manifest
 *   --end <t>            the crisp end lies this share of the way from <srresnet> to <srgan>; default 1
 *   --storage fp16|fp32  default fp16: half the size, and not 0.005 dB less
 *   --no-parity          skip the comparison with TensorFlow.js (none is set up on this machine)
 *
 * Nothing is replaced unless parity holds. Afterwards `npm run train:evaluate -- --record` measures the files and
 * writes the scores into the manifest and the model card.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ModelManifest, ModelSet, SetName } from '../../electron/engine/network/model.ts';
import { readModelFile, writeModelFile } from '../../electron/engine/network/model-file.ts';
import { commandOptions, refuseCommand } from '../command-options.ts';
import type { Picture } from './bicubic.ts';
import { type Checkpoint, partOfTheWay } from './checkpoint.ts';
import { cropPicture } from './crop-picture.ts';
import { modelCard } from './model-card.ts';
import { generatorOfCheckpoint } from './onnx-generator.ts';
import { measureParity, PARITY, type Parity } from './parity.ts';
import { readPicture } from './picture-file.ts';
import { readWeights } from './start-weights.ts';
import { type TrainingFacts, trainingFacts } from './training-facts.ts';

export interface ExportSource {
  readonly checkpoint: Checkpoint;
  readonly training: TrainingFacts;
}

export interface ExportOptions {
  readonly folder: string;
  readonly storage: 'fp16' | 'fp32';
  /** A real photo to compare on; without it parity is not measured. */
  readonly photo?: Picture;
}

/** Writes both model files, the manifest and the model card; throws and writes nothing when parity is not reached. */
export async function exportPair(
  sources: Record<SetName, ExportSource>,
  options: ExportOptions,
): Promise<ModelManifest> {
  const files: { path: string; bytes: Uint8Array }[] = [];
  const make = async (name: SetName): Promise<ModelSet> => {
    const { checkpoint, training } = sources[name];
    const { spec, weights } = generatorOfCheckpoint(checkpoint);
    const bytes = writeModelFile(spec, weights, options.storage);
    const parity = options.photo && (await measureParity(checkpoint, bytes, options.photo));
    if (parity && !(parity.greatest <= PARITY)) throw new Error(refusal(name, parity));
    files.push({ path: join(options.folder, `${name}.onnx`), bytes });
    return {
      file: `${name}.onnx`,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      spec: readModelFile(bytes).spec,
      training: { ...training, ...(parity && { parity: { ...parity, photo: 'test/fixtures/coffee.png' } }) },
    };
  };
  const manifest: ModelManifest = {
    version: 1,
    sets: { srresnet: await make('srresnet'), srgan: await make('srgan') },
  };
  const text = (value: string) => new TextEncoder().encode(value);
  files.push({ path: join(options.folder, 'manifest.json'), bytes: text(`${JSON.stringify(manifest, null, 2)}\n`) });
  files.push({ path: join(options.folder, 'README.md'), bytes: text(modelCard(manifest)) });
  mkdirSync(options.folder, { recursive: true });
  for (const { path, bytes } of files) writeFileSync(`${path}.new`, bytes);
  for (const { path } of files) renameSync(`${path}.new`, path);
  return manifest;
}

function refusal(name: SetName, { greatest, backend }: Parity): string {
  return `${name}: the model file differs from ${backend} by ${greatest.toExponential(1)} of full scale, more than ${PARITY}. Nothing was written.`;
}

async function main(): Promise<void> {
  const root = resolve(import.meta.dirname, '../..');
  const { values, positionals } = commandOptions(import.meta.filename, {
    allowPositionals: true,
    options: {
      models: { type: 'string', default: join(root, 'models') },
      data: { type: 'string', default: join(import.meta.dirname, '.cache', 'data') },
      facts: { type: 'string' },
      end: { type: 'string', default: '1' },
      storage: { type: 'string', default: 'fp16' },
      'no-parity': { type: 'boolean', default: false },
    },
  });
  const [srresnet, srgan] = positionals;
  if (!srresnet || !srgan || !['fp16', 'fp32'].includes(values.storage))
    refuseCommand(import.meta.filename, 'It takes two checkpoints, and fp16 or fp32 for --storage');
  const facts: Partial<Record<SetName, Record<string, unknown>>> = values.facts
    ? JSON.parse(readFileSync(values.facts, 'utf8'))
    : {};
  const end = Number(values.end);
  const first = readWeights(srresnet);
  const second = partOfTheWay(first, readWeights(srgan), end);
  const source = (name: SetName, base: string, checkpoint: Checkpoint): ExportSource => {
    const more = { ...(name === 'srgan' && end !== 1 && { end }), ...facts[name] };
    return { checkpoint, training: trainingFacts(base, checkpoint.meta.step, values.data, more) };
  };
  const photo = values['no-parity']
    ? undefined
    : cropPicture(await readPicture(join(root, 'test/fixtures/coffee.png')), 240, 120, 96, 96);
  const manifest = await exportPair(
    { srresnet: source('srresnet', srresnet, first), srgan: source('srgan', srgan, second) },
    { folder: resolve(values.models), storage: values.storage as 'fp16' | 'fp32', ...(photo && { photo }) },
  );
  for (const [name, { sha256, training }] of Object.entries(manifest.sets)) {
    const parity = training?.parity as Parity | undefined;
    const words = parity ? `parity with ${parity.backend} ${parity.greatest.toExponential(1)}` : 'parity not measured';
    console.log(`${name}: ${sha256.slice(0, 12)}, ${training?.steps} steps, ${words}`);
  }
  console.log('Now measure them: npm run train:evaluate -- --record');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await main();
  // TensorFlow's threads would keep the process alive.
  process.exit();
}
