import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { enhancePhoto } from '../../electron/engine/enhance.ts';
import { loadModelPair } from '../../electron/engine/network/model.ts';
import { readPicture } from '../../scripts/train/picture-file.ts';
import { psnr } from '../../scripts/train/psnr.ts';
import { evalSet } from '../shared-data.ts';

const set5 = evalSet('Set5');
const { sets } = (await loadModelPair()).manifest;
interface Recorded {
  Set5?: { psnr: number };
  int8?: { Set5?: { psnr: number } };
}
const recorded = sets.srresnet.scores as Recorded | undefined;

// Decoding, tiles, colours, encoding: nothing on the photo's way may cost quality that the weights have.
describe.skipIf(!existsSync(set5) || !recorded?.Set5)('the shipped SRResNet through the whole engine', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fourfold-quality-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  async function psnrOnSet5(precision: 'fp32' | 'int8'): Promise<number> {
    const models = await loadModelPair();
    const names = readdirSync(join(set5, 'LR'));
    let sum = 0;
    for (const name of names) {
      const { path } = await enhancePhoto(join(set5, 'LR', name), {
        models,
        blend: 0,
        device: 'cpu',
        precision,
        format: 'png',
        output: folder,
        outputIs: 'folder',
      });
      sum += psnr(await readPicture(path!), await readPicture(join(set5, 'HR', name)));
    }
    return sum / names.length;
  }

  test('reaches on Set5 the figure of its manifest', { timeout: 180_000 }, async () => {
    expect(Math.abs((await psnrOnSet5('fp32')) - recorded!.Set5!.psnr)).toBeLessThan(0.02);
  });

  test.skipIf(!recorded?.int8?.Set5)('and in int8 the figure of int8', { timeout: 180_000 }, async () => {
    const found = await psnrOnSet5('int8');
    expect(Math.abs(found - recorded!.int8!.Set5!.psnr)).toBeLessThan(0.02);
    expect(found).toBeGreaterThan(recorded!.Set5!.psnr - 0.05);
  });
});
