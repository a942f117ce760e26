/**
 * Where NIQE's model of pristine photos comes from. It is never part of the repository:
 * 1. the authors' own (Mittal et al. 2013, 125 photos), as the Apache-2.0 wheel `mmagic` of PyPI carries it;
 * 2. else one fitted here on a folder of good photos (`fitNiqeModel`). Scores of two models cannot be compared.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Picture } from './bicubic.ts';
import { distribution, FEATURES, type NiqeModel, niqeFeatures } from './niqe.ts';
import { readNpz } from './npz.ts';
import { luma } from './plane.ts';

const cache = join(import.meta.dirname, '.cache');
const member = 'mmagic/evaluation/metrics/niqe_pris_params.npz';
const sha256 = '2a7c182a68c9e7f1b2e2e5ec723279d6f65d912b6fcaf37eb2bf03d7367c4296';

/** The authors' model from the cache, or undefined when `fetchNiqeModel` has not run yet. */
export function cachedNiqeModel(folder = cache): NiqeModel | undefined {
  const path = join(folder, 'niqe-pristine.npz');
  if (!existsSync(path)) return undefined;
  const arrays = readNpz(readFileSync(path));
  const mean = arrays.get('mu_pris_param')?.values;
  const covariance = arrays.get('cov_pris_param')?.values;
  if (mean?.length !== FEATURES || covariance?.length !== FEATURES ** 2)
    throw new Error(`${path} holds no NIQE model of ${FEATURES} features; delete it and run train:setup again.`);
  return { mean, covariance };
}

/** Takes the authors' model out of the wheel (1.4 MB, through pip) into the cache. Returns whether it is there. */
export function fetchNiqeModel(folder = cache): boolean {
  if (cachedNiqeModel(folder)) return true;
  mkdirSync(folder, { recursive: true });
  const pip = [
    '-m',
    'pip',
    'download',
    '--quiet',
    '--no-deps',
    '--only-binary=:all:',
    '--dest',
    folder,
    'mmagic==1.2.0',
  ];
  if (spawnSync('python3', pip, { stdio: ['ignore', 'ignore', 'inherit'] }).status !== 0) return false;
  const wheel = readdirSync(folder).find((name) => name.startsWith('mmagic-1.2.0') && name.endsWith('.whl'));
  if (!wheel) return false;
  const unpack = 'import sys, zipfile\nsys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]))';
  const bytes = spawnSync('python3', ['-c', unpack, join(folder, wheel), member]).stdout;
  rmSync(join(folder, wheel));
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== sha256) throw new Error(`The NIQE model has sha256 ${found}, expected ${sha256}; nothing was kept.`);
  writeFileSync(join(folder, 'niqe-pristine.npz'), bytes);
  return true;
}

/**
 * Fits a model on pristine photos (some dozens, of at least 500 px a side): features of the sharp blocks only, those with
 * more than 0.75 of the sharpest block's local contrast, as in section II-C of the paper.
 */
export function fitNiqeModel(photos: Iterable<Picture>): NiqeModel {
  const kept: Float64Array[] = [];
  for (const photo of photos) {
    const features = niqeFeatures(photo);
    const sharpness = blockSharpness(photo);
    if (features.length !== sharpness.length) continue; // a block without any variation: not a photo to learn from
    const limit = 0.75 * Math.max(...sharpness);
    kept.push(...features.filter((_, i) => sharpness[i]! > limit));
  }
  if (kept.length <= FEATURES)
    throw new Error(
      `Expected more than ${FEATURES} sharp blocks but found ${kept.length}; give more or larger photos.`,
    );
  return distribution(kept);
}

/** Mean local standard deviation of each 96² block, in the order of `niqeFeatures`. */
function blockSharpness(photo: Picture): number[] {
  const block = 96;
  const { width, values } = luma(photo, true);
  const sharpness: number[] = [];
  for (let top = 0; top + block <= photo.height; top += block)
    for (let left = 0; left + block <= photo.width; left += block) {
      let total = 0;
      for (let y = top; y < top + block; y += 8)
        for (let x = left; x < left + block; x += 8) {
          let [sum, square] = [0, 0];
          for (let dy = 0; dy < 8; dy++)
            for (let dx = 0; dx < 8; dx++) {
              const value = values[(y + dy) * width + x + dx]!;
              sum += value;
              square += value * value;
            }
          total += Math.sqrt(Math.max(0, square / 64 - (sum / 64) ** 2));
        }
      sharpness.push(total);
    }
  return sharpness;
}
