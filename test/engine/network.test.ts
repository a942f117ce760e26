import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import type { GeneratorSpec, Weights } from '../../electron/engine/network/generator-spec.ts';
import { loadModelPair } from '../../electron/engine/network/model.ts';
import { buildGenerator, type GeneratorOptions, INPUT, OUTPUT } from '../../electron/engine/network/network.ts';
import { type Plane, referenceGenerator } from './reference-generator.ts';
import { randomPicture, randomWeights, smallFourfold, smallPaper } from './small-network.ts';

async function run(spec: GeneratorSpec, weights: Weights, options: GeneratorOptions, picture: Plane) {
  const session = await InferenceSession.create(buildGenerator(spec, weights, options));
  const dims = [1, picture.height, picture.width, 3];
  const bytes = () =>
    new Tensor(
      'uint8',
      Uint8Array.from(picture.data, (value) => Math.round(value * 255)),
      dims,
    );
  const floats = () => new Tensor('float32', Float32Array.from(picture.data), dims);
  const result = await session.run({ [INPUT]: options.io === 'u8' ? bytes() : floats() });
  const { data, dims: shape } = result[OUTPUT]!;
  await session.release();
  return { data: data as Float32Array | Uint8Array, shape };
}

function greatest(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(actual.length).toBe(expected.length);
  return Math.max(...Array.from(actual, (value, i) => Math.abs(value - expected[i]!)));
}

const clip = (value: number) => Math.min(1, Math.max(0, value));
const whole = { precision: 'fp32', io: 'f32', halo: 0 } as const;
const presets = { fourfold: smallFourfold, paper: smallPaper };

describe.each(Object.entries(presets))('%s', (_, spec) => {
  const weights = randomWeights(spec, 7);
  const picture = randomPicture(11, 9, 3);

  test('equals the generator written down plainly in float64', async () => {
    const { data, shape } = await run(spec, weights, whole, picture);
    expect(shape).toEqual([1, 36, 44, 3]);
    const expected = referenceGenerator(spec, weights, picture).data.map(clip);
    expect(greatest(data, expected)).toBeLessThan(2e-5);
  });

  test('bytes in, bytes out: the same, rounded', async () => {
    const bytes = { ...picture, data: picture.data.map((value) => Math.round(value * 255) / 255) };
    const { data } = await run(spec, weights, { ...whole, io: 'u8' }, bytes);
    const expected = referenceGenerator(spec, weights, bytes).data.map((value) => clip(value) * 255);
    expect(greatest(data, expected)).toBeLessThan(0.502);
  });

  test('a tile with its halo cut away is the middle of the whole, in strips or not', async () => {
    // Two blocks look at 9 source pixels round: 4 (head) + 2·2 + 1 (mid), and 3 for the up-sampling part.
    const [halo, width, height] = [12, 8, 13];
    const large = randomPicture(width + 2 * halo, height + 2 * halo, 5);
    const all = await run(spec, weights, whole, large);
    const expected: number[] = [];
    for (let y = 4 * halo; y < 4 * (halo + height); y++)
      for (let x = 4 * halo; x < 4 * (halo + width); x++)
        for (let c = 0; c < 3; c++) expected.push(all.data[(y * all.shape[2]! + x) * 3 + c]!);
    for (const strip of [undefined, 4, 5]) {
      const options = { ...whole, halo, tile: { width, height }, ...(strip && { strip }) };
      const { data, shape } = await run(spec, weights, options, large);
      expect(shape).toEqual([1, 4 * height, 4 * width, 3]);
      expect(greatest(data, expected)).toBeLessThan(2e-5);
    }
  });
});

test('the shipped SRResNet equals the plain generator', async () => {
  const models = await loadModelPair();
  const picture = randomPicture(4, 3, 11);
  const { data } = await run(models.spec, models.weights(0), whole, picture);
  const expected = referenceGenerator(models.spec, models.weights(0), picture).data.map(clip);
  expect(greatest(data, expected)).toBeLessThan(1e-4);
});

test('a halo too small for the up-sampling part is refused', () => {
  const build = () => buildGenerator(smallFourfold, randomWeights(smallFourfold, 1), { ...whole, halo: 2 });
  expect(build).toThrow('halo of 0 or at least 3');
});

test('weights of another network are refused by name', () => {
  expect(() => buildGenerator(smallPaper, randomWeights(smallFourfold, 1), whole)).toThrow('"head.a"');
});
