import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { enhancePhoto } from '../electron/engine/enhance.ts';
import { defaultModelsDir, loadModelPair } from '../electron/engine/model.ts';
import { NetworkPool } from '../electron/engine/network-pool.ts';
import { readPicture } from '../scripts/train/picture-file.ts';
import { psnr } from '../scripts/train/psnr.ts';

// The contract of quality: what the training side measured on its own arithmetic must come out of the whole engine too.
// PSNR on Y, 4 px shaved. The pictures are not part of the repository; without them there is nothing to hold.

const eval5 = fileURLToPath(new URL('../../shared/data/eval/Set5', import.meta.url));

/** Where the manifest says nothing: the figure stated with the weights first shipped. */
const STATED = 31.33;

describe.skipIf(!existsSync(eval5))('Set5 through the whole engine', () => {
  it('SRResNet has the PSNR the training side measured, within 0.02 dB', { timeout: 120_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fourfold-set5-'));
    const models = await loadModelPair();
    const network = new NetworkPool({ models });
    try {
      const scores: number[] = [];
      for (const name of readdirSync(join(eval5, 'LR'))) {
        const { path } = await enhancePhoto(join(eval5, 'LR', name), {
          models,
          network,
          blend: 0,
          device: 'cpu',
          precision: 'fp32',
          output: folder,
          outputIs: 'folder',
          format: 'png',
        });
        scores.push(psnr(await readPicture(path), await readPicture(join(eval5, 'HR', name))));
      }
      const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
      console.log(`Set5, SRResNet, through the engine: ${mean.toFixed(3)} dB`);
      expect(Math.abs(mean - stated())).toBeLessThanOrEqual(0.02);
    } finally {
      await network.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

/** The manifest's own figure for these very weights. */
function stated(): number {
  const manifest = JSON.parse(readFileSync(join(defaultModelsDir(), 'manifest.json'), 'utf8')) as {
    sets: { srresnet: { scores?: { Set5?: { psnr?: number } } } };
  };
  return manifest.sets.srresnet.scores?.Set5?.psnr ?? STATED;
}
