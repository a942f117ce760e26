import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Backend, loadBackend, type Tensor4D } from '../../../scripts/train/backend.ts';
import type { NamedTensor } from '../../../scripts/train/checkpoint.ts';
import { Dataset } from '../../../scripts/train/dataset.ts';
import { isTrunk } from '../../../scripts/train/generator.ts';
import { pixelLoss } from '../../../scripts/train/losses.ts';
import { prepare } from '../../../scripts/train/prepare.ts';
import { type Preset, presetOf, presets, tiny } from '../../../scripts/train/presets.ts';
import { Random } from '../../../scripts/train/random.ts';
import { carryOver, readStartAndReference, readWeights } from '../../../scripts/train/start-weights.ts';
import { Trainer } from '../../../scripts/train/trainer.ts';
import type { Vgg19 } from '../../../scripts/train/vgg19.ts';
import { writePhotos } from './photos.ts';

const folder = mkdtempSync(join(tmpdir(), 'fourfold-trainer-'));
let backend: Backend;
let data: Dataset;
/** Stands in for VGG19, which is too slow without native kernels; networks.test.ts looks at the real one. */
let fewFeatures: Vgg19;

beforeAll(async () => {
  backend = await loadBackend();
  await writePhotos(join(folder, 'photos'));
  await prepare([join(folder, 'photos')], join(folder, 'cache'));
  data = new Dataset(join(folder, 'cache'));
  const { tf } = backend;
  fewFeatures = {
    features: (x, taps) => taps.map((tap) => tf.avgPool(x, Number(tap[0]), 1, 'same').mul(9) as Tensor4D),
  };
});
afterAll(() => rmSync(folder, { recursive: true }));

function trainerOf(preset: Preset, weights?: Map<string, NamedTensor>): Trainer {
  const start = weights ? { weights } : {};
  return new Trainer(backend, { preset, vgg: fewFeatures, seed: 5, precision: 'float32', ...start });
}

function run(trainer: Trainer, preset: Preset, from: number, to: number) {
  let losses = {};
  for (let step = from; step < to; step++)
    losses = trainer.step(data.batch(preset.batch, preset.side, new Random(step)), preset.side, 1e-3, step);
  return losses;
}

test('of a pixel loss a share may be of the luminance, in which colours cancel', () => {
  const { tf } = backend;
  const difference = tf.tensor4d([0.1, -0.2, 0.4, 0, 0, -0.5], [1, 1, 2, 3]);
  const loss = (kind: 'l1' | 'mse', luminance?: number) =>
    pixelLoss(tf, { loss: kind, weight: 2, ...(luminance !== undefined && { luminance }) }, difference).dataSync()[0];
  const grey = [0.0299 - 0.1174 + 0.0456, -0.057];
  expect(loss('l1')).toBeCloseTo((2 * 1.2) / 6);
  expect(loss('mse')).toBeCloseTo((2 * 0.46) / 6);
  expect(loss('l1', 1)).toBeCloseTo(-(grey[0]! + grey[1]!));
  expect(loss('mse', 1)).toBeCloseTo(grey[0]! ** 2 + grey[1]! ** 2);
  expect(loss('l1', 0.25)).toBeCloseTo(0.3 + 0.25 * 0.0989);
});

const flat = (tensors: Map<string, NamedTensor>) => [...tensors.values()].flatMap(({ values }) => [...values]);

test.each(Object.keys(presets))('%s takes steps, every loss a number, and leaks nothing', (name) => {
  const preset = tiny(presetOf(name));
  const trainer = trainerOf(preset);
  const losses = run(trainer, preset, 0, 4);
  expect(Object.keys(losses)).toContain('total');
  expect(Object.keys(losses).includes('discriminator')).toBe(preset.adversarial !== undefined);
  for (const value of Object.values(losses)) expect(value).toBeTypeOf('number');
  for (const value of Object.values(losses)) expect(Number.isFinite(value)).toBe(true);
  const before = backend.tf.memory().numTensors;
  run(trainer, preset, 4, 6);
  expect(backend.tf.memory().numTensors).toBe(before);
});

test('a few steps bring the loss down', () => {
  const preset = tiny(presetOf('fourfold-srresnet'));
  const trainer = trainerOf(preset);
  const batch = data.batch(preset.batch, preset.side, new Random(1));
  const first = trainer.step(batch, preset.side, 2e-3, 0).total as number;
  for (let step = 1; step < 25; step++) trainer.step(batch, preset.side, 2e-3, step);
  expect(trainer.step(batch, preset.side, 2e-3, 25).total).toBeLessThan(0.9 * first);
});

test.each(['fourfold-srresnet', 'fourfold-srgan'])(
  '%s: saved and restored half way, it ends where it would have',
  (name) => {
    const preset = tiny(presetOf(name));
    const straight = trainerOf(preset);
    run(straight, preset, 0, 6);

    const first = trainerOf(preset);
    run(first, preset, 0, 3);
    const { tensors, steps } = first.state();
    const second = trainerOf(preset, first.generator());
    second.restore(new Map(tensors), steps);
    run(second, preset, 3, 6);

    const [expected, found] = [flat(straight.generator()), flat(second.generator())];
    let worst = 0;
    for (const [i, value] of expected.entries()) worst = Math.max(worst, Math.abs(value - (found[i] as number)));
    expect(worst).toBeLessThan(1e-5);
  },
);

test('in the adversarial stage the up-sampling part stays as it was', () => {
  const preset = tiny(presetOf('fourfold-srgan'));
  const trainer = trainerOf(preset);
  const before = trainer.generator();
  run(trainer, preset, 0, 4);
  for (const [name, { values }] of trainer.generator()) {
    const same = values.every((value, i) => value === before.get(name)?.values[i]);
    expect([name, same]).toEqual([name, !isTrunk(name)]);
  }
});

test('carried over to the SRResNet of the same folder, what was learned is in the start once and in the reference not', () => {
  const models = join(import.meta.dirname, '../../../models');
  const preset = presetOf('fourfold-srgan');
  const { start, reference } = readStartAndReference(models, preset, models);
  const at = (of: typeof start | undefined, name: string) => of!.tensors.get(name)!.values[7]!;
  const [faithful, crisp] = ['srresnet', 'srgan'].map((name) => readWeights(join(models, `${name}.onnx`)));
  for (const name of ['head.b', 'b3.1.w']) {
    expect(at(reference, name)).toBe(at(faithful, name));
    expect(at(start, name)).toBeCloseTo(at(crisp, name), 6);
  }
  expect(at(crisp, 'b3.1.w')).not.toBeCloseTo(at(faithful, 'b3.1.w'), 6);
  expect(at(readStartAndReference(models, preset, undefined).start, 'b3.1.w')).toBe(at(crisp, 'b3.1.w'));
});

test('carried over to other weights, what the shipped pair differs in is the same difference, in the trunk alone', () => {
  const models = join(import.meta.dirname, '../../../models');
  const [faithful, crisp] = ['srresnet', 'srgan'].map((name) => readWeights(join(models, `${name}.onnx`)));
  const other = new Map(
    [...faithful!.tensors].map(([name, { shape, values }]) => [name, { shape, values: values.map((v) => v + 0.5) }]),
  );
  const carried = carryOver({ meta: faithful!.meta, tensors: other }, models);
  for (const name of ['b3.1.w', 'head.b', 'up2.w'])
    for (const i of [0, 7, 31]) {
      const value = carried.tensors.get(name)!.values[i]! - other.get(name)!.values[i]!;
      const wanted = crisp!.tensors.get(name)!.values[i]! - faithful!.tensors.get(name)!.values[i]!;
      expect(value).toBeCloseTo(isTrunk(name) ? wanted : 0, 5);
    }
  expect(carried.meta.carriedSteps).toBeGreaterThan(0);
});
