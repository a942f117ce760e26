import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type NamedTensor, readCheckpoint, saveCheckpoint } from '../../../scripts/train/checkpoint.ts';
import { modelCard } from '../../../scripts/train/model-card.ts';
import { prepare } from '../../../scripts/train/prepare.ts';
import type { RunState } from '../../../scripts/train/run-folder.ts';
import { sourcesCommit, type TrainingFacts, trainingFacts } from '../../../scripts/train/training-facts.ts';
import { fixture } from '../../fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'fourfold-facts-'));
const cache = join(folder, 'cache');
const root = resolve(import.meta.dirname, '../../..');

beforeAll(async () => {
  const photos = join(folder, 'photos');
  mkdirSync(photos);
  for (const edge of [280, 160])
    await sharp(fixture('coffee.png'))
      .extract({ left: 0, top: 0, width: edge, height: edge })
      .toFile(join(photos, `${edge}.png`));
  await prepare([photos], cache, () => {}, { halves: true });
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A run's last checkpoint of one weight, and its state; the path without ending. */
function runEndingWith(weight: number, state: Partial<RunState> = {}): string {
  const base = join(folder, `run-${weight}`);
  const run = { preset: 'fourfold-srgan', tiny: false, seed: 4, step: 30, progress: 1, hours: 1.234, from: 'models' };
  const tensor: NamedTensor = { shape: [1], values: Float32Array.of(weight) };
  const { preset, seed, hours, from, fromSteps, step } = { ...run, fromSteps: 100, ...state };
  saveCheckpoint(`${base}.state`, [], { ...run, fromSteps: 100, optimiserSteps: {}, data: cache, ...state });
  saveCheckpoint(base, [['head.b', tensor]], { step, preset, seed, hours, from, fromSteps });
  return base;
}

test('photos are counted once each, only where a crop fits, and those at half size beside', () => {
  const data = (state: Partial<RunState>) => trainingFacts(runEndingWith(1, state), 30, 'no-such-cache', {}).data;
  // 280, its half and 160 pixels, all at least 4 · 32.
  expect(data({})).toEqual({ pictures: 2, halves: 1, megapixels: 0.1, folders: ['photos'] });
  // fourfold-srresnet's crops are of 4 · 48 pixels.
  expect(data({ preset: 'fourfold-srresnet' })).toMatchObject({ pictures: 1, halves: 0 });
  expect(data({ preset: 'fourfold-srresnet', knobs: { side: 36 } })).toMatchObject({ pictures: 2, halves: 0 });
  expect(data({ preset: 'fourfold-srresnet', tiny: true })).toMatchObject({ pictures: 2, halves: 1 });
});

test('what lies between two checkpoints has the facts of the second', () => {
  const between = join(folder, 'between');
  const [a, b] = [runEndingWith(2), runEndingWith(4, { seed: 9, step: 50, knobs: { side: 48 } })];
  const command = ['--import', 'tsx', 'scripts/train/interpolate.ts', a, b, '0.25', between];
  const { status, stderr } = spawnSync(process.execPath, command, { cwd: root, encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
  expect(readCheckpoint(between).tensors.get('head.b')?.values).toEqual(Float32Array.of(2.5));
  const facts = trainingFacts(between, 50, 'no-such-cache', {});
  expect(facts).toEqual({ ...trainingFacts(b, 50, 'no-such-cache', {}), interpolated: 0.25 });
  const run = { preset: 'fourfold-srgan', steps: 150, ownSteps: 50, hours: 1.23, seed: 9, from: 'models' };
  expect(facts).toMatchObject({ ...run, data: { pictures: 1 } });
});

test('the commit is that of the run, and of the export only where no run tells one', () => {
  const { status, stdout } = spawnSync('git', ['rev-parse', '--short=12', 'HEAD'], { cwd: root, encoding: 'utf8' });
  const facts = trainingFacts(runEndingWith(6, { commit: '0123456789ab' }), 30, 'no-such-cache', {});
  expect(facts).toMatchObject({ commit: '0123456789ab' });
  expect(facts).not.toHaveProperty('exportCommit');
  const unknown = trainingFacts(runEndingWith(7), 30, 'no-such-cache', {});
  expect(unknown).not.toHaveProperty('commit');
  // Outside a repository neither is known.
  expect(unknown.exportCommit).toBe(status === 0 ? stdout.trim() : undefined);
  expect(sourcesCommit()).toBe(unknown.exportCommit);

  const { spec } = JSON.parse(readFileSync(join(root, 'models/manifest.json'), 'utf8')).sets.srresnet;
  const set = (training: TrainingFacts) => ({ file: 'a', sha256: 'a', spec, training });
  const card = modelCard({
    version: 1,
    sets: { srresnet: set(facts), srgan: set({ ...unknown, exportCommit: 'abc' }) },
  });
  expect(card).toContain('- sources at commit `0123456789ab`\n');
  expect(card).toContain('- exported with the sources at commit `abc`; those of the training were not noted\n');
});
