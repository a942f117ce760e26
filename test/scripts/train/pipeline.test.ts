import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadModelPair } from '../../../electron/engine/network/model.ts';
import { createRaster } from '../../../electron/engine/photo/raster.ts';
import { openSession } from '../../../electron/engine/run/session.ts';
import { readCheckpoint } from '../../../scripts/train/checkpoint.ts';
import { cropPicture } from '../../../scripts/train/crop-picture.ts';
import { evaluate } from '../../../scripts/train/evaluation.ts';
import { exportPair } from '../../../scripts/train/export-onnx.ts';
import { blendMethods } from '../../../scripts/train/methods.ts';
import { openPairs } from '../../../scripts/train/pairs.ts';
import { readPicture } from '../../../scripts/train/picture-file.ts';
import { prepare } from '../../../scripts/train/prepare.ts';
import type { LogLine } from '../../../scripts/train/run-folder.ts';
import { sourcesCommit, trainingFacts } from '../../../scripts/train/training-facts.ts';
import { writePhotos } from './photos.ts';

// The whole way of a network, from photos to the engine, with one of 2 blocks and 8 features.

const root = resolve(import.meta.dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'fourfold-pipeline-'));
const cache = join(folder, 'cache');
const srresnet = join(folder, 'srresnet');
const srgan = join(folder, 'srgan');
/** The first run as its kill left it. */
const killed = join(folder, 'killed');

beforeAll(async () => {
  await writePhotos(join(folder, 'photos'));
  await prepare([join(folder, 'photos')], cache);
  mkdirSync(join(folder, 'pairs'));
  copyFileSync(join(folder, 'photos', 'coffee.png'), join(folder, 'pairs', 'coffee.png'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function start(...parameters: string[]): { child: ChildProcess; output: () => string } {
  // A resumed run goes on with the data it had.
  const data = parameters.includes('--resume') ? [] : ['--tiny', '--data', cache];
  const command = ['--import', 'tsx', 'scripts/train/train.ts', ...parameters, ...data, '--nice', '0'];
  const child = spawn(process.execPath, command, { cwd: root });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data) => (text += data));
  return { child, output: () => text };
}

async function finished({ child, output }: ReturnType<typeof start>): Promise<{ code: number | null; text: string }> {
  const code = await new Promise<number | null>((done) => child.on('close', done));
  return { code, text: output() };
}

const log = (run: string): LogLine[] =>
  readFileSync(join(run, 'log.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

test('SRResNet, killed in the middle, goes on where it was', async () => {
  const pairs = join(folder, 'pairs');
  const asked = ['--save', '1', '--rate', '2e-3', '--precision', 'float32', '--watch', pairs];
  const first = start('fourfold-srresnet', '--run', srresnet, '--steps', '1000000', ...asked);
  const over = finished(first);
  while (!existsSync(join(srresnet, 'last.json')) || readCheckpoint(join(srresnet, 'last')).meta.step < 3) {
    if (first.child.exitCode !== null) throw new Error(first.output());
    await setTimeout(100);
  }
  first.child.kill('SIGKILL');
  await over;
  cpSync(srresnet, killed, { recursive: true });
  const saved = readCheckpoint(join(srresnet, 'last.state')).meta;
  expect(saved.step).toBeGreaterThan(2);
  expect(saved.commit).toEqual(sourcesCommit() && expect.stringMatching(/^[0-9a-f]{12}$/));
  expect(saved.knobs).toEqual({ rate: 2e-3 });

  const { code, text } = await finished(start('--run', srresnet, '--resume', '--steps', '20'));
  expect([code, text]).toEqual([0, expect.stringContaining('20 steps; finished')]);
  const resumed = log(srresnet).find(({ event }) => event === 'resume');
  expect(resumed?.step).toBe(saved.step);
  expect(resumed?.progress).toBe(saved.progress);
  // What was asked for once goes on: the rate instead of the preset's, the precision, the pairs, the time between saves.
  const asBefore = { knobs: { rate: 2e-3 }, precision: 'float32', watch: pairs, save: 1 };
  expect(readCheckpoint(join(srresnet, 'last.state')).meta).toMatchObject(asBefore);
  expect(text).toMatch(/, float32, [\s\S]*dB on 1 pictures/);
  expect(log(srresnet).find(({ event }) => event === 'end')).toMatchObject({ step: saved.step + 20 });
  expect(readCheckpoint(join(srresnet, 'last')).meta.step).toBe(saved.step + 20);
  for (const name of ['report.html', 'report.png']) expect(existsSync(join(srresnet, name))).toBe(true);
});

test('a run that is there is not begun anew over it', async () => {
  const before = readFileSync(join(srresnet, 'last.json'), 'utf8');
  const { code, text } = await finished(start('fourfold-srresnet', '--run', srresnet, '--steps', '1'));
  expect([code, text]).toEqual([1, expect.stringMatching(/^There is a run in .*--resume.*nothing was changed\.\n$/)]);
  expect(readFileSync(join(srresnet, 'last.json'), 'utf8')).toBe(before);
});

test('SRGAN starts from it, and ends on time by the clock', async () => {
  const began = Date.now();
  const { code, text } = await finished(
    start('fourfold-srgan', '--run', srgan, '--from', join(srresnet, 'last'), '--minutes', '0.05'),
  );
  expect([code, text]).toEqual([0, expect.stringContaining('finished')]);
  expect(Date.now() - began).toBeGreaterThan(3000);
  const { meta } = readCheckpoint(join(srgan, 'last'));
  expect(meta).toMatchObject({ preset: 'fourfold-srgan', from: join(srresnet, 'last') });
  expect(meta.step).toBeGreaterThan(0);
});

test('a run stops cleanly when asked, after steps of its own', async () => {
  const stepOf = () => readCheckpoint(join(killed, 'last')).meta.step;
  const before = stepOf();
  const asked = start('--run', killed, '--resume', '--steps', '1000000', '--precision', 'bfloat16');
  const over = finished(asked);
  while (stepOf() === before) {
    if (asked.child.exitCode !== null) throw new Error(asked.output());
    await setTimeout(50);
  }
  asked.child.kill('SIGTERM');
  const stopped = await over;
  expect([stopped.code, stopped.text]).toEqual([0, expect.stringContaining('stopped, continue with --resume')]);
  expect(log(killed).find(({ event }) => event === 'stopped')).toMatchObject({ step: stepOf() });
  // What is asked for anew goes on instead, the rest as it was.
  expect(readCheckpoint(join(killed, 'last.state')).meta).toMatchObject({ precision: 'bfloat16', save: 1 });
});

test('a finished run is not resumed', async () => {
  const lines = log(srgan).length;
  const { code, text } = await finished(start('--run', srgan, '--resume', '--steps', '5'));
  const refusal = /^The run in .* is finished\. Start another with --from .*last; nothing was changed\.\n$/;
  expect([code, text]).toEqual([1, expect.stringMatching(refusal)]);
  expect(log(srgan).length).toBe(lines);
});

test("a system of the paper's is measured as soon as normalisation has statistics, not before its first step", async () => {
  const run = join(folder, 'paper');
  const { code, text } = await finished(
    start('srresnet-mse', '--run', run, '--steps', '2', '--watch', join(folder, 'pairs')),
  );
  expect([code, text]).toEqual([0, expect.stringContaining('2 steps; finished')]);
  expect(log(run).filter(({ psnr }) => psnr !== undefined)).toEqual([
    expect.objectContaining({ step: 2, psnr: expect.any(Number) }),
  ]);
});

test('the pair is exported with parity on a real photo, evaluated, and run by the engine', async () => {
  const models = join(folder, 'models');
  const source = (run: string) => {
    const checkpoint = readCheckpoint(join(run, 'last'));
    return { checkpoint, training: trainingFacts(join(run, 'last'), checkpoint.meta.step, cache, {}) };
  };
  const photo = cropPicture(await readPicture(join(folder, 'photos', 'astronaut.png')), 30, 30, 64, 48);
  const sources = { srresnet: source(srresnet), srgan: source(srgan) };
  const manifest = await exportPair(sources, { folder: models, storage: 'fp16', photo });
  expect(manifest.sets.srgan.training).toMatchObject({ parity: { greatest: expect.any(Number) } });

  const pair = await loadModelPair(models);
  const methods = await blendMethods(pair, [0, 1], 1);
  const scores = await evaluate(openPairs(join(folder, 'pairs')), methods, { quick: true });
  expect(scores.map(({ method }) => method)).toEqual(['blend 0', 'blend 1']);
  for (const { mean } of scores) expect(mean.psnr).toBeGreaterThan(20);
  for (const method of methods) await method.close();

  const session = await openSession({ models: pair, blend: 0.5, device: 'cpu', precision: 'fp32', tile: 32, io: 'u8' });
  const edge = session.tile.width + 2 * session.halo;
  const padded = createRaster(edge, edge, 3, 8);
  padded.data.fill(128);
  const result = await session.enhance(padded);
  expect([result.width, result.height]).toEqual([4 * session.tile.width, 4 * session.tile.height]);
  await session.close();
});
