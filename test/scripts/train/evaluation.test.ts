import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, test } from 'vitest';
import { cropPicture } from '../../../scripts/train/crop-picture.ts';
import { fixture } from '../../fixture.ts';
import '../../../electron/engine/photo/decode.ts'; // blocks loaders for the whole process, as it does in the command
import { writeCropsPicture } from '../../../scripts/train/crops-picture.ts';
import { enlargeNearest } from '../../../scripts/train/enlarge.ts';
import { evaluate, meanScores, type SetScores } from '../../../scripts/train/evaluation.ts';
import { evaluationTable } from '../../../scripts/train/evaluation-table.ts';
import { checkTargets } from '../../../scripts/train/evaluation-targets.ts';
import { baselines } from '../../../scripts/train/methods.ts';
import { recordScores } from '../../../scripts/train/model-card.ts';
import { openPairs } from '../../../scripts/train/pairs.ts';
import { readPicture, writePicture } from '../../../scripts/train/picture-file.ts';
import { ScoreMemory } from '../../../scripts/train/score-memory.ts';
import type { Scores } from '../../../scripts/train/scores.ts';

const folder = mkdtempSync(join(tmpdir(), 'fourfold-evaluation-'));
afterAll(() => rmSync(folder, { recursive: true }));
const coffee = await readPicture(fixture('coffee.png'));
const photos = join(folder, 'photos');
mkdirSync(photos);
await writePicture(join(photos, 'a.png'), cropPicture(coffee, 200, 100, 131, 102));
await writePicture(join(photos, 'b.png'), cropPicture(coffee, 40, 200, 96, 96));

test('a folder of originals alone becomes pairs, cut to multiples of 4', async () => {
  const set = openPairs(photos);
  const { original, source } = await set.read('a.png');
  expect([original.width, original.height, source.width, source.height]).toEqual([128, 100, 32, 25]);
  expect(() => openPairs(folder)).toThrow('Expected pictures');
});

test('a full evaluation has every figure, and remembers it by the pixels', async () => {
  const path = join(folder, 'scores.json');
  const memory = new ScoreMemory(path);
  const first = await evaluate(openPairs(photos), baselines, { memory });
  memory.save();
  const [, bicubic] = first;
  expect(bicubic).toMatchObject({ set: 'photos', method: 'bicubic' });
  expect(Object.keys(bicubic!.pictures)).toEqual(['a.png', 'b.png']);
  expect(bicubic!.mean.psnr).toBeGreaterThan(first[0]!.mean.psnr);
  expect(bicubic!.mean.shrunkPsnr).toBeGreaterThan(30);
  expect(bicubic!.mean.drift).toBeLessThan(0.5);

  // A score changed in the file and found again shows that it was not measured anew; one more method is.
  const stored = JSON.parse(readFileSync(path, 'utf8')) as Record<string, { psnr: number }>;
  for (const key of Object.keys(stored)) stored[key]!.psnr = 1;
  writeFileSync(path, JSON.stringify(stored));
  const other = {
    name: 'darker',
    enlarge: (source: typeof coffee) => ({
      ...enlargeNearest({ ...source, pixels: source.pixels.map((v) => v >> 1) }, 4),
    }),
  };
  const again = await evaluate(openPairs(photos), [...baselines, other], { memory: new ScoreMemory(path) });
  expect(again.map(({ mean }) => mean.psnr === 1)).toEqual([true, true, false]);
});

const scores = (psnr: number, niqe: number, vgg54: number, energy: number, drift = 0.1): Scores => ({
  psnr,
  ssim: 0.8,
  niqe,
  vgg54,
  vgg22: 0.2,
  shrunkPsnr: 48,
  drift,
  gridFlat: { energy, neighbours: 1, blocks: 10 },
});
const ofSet = (method: string, ...pictures: Scores[]): SetScores => ({
  set: 'Set14',
  method,
  mean: meanScores(pictures),
  pictures: Object.fromEntries(pictures.map((each, i) => [`${i}`, each])),
});

describe('means', () => {
  test('weigh the grid by blocks, take the worst drift, and skip what a picture lacks', () => {
    const bare: Scores = { psnr: 30, ssim: 0.9, drift: 0.4, gridFlat: { energy: 9, neighbours: 3, blocks: 30 } };
    const mean = meanScores([scores(28, 5, 0.4, 1), bare]);
    expect(mean).toMatchObject({ psnr: 29, niqe: 5, drift: 0.4, gridFlat: { energy: 7, neighbours: 2.5, blocks: 40 } });
  });
});

describe('the aims', () => {
  const four = (one: Scores) => [one, one, one, one];
  const reached = (...methods: SetScores[]) =>
    Object.fromEntries(checkTargets(methods).map(({ what, reached }) => [what, reached]));

  test('are all reached by a good pair', () => {
    const good = reached(
      ofSet('blend 0', ...four(scores(28.4, 6, 0.6, 1))),
      ofSet('blend 0.5', ...four(scores(28, 5, 0.5, 1))),
      ofSet('blend 1', ...four(scores(27, 4, 0.4, 1.1))),
    );
    expect(Object.keys(good).length).toBe(9);
    expect(Object.values(good).every(Boolean)).toBe(true);
  });

  test('are missed one by one', () => {
    const bad = reached(
      ofSet('blend 0', ...four(scores(28.2, 6, 0.6, 1))),
      ofSet('blend 0.5', ...four(scores(28.3, 5, 0.7, 1))),
      ofSet(
        'blend 1',
        scores(27, 7, 0.4, 1.3, 1.2),
        scores(25, 7, 0.7, 1.3),
        scores(25, 7, 0.7, 1.3),
        scores(25, 4, 0.7, 1.3),
      ),
    );
    expect(Object.entries(bad).filter(([, yes]) => yes)).toEqual([["SRResNet's drift ≤ 1, Set14", true]]);
  });
});

test('the table shows the paper beside, and the card what was recorded', () => {
  const found = [
    ofSet('blend 0', scores(28.4, 6, 0.6, 1)),
    ofSet('blend 1', scores(27, 4, 0.4, 1.1)),
    ofSet('blend 0, int8', scores(28.38, 6, 0.6, 1)),
  ];
  const table = evaluationTable(found);
  expect(table).toContain('| blend 1 | 27.00 | 0.8000 | 4.00 | 0.4000 | 0.2000 | 48.00 | 0.10 | 1.10 × | 1.10 |  |');
  expect(table).toContain('| paper, SRGAN | 26.02 | 0.7397 |');
  const set = (file: string) => ({ file, sha256: file, spec: { blocks: 2, features: 8 } });
  writeFileSync(
    join(folder, 'manifest.json'),
    JSON.stringify({ version: 1, sets: { srresnet: set('a'), srgan: set('b') } }),
  );
  recordScores(folder, found);
  const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
  expect(manifest.sets.srgan.scores).toMatchObject({ Set14: { psnr: 27, niqe: 4 } });
  expect(manifest.sets.srresnet.scores.int8).toMatchObject({ Set14: { psnr: 28.38 } });
  const card = readFileSync(join(folder, 'README.md'), 'utf8');
  expect(card).toContain('| blend 1 | 27.00 |');
  // Below the tables, what a reader of their figures has to know: how far the paper's are others, and what was seen before.
  expect(card.slice(card.indexOf('| paper, SRGAN |'), card.indexOf('| aim |'))).toMatch(
    /another SSIM[^\n]*its Set14 is 0\.10 dB harder[^\n]*\n\n[^\n]*"woman" \(img_005\)[^\n]*bsds_302003[^\n]*Set5 and Set14/,
  );
});

test('the picture of crops has a column a method and a row a place', async () => {
  const path = join(folder, 'crops.png');
  const crop = cropPicture(coffee, 0, 0, 96, 96);
  await writeCropsPicture(path, ['bicubic', 'a < b & c', 'original'], [{ crops: [crop, crop, crop] }]);
  expect(existsSync(path)).toBe(true);
  expect(await sharp(path).metadata()).toMatchObject({ width: 3 * 198 + 6, height: 22 + 198 + 6 });
});
