import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadModelPair } from '../../../electron/engine/network/model.ts';
import type { Checkpoint, NamedTensor } from '../../../scripts/train/checkpoint.ts';
import { cropPicture } from '../../../scripts/train/crop-picture.ts';
import { exportPair } from '../../../scripts/train/export-onnx.ts';
import { type GeneratorPreset, generatorParameters } from '../../../scripts/train/generator.ts';
import { readPicture } from '../../../scripts/train/picture-file.ts';
import { fixture } from '../../fixture.ts';
import { randomFrom } from './random-numbers.ts';

const folder = mkdtempSync(join(tmpdir(), 'fourfold-export-'));
afterAll(() => rmSync(folder, { recursive: true }));
const photo = cropPicture(await readPicture(fixture('coffee.png')), 240, 120, 40, 32);

/** A small network with random weights; with `paper` also running statistics that are not the trivial ones. */
function checkpoint(preset: GeneratorPreset, seed: number): Checkpoint {
  const random = randomFrom(seed);
  const tensors = new Map<string, NamedTensor>();
  const filled = (shape: number[], low: number, high: number): NamedTensor => {
    const length = shape.reduce((product, side) => product * side, 1);
    return { shape, values: Float32Array.from({ length }, () => low + (high - low) * random()) };
  };
  for (const { name, shape } of generatorParameters({ preset, blocks: 2, features: 8 })) {
    const reach = name.endsWith('.w') ? Math.sqrt(3 / (shape[0]! * shape[1]! * shape[2]!)) : 0.2;
    tensors.set(name, name.endsWith('.gamma') ? filled(shape, 0.5, 1.5) : filled(shape, -reach, reach));
    if (!name.endsWith('.gamma')) continue;
    tensors.set(name.replace('gamma', 'mean'), filled(shape, -0.3, 0.3));
    tensors.set(name.replace('gamma', 'variance'), filled(shape, 0.2, 2));
  }
  const list = [...tensors];
  return {
    meta: { order: list.map(([name]) => name), shapes: list.map(([, { shape }]) => shape), step: 7, alpha: 0.1 },
    tensors,
  };
}

const source = (preset: GeneratorPreset, seed: number) => ({
  checkpoint: checkpoint(preset, seed),
  training: { steps: 7 },
});

describe('the export', () => {
  // With `paper`, parity says that the folded normalisation and the output layer moved into sub-pixel space are right.
  test.each(['fourfold', 'paper'] as const)(
    'of %s gives files that agree with tfjs to a hundred-thousandth',
    async (preset) => {
      const models = join(folder, preset);
      const sources = { srresnet: source(preset, 1), srgan: source(preset, 2) };
      const { sets } = await exportPair(sources, { folder: models, storage: 'fp32', photo });
      for (const set of [sets.srresnet, sets.srgan]) {
        const parity = set.training?.parity as { greatest: number };
        expect(parity.greatest).toBeLessThan(1e-5);
      }
      const pair = await loadModelPair(models);
      expect(pair.spec).toMatchObject({ norm: false, output: 'sub-pixel', blocks: 2, features: 8 });
      const card = readFileSync(join(models, 'README.md'), 'utf8');
      expect(card).toContain(sets.srgan.sha256);
      expect(card).toContain('Not measured yet');
    },
  );

  test('writes nothing when the file would be another network', async () => {
    const models = join(folder, 'refused');
    const wrong = source('fourfold', 3);
    // What the export must never let through: a slope that the file and the training disagree about.
    wrong.checkpoint.meta.alpha = 0.4;
    const refusal = exportPair({ srresnet: wrong, srgan: wrong }, { folder: models, storage: 'fp16', photo });
    await expect(refusal).rejects.toThrow('Nothing was written');
    expect(existsSync(models)).toBe(false);
  });
});
