import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { enhancePhoto } from '../../electron/engine/enhance.ts';
import { loadModelPair } from '../../electron/engine/model.ts';
import { readPicture } from '../../scripts/train/picture-file.ts';
import { psnr } from '../../scripts/train/psnr.ts';
import { evalSet } from '../scripts/train/shared.ts';

const set5 = evalSet('Set5');
const { sets } = (await loadModelPair()).manifest;
const recorded = (sets.srresnet.scores as { Set5?: { psnr: number } } | undefined)?.Set5?.psnr;

// Decoding, tiles, colours, encoding: nothing on the photo's way may cost quality that the weights have.
describe.skipIf(!existsSync(set5) || recorded === undefined)('the shipped SRResNet through the whole engine', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fourfold-quality-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('reaches on Set5 the figure of its manifest', { timeout: 180_000 }, async () => {
    const models = await loadModelPair();
    const names = readdirSync(join(set5, 'LR'));
    let sum = 0;
    for (const name of names) {
      const { path } = await enhancePhoto(join(set5, 'LR', name), {
        models,
        blend: 0,
        device: 'cpu',
        precision: 'fp32',
        format: 'png',
        output: folder,
        outputIs: 'folder',
      });
      sum += psnr(await readPicture(path!), await readPicture(join(set5, 'HR', name)));
    }
    expect(Math.abs(sum / names.length - recorded!)).toBeLessThan(0.02);
  });
});
