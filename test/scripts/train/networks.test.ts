import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Backend, loadBackend, type Tensor4D } from '../../../scripts/train/backend.ts';
import {
  createDiscriminator,
  type DiscriminatorSpec,
  discriminatorParameters,
  fourfoldDiscriminator,
  paperDiscriminator,
} from '../../../scripts/train/discriminator.ts';
import {
  createGenerator,
  fourfold,
  generatorParameters,
  isTrunk,
  type Parameter,
  paper,
} from '../../../scripts/train/generator.ts';
import { kernels } from '../../../scripts/train/kernels.ts';
import { batchNormalise } from '../../../scripts/train/normalisation.ts';
import { drawParameters, named } from '../../../scripts/train/parameters.ts';
import { Random } from '../../../scripts/train/random.ts';
import { knownActivation, loadVgg19, offBy, type Tap } from '../../../scripts/train/vgg19.ts';
import { hasVgg, shared } from '../../shared-data.ts';

const folder = mkdtempSync(join(tmpdir(), 'fourfold-networks-'));
afterAll(() => rmSync(folder, { recursive: true }));
let backend: Backend;

beforeAll(async () => {
  backend = await loadBackend();
});

function shapes(parameters: Parameter[]): Record<string, string> {
  return Object.fromEntries(parameters.map(({ name, shape }) => [name, shape.join('×')]));
}

function drawn(parameters: Parameter[]) {
  const tensors = [...drawParameters(parameters, new Random(1)).values()];
  return named(
    parameters,
    tensors.map(({ shape, values }) => backend.tf.tensor(values, shape)),
  );
}

describe('generator', () => {
  test('paper: figure 4', () => {
    const list = shapes(generatorParameters(paper));
    expect(list['head.w']).toBe('9×9×3×64');
    expect(list['b15.1.w']).toBe('3×3×64×64');
    expect(list['b15.1.gamma']).toBe('64');
    expect(list['mid.beta']).toBe('64');
    expect(list['up1.w']).toBe('3×3×64×256');
    expect(list['up2.a']).toBe('64');
    expect(list['tail.w']).toBe('9×9×64×3');
    expect(list['b16.0.w']).toBeUndefined();
  });

  test('fourfold: the names and shapes of a shipped checkpoint', () => {
    const list = generatorParameters(fourfold);
    expect(list).toHaveLength(74);
    expect(list.reduce((total, { shape }) => total + shape.reduce((a, b) => a * b, 1), 0)).toBe(6425904 / 4);
    expect(list.filter(({ name }) => !isTrunk(name)).map(({ name }) => name)).toEqual([
      'up1.w',
      'up1.b',
      'up2.w',
      'up2.b',
      'tail.w',
      'tail.b',
    ]);
  });

  test.each(['paper', 'fourfold'] as const)('%s makes a picture four times as large', (preset) => {
    const { tf } = backend;
    const spec = { preset, blocks: 2, features: 8 };
    const parameters = generatorParameters(spec);
    const forward = createGenerator(tf, kernels(backend), spec, { normalise: batchNormalise(tf) });
    const y = forward(tf.randomUniform([2, 7, 9, 3]) as Tensor4D, drawn(parameters));
    expect(y.shape).toEqual([2, 28, 36, 3]);
  });
});

describe('discriminator', () => {
  test('eight convolutions from 64 to 512, dense layers of 1024 and 1', () => {
    const list = shapes(discriminatorParameters(paperDiscriminator));
    const widths = [64, 64, 128, 128, 256, 256, 512, 512];
    for (const [index, width] of widths.entries())
      expect(list[`d${index}.w`]).toMatch(new RegExp(`^3×3×\\d+×${width}$`));
    expect(list['d0.gamma']).toBeUndefined();
    expect(list['d7.gamma']).toBe('512');
    // Crops of 96, halved four times: 6×6 positions.
    expect(list['dense0.w']).toBe('18432×1024');
    expect(list['dense1.w']).toBe('1024×1');
  });

  test.each([96, 48, 60, 192])('judges crops of %i', (side) => {
    const { tf } = backend;
    const spec: DiscriminatorSpec = { ...fourfoldDiscriminator, features: 4, hidden: 8, norm: true };
    const judge = createDiscriminator(tf, kernels(backend), spec);
    const logits = judge(tf.randomUniform([2, side, side, 3]) as Tensor4D, drawn(discriminatorParameters(spec)));
    expect(logits.shape).toEqual([2, 1]);
  });
});

describe('what passes for VGG19', () => {
  test('a file that is not there or holds other tensors does not', async () => {
    const ops = kernels(backend);
    await expect(loadVgg19(backend, ops, join(folder, 'nowhere'))).rejects.toThrow('--vgg');
    writeFileSync(join(folder, 'model.json'), '{"weightsManifest":[]}');
    await expect(loadVgg19(backend, ops, folder)).rejects.toThrow('holds no block1_conv1/kernel, so it is not VGG19');
  });

  test('channels as strong as known ones do, within what rounding weights to bytes changes; others do not', () => {
    const { channels, tolerance } = knownActivation;
    const means = new Float32Array(512).fill(1);
    for (const [channel, value] of Object.entries(channels)) means[Number(channel)] = value;
    expect(offBy(means)).toBeCloseTo(0, 6);
    expect(offBy(means.map((value) => 1.04 * value))).toBeLessThan(tolerance);
    // The mean over all is the same.
    expect(offBy(means.toReversed())).toBeGreaterThan(tolerance);
    expect(offBy(means.fill(Number.NaN)) <= tolerance).toBe(false);
  });
});

// Without native kernels one look takes a minute.
describe.skipIf(!hasVgg)('vgg19', () => {
  test('features have the shapes of the paper', { timeout: 120_000 }, async (context) => {
    if (!backend.native) return context.skip();
    const { tf } = backend;
    const vgg = await loadVgg19(backend, kernels(backend), join(shared, 'vgg19'));
    const taps: Tap[] = ['1,2', '2,2', '3,4', '4,4', '5,4'];
    const side = 96;
    const found = vgg.features(tf.randomUniform([1, side, side, 3]) as Tensor4D, taps);
    const expected = [64, 128, 256, 512, 512].map((width, block) => [1, side / 2 ** block, side / 2 ** block, width]);
    expect(found.map(({ shape }) => shape)).toEqual(expected);
    for (const features of found) expect(features.min().dataSync()[0]).toBeGreaterThanOrEqual(0);
  });

  test('weights for RGB instead of BGR are refused', { timeout: 120_000 }, async (context) => {
    const weights = readFileSync(join(shared, 'vgg19/weights.bin'));
    // The first tensor, block1_conv1's kernel, is one byte a value in the file that is quantised.
    if (!backend.native || weights.length > 30e6) return context.skip();
    const reversed = Buffer.from(weights);
    for (let i = 0; i < 9 * 3 * 64; i++) {
      const [place, input, output] = [Math.floor(i / 192), Math.floor(i / 64) % 3, i % 64];
      reversed[i] = weights[place * 192 + (2 - input) * 64 + output]!;
    }
    cpSync(join(shared, 'vgg19/model.json'), join(folder, 'model.json'), { force: true });
    writeFileSync(join(folder, 'weights.bin'), reversed);
    await expect(loadVgg19(backend, kernels(backend), folder)).rejects.toThrow('not its values');
  });
});
