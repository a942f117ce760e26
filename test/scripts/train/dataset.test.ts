import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { shrinkToFloat } from '../../../scripts/train/bicubic.ts';
import { Dataset } from '../../../scripts/train/dataset.ts';
import { type Prepared, prepare } from '../../../scripts/train/prepare.ts';
import { Random } from '../../../scripts/train/random.ts';
import { writePhotos } from './photos.ts';

const folder = mkdtempSync(join(tmpdir(), 'fourfold-dataset-'));
let prepared: Prepared;

beforeAll(async () => {
  await writePhotos(join(folder, 'photos'));
  prepared = await prepare([join(folder, 'photos')], join(folder, 'cache'));
});
afterAll(() => rmSync(folder, { recursive: true }));

test('leaves out what is the same, too small or torn, and says so', () => {
  expect(prepared.kept).toBe(3);
  const why = Object.fromEntries(prepared.skipped.map(({ file, why }) => [file.split(/[/\\]/).at(-1), why]));
  expect(why['the-same-again.png']).toContain('the same picture as');
  expect(why['too-small.png']).toContain('smaller than');
  expect(why['torn.png']).toBeTruthy();
});

test('the same seed draws the same crops, another seed others', () => {
  const data = new Dataset(join(folder, 'cache'));
  const first = data.batch(4, 12, new Random(7));
  expect(data.batch(4, 12, new Random(7))).toEqual(first);
  expect(data.batch(4, 12, new Random(8)).low).not.toEqual(first.low);
});

test('both resolutions show the same place, however it was turned', () => {
  const data = new Dataset(join(folder, 'cache'));
  const side = 16;
  const count = 12;
  const { low, high } = data.batch(count, side, new Random(3));
  for (let i = 0; i < count; i++) {
    const crop = high.subarray(i * side * side * 48, (i + 1) * side * side * 48);
    const again = shrinkToFloat(crop, 4 * side, 4 * side, 4);
    let worst = 0;
    // Near the edge the crop lacks the pixels the whole picture had.
    for (let y = 2; y < side - 2; y++)
      for (let x = 2; x < side - 2; x++)
        for (let c = 0; c < 3; c++) {
          const at = (y * side + x) * 3 + c;
          const cut = Math.min(1, Math.max(0, again[at] as number));
          worst = Math.max(worst, Math.abs(cut - (low[i * side * side * 3 + at] as number)));
        }
    // Half a level is rounded away at the end, and as much between the passes, times the weights' 1.2.
    expect(worst).toBeLessThan(1.1 / 255);
  }
});

test('halves: a photo large enough at half its size too, one that is not as it is', async () => {
  const [photos, out] = [join(folder, 'large'), join(folder, 'halves')];
  await cp(join(folder, 'photos'), photos, { recursive: true });
  const coffee = fileURLToPath(new URL('../../fixtures/coffee.png', import.meta.url));
  await cp(coffee, join(photos, 'whole.png'));
  const { kept } = await prepare([photos], out, () => {}, { halves: true });
  expect(kept).toBe(prepared.kept + 2);
  const found = new Dataset(out).index.pictures.filter(({ name }) => name === 'whole.png');
  expect(found.map(({ width, height }) => [width, height])).toEqual([
    [600, 400],
    [300, 200],
  ]);
});

test('without: a photo of which a cut and smaller copy is among the test pictures is left out and named', async () => {
  const [photos, tests, out] = [join(folder, 'photos'), join(folder, 'tests'), join(folder, 'apart')];
  mkdirSync(join(tests, 'HR'), { recursive: true });
  await sharp(join(photos, 'coffee.png'))
    .extract({ left: 10, top: 4, width: 130, height: 150 })
    .resize(83, 97, { fit: 'fill' })
    .jpeg()
    .toFile(join(tests, 'HR', 'cup.jpg'));
  const { kept, skipped } = await prepare([photos], out, () => {}, { halves: true, without: [tests] });
  expect(kept).toBe(prepared.kept - 1);
  expect(skipped.find(({ file }) => file.endsWith('coffee.png'))?.why).toMatch(/^the same photo as .*cup\.jpg$/);
  expect(new Dataset(out).index.pictures.some(({ name }) => name === 'coffee.png')).toBe(false);
});

test('without: a folder that holds no picture, or one that cannot be read, is not passed over', async () => {
  const [tests, out] = [join(folder, 'no-tests'), join(folder, 'none')];
  mkdirSync(tests);
  const attempt = () => prepare([join(folder, 'photos')], out, () => {}, { without: [tests] });
  await expect(attempt()).rejects.toThrow(/^There is no picture in .*no-tests\.$/);
  writeFileSync(join(tests, 'torn.png'), 'no picture');
  await expect(attempt()).rejects.toThrow(/torn\.png/);
});

test('where there is nothing to use it says so, and the cache that was there stays', async () => {
  const out = join(folder, 'kept-cache');
  await prepare([join(folder, 'photos')], out);
  const before = readFileSync(join(out, 'pictures.json'), 'utf8');
  const empty = join(folder, 'empty');
  mkdirSync(empty, { recursive: true });
  await expect(prepare([empty], out)).rejects.toThrow(/^There is no photo of at least 128 pixels a side in .*empty\.$/);
  writeFileSync(join(empty, 'torn.jpg'), 'no photo');
  await expect(prepare([empty], out)).rejects.toThrow(/The first of 1, .*torn\.jpg: /);
  await expect(prepare([join(folder, 'nowhere')], out)).rejects.toThrow(/^There is no folder .*nowhere\.$/);
  expect(readdirSync(out).sort()).toEqual(['pictures.bin', 'pictures.json']);
  expect(readFileSync(join(out, 'pictures.json'), 'utf8')).toBe(before);
});

test('data whose pixels are not those of its index is refused', async () => {
  const torn = join(folder, 'torn-cache');
  await prepare([join(folder, 'photos')], torn);
  expect(new Dataset(torn).asLargeAs(10_000)).toBe(0);
  expect(new Dataset(torn).asLargeAs(24)).toBe(prepared.kept);
  writeFileSync(join(torn, 'pictures.bin'), 'other pixels');
  expect(() => new Dataset(torn)).toThrow(/is torn\. Make it again/);
});

test('says what to do when there is no data', () => {
  expect(() => new Dataset(join(folder, 'nowhere'))).toThrow('npm run train:data');
});
