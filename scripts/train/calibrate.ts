/**
 * Measures the ranges int8 needs, on photos, at blends 0, 0.5 and 1, and writes them into models/manifest.json.
 *   npm run train:calibrate -- [--photos <folder>] [--models <folder>] [--crops 64]
 * Deterministic: the same photos and weights give the same ranges. 64, because with 24 grey came out two levels off, and int8 cost 0.036 dB on Set5 (with 64 at most 0.03).
 */
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import sharp from 'sharp';
import { type Calibration, type Range, type Ranges, union } from '../../electron/engine/network/calibration.ts';
import {
  defaultModelsDir,
  loadModelPair,
  type ModelManifest,
  type ModelPair,
} from '../../electron/engine/network/model.ts';
import { buildGenerator, INPUT } from '../../electron/engine/network/network.ts';
import { rangeNames } from '../../electron/engine/network/range-outputs.ts';
import { HALO } from '../../electron/engine/run/tile-runtime.ts';
import { commandOptions } from '../command-options.ts';

const BLENDS = [0, 0.5, 1];
/** Edge of a crop in source pixels; the outermost `HALO` are not enlarged, as in a tile. */
const EDGE = 96;

/** Crops from evenly chosen photos, at the size a user's photo has: full, not shrunk. */
export async function calibrationCrops(folder: string, count: number): Promise<Uint8Array[]> {
  if (!existsSync(folder)) throw new Error(`There is no folder ${folder}; name one of photos with --photos.`);
  const names = (await readdir(folder)).filter((name) => /\.(jpe?g|png|webp|tiff?)$/i.test(name)).sort();
  const crops: Uint8Array[] = [];
  for (let i = 0; i < count && names.length > 0; i++) {
    const path = join(folder, names[Math.floor((i * names.length) / count)]!);
    const { width, height } = await sharp(path).metadata();
    if (width < EDGE || height < EDGE) continue;
    // Spread over the picture by two irrational steps, so that corners and centres both come up.
    const left = Math.floor((width - EDGE) * ((i * 0.618034) % 1));
    const top = Math.floor((height - EDGE) * ((i * 0.754878) % 1));
    const crop = sharp(path).extract({ left, top, width: EDGE, height: EDGE }).toColourspace('srgb').removeAlpha();
    const { data, info } = await crop.raw().toBuffer({ resolveWithObject: true });
    if (info.channels === 3) crops.push(new Uint8Array(data));
  }
  return crops;
}

/** Lowest and highest value of everything between the layers over all crops. */
async function measure(models: ModelPair, blend: number, crops: Uint8Array[]): Promise<Ranges> {
  const options = { precision: 'fp32', io: 'u8', halo: HALO, measureRanges: true } as const;
  const session = await InferenceSession.create(buildGenerator(models.spec, models.weights(blend), options), {
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  });
  const names = rangeNames(models.spec);
  const ranges: Record<string, Range> = {};
  for (const crop of crops) {
    const result = await session.run({ [INPUT]: new Tensor('uint8', crop, [1, EDGE, EDGE, 3]) }, ['lows', 'highs']);
    const lows = result.lows!.data as Float32Array;
    const highs = result.highs!.data as Float32Array;
    for (const [i, name] of names.entries()) ranges[name] = union(ranges[name] ?? [0, 0], [lows[i]!, highs[i]!]);
  }
  await session.release();
  const rounded = (range: Range): Range => [Number(range[0].toPrecision(5)), Number(range[1].toPrecision(5))];
  return Object.fromEntries(names.map((name) => [name, rounded(ranges[name]!)]));
}

/** Measures the pair in a models folder and writes the result into its manifest. */
export async function calibrate(modelsDir: string, crops: Uint8Array[]): Promise<Calibration> {
  const models = await loadModelPair(modelsDir);
  const blends = [];
  for (const blend of BLENDS) blends.push({ blend, ranges: await measure(models, blend, crops) });
  const calibration: Calibration = { model: models.id, blends };
  const path = join(modelsDir, 'manifest.json');
  const manifest: ModelManifest = { ...(JSON.parse(await readFile(path, 'utf8')) as ModelManifest), calibration };
  await writeFile(path, `${JSON.stringify(manifest, null, 2)}\n`);
  return calibration;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { values } = commandOptions(import.meta.filename, {
    options: {
      photos: { type: 'string', default: '../shared/data/train' },
      models: { type: 'string', default: defaultModelsDir() },
      crops: { type: 'string', default: '64' },
    },
  });
  const crops = await calibrationCrops(values.photos, Number(values.crops));
  if (crops.length === 0) throw new Error(`No photos of at least ${EDGE}×${EDGE} pixels in ${values.photos}.`);
  const { model, blends } = await calibrate(values.models, crops);
  console.log(`Calibrated ${model} on ${crops.length} crops at blends ${blends.map(({ blend }) => blend).join(', ')}.`);
}
