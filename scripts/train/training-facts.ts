/** What the manifest and the model card tell about how a weight set came to be. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { CacheIndex } from './dataset.ts';
import { presets, tiny } from './presets.ts';
import type { RunState } from './run-folder.ts';

export interface TrainingFacts {
  preset?: string;
  /** All steps behind these weights, and those of the last run alone. */
  steps: number;
  ownSteps?: number;
  /** Hours of the last run. */
  hours?: number;
  seed?: number;
  /** What the run started from. */
  from?: string;
  data?: {
    /** Photos a crop was drawn from, and how many of them at half their size too. */
    pictures: number;
    halves: number;
    megapixels: number;
    folders: string[];
  };
  /** Commit of the sources when the run began. */
  commit?: string;
  /** Commit of the sources at export, where the run tells none. */
  exportCommit?: string;
  /** The weights lie this share of the way from another checkpoint to the last of the run. */
  interpolated?: number;
  [fact: string]: unknown;
}

/** What is told of a run, and where the data lies. */
const kept = [
  'preset',
  'tiny',
  'seed',
  'step',
  'hours',
  'from',
  'fromSteps',
  'data',
  'knobs',
  'commit',
  'interpolated',
] as const;

/** Commit of the sources as they are now; nothing outside a repository. */
export function sourcesCommit(): string | undefined {
  const head = spawnSync('git', ['rev-parse', '--short=12', 'HEAD'], { cwd: import.meta.dirname, encoding: 'utf8' });
  return head.status === 0 ? head.stdout.trim() : undefined;
}

/** The facts of the run that ended with a checkpoint: its state's, or what the checkpoint itself tells. */
export function runFacts(base: string): Partial<RunState> & { interpolated?: number } {
  const stem = base.replace(/\.json$/, '');
  const path = [`${stem}.state.json`, `${stem}.json`].find((path) => existsSync(path));
  const found = path ? JSON.parse(readFileSync(path, 'utf8')) : {};
  return Object.fromEntries(kept.filter((name) => name in found).map((name) => [name, found[name]]));
}

/** Collects the facts of a checkpoint's run, the data cache's and the repository's; `more` overrides. */
export function trainingFacts(
  base: string,
  step: number,
  dataFolder: string,
  more: Record<string, unknown>,
): TrainingFacts {
  const run = runFacts(base);
  const exportCommit = run.commit === undefined ? sourcesCommit() : undefined;
  const data = readData(run.data ?? dataFolder, cropSide(run));
  return {
    ...(run.preset && { preset: run.preset }),
    steps: (run.fromSteps ?? 0) + (run.fromSteps === undefined ? step : (run.step ?? step)),
    ...(run.fromSteps !== undefined && run.step !== undefined && { ownSteps: run.step }),
    ...(run.hours !== undefined && { hours: Number(run.hours.toFixed(2)) }),
    ...(run.seed !== undefined && { seed: run.seed }),
    ...(run.interpolated !== undefined && { interpolated: run.interpolated }),
    // Only the last two names: where it lay on the trainer's disk is nobody's business.
    ...(run.from && {
      from: run.from === 'nothing' ? 'random weights' : join(basename(dirname(run.from)), basename(run.from)),
    }),
    ...(data && { data }),
    ...(run.commit !== undefined && { commit: run.commit }),
    ...(exportCommit !== undefined && { exportCommit }),
    ...more,
  };
}

/** Edge of the run's crops in source pixels; 0 where it is not known. */
function cropSide({ preset = '', tiny: small, knobs }: Partial<RunState>): number {
  const known = presets[preset];
  return knobs?.side ?? (known && small ? tiny(known) : known)?.side ?? 0;
}

function readData(folder: string, side: number): TrainingFacts['data'] {
  const path = join(folder, 'pictures.json');
  if (!existsSync(path)) return undefined;
  const index = JSON.parse(readFileSync(path, 'utf8')) as CacheIndex;
  // From a picture smaller than a crop nothing is drawn.
  const used = index.pictures.filter(({ width, height }) => Math.min(width, height) >= 4 * side);
  // A photo and its half are two entries of one name.
  const photos = new Set(used.map(({ name }) => name)).size;
  const pixels = used.reduce((sum, { width, height }) => sum + width * height, 0);
  return {
    pictures: photos,
    halves: used.length - photos,
    megapixels: Number((pixels / 1e6).toFixed(1)),
    folders: index.folders.map((path) => basename(path)),
  };
}
