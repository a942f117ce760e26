import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { foldGenerator } from '../../electron/engine/network/fold.ts';
import { defaultModelsDir, loadModelPair } from '../../electron/engine/network/model.ts';
import { readModelFile, writeModelFile } from '../../electron/engine/network/model-file.ts';
import { randomWeights, smallFourfold, smallPaper } from './small-network.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'models-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('the bundled pair loads; its id names these weights', async () => {
  const pair = await loadModelPair();
  expect(pair.id).toMatch(/^[0-9a-f]{16}$/);
  expect(pair.weights(0).get('head.w')!.shape).toEqual([9, 9, 3, 64]);
  expect(pair.weights(1).get('tail.b')!.shape).toEqual([12]);
});

test.each(['srresnet.onnx', 'srgan.onnx'])('one flipped bit in %s is refused', async (file) => {
  await cp(defaultModelsDir(), folder, { recursive: true, force: true });
  const bytes = await readFile(join(folder, file));
  bytes[bytes.length >> 1]! ^= 0x10;
  await writeFile(join(folder, file), bytes);
  await expect(loadModelPair(folder)).rejects.toMatchObject({ code: 'model-altered', path: join(folder, file) });
});

test.each([
  ['a missing folder', undefined],
  ['a manifest that is no JSON', '{'],
  ['a manifest without sets', '{"version":1}'],
])('%s is refused with words', async (_, manifest) => {
  const broken = join(folder, 'broken');
  await rm(broken, { recursive: true, force: true });
  if (manifest !== undefined) {
    await cp(defaultModelsDir(), broken, { recursive: true });
    await writeFile(join(broken, 'manifest.json'), manifest);
  }
  await expect(loadModelPair(broken)).rejects.toMatchObject({
    code: 'model-altered',
    message: expect.stringContaining('Install Fourfold again'),
  });
});

test.each([
  ['fourfold', smallFourfold],
  ['paper', smallPaper],
])('%s: a model file gives back what was written, folded', (_, spec) => {
  const weights = randomWeights(spec, 9);
  const folded = foldGenerator(spec, weights);
  const exact = readModelFile(writeModelFile(spec, weights, 'fp32'));
  expect(exact).toEqual(folded);
  const half = readModelFile(writeModelFile(spec, weights, 'fp16'));
  expect(half.spec).toEqual(folded.spec);
  for (const [name, { data }] of half.weights)
    for (const [i, value] of data.entries()) {
      const given = folded.weights.get(name)!.data[i]!;
      expect(Math.abs(value - given)).toBeLessThanOrEqual(Math.abs(given) / 2048 + 1e-7);
    }
});

test('another ONNX file is refused', () => {
  expect(() => readModelFile(new Uint8Array())).toThrow('generator described in its metadata');
});
