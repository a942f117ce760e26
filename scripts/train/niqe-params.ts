/**
 * Where NIQE's model of pristine photos comes from: the authors' own (Mittal et al. 2013, 125 photos), as the Apache-2.0
 * wheel `mmagic` of PyPI carries it. It is never part of the repository; without it NIQE is left out.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FEATURES, type NiqeModel } from './niqe.ts';
import { readNpz } from './npz.ts';

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
