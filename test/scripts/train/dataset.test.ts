import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { shrinkToFloat } from '../../../scripts/train/bicubic.ts';
import { Dataset } from '../../../scripts/train/dataset.ts';
import { enlargeBicubic } from '../../../scripts/train/enlarge.ts';
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

/** Looks like nothing, and is quickly made. */
const noise = (x: number, y: number) => (7 * x + 13 * y + x * y) % 256;

/** A picture of which `value` gives each byte, on disk. */
async function write(path: string, width: number, height: number, value: (x: number, y: number, c: number) => number) {
  const pixels = Uint8Array.from({ length: width * height * 3 }, (_, i) =>
    value(Math.floor(i / 3) % width, Math.floor(i / 3 / width), i % 3),
  );
  await sharp(pixels, { raw: { width, height, channels: 3 } })
    .png()
    .toFile(path);
}

test('a coloured sky is flat too: few crops are of it', async () => {
  const photos = join(folder, 'sky');
  mkdirSync(photos);
  // Left half blue, right half textured.
  await write(join(photos, 'sky.png'), 640, 320, (x, y, c) => (x < 320 ? ([90, 140, 220][c] as number) : noise(x, y)));
  await prepare([photos], join(folder, 'sky-cache'));
  const [count, side] = [200, 16];
  const { high } = new Dataset(join(folder, 'sky-cache')).batch(count, side, new Random(1));
  const size = side * side * 48;
  const blue = Array.from({ length: count }, (_, i) => high.subarray(i * size, (i + 1) * size)).filter((crop) =>
    crop.every((value, i) => Math.abs(value - ([90, 140, 220][i % 3] as number) / 255) < 1e-6),
  );
  expect(blue.length).toBeGreaterThan(0);
  expect(blue.length).toBeLessThan(0.25 * count);
});

test('richer: crops of which bicubic leaves more, the same for the same seed', async () => {
  const photos = join(folder, 'grades');
  mkdirSync(photos);
  // Contrast grows from left to right, so the larger of two has 4/3 of the mean.
  await write(join(photos, 'grades.png'), 960, 240, (x, y) => 128 + ((noise(x, y) - 128) * x) / 960);
  await prepare([photos], join(folder, 'grades-cache'));
  const data = new Dataset(join(folder, 'grades-cache'));
  const [count, side] = [100, 12];
  const left = (richer: boolean) => {
    const { low, high } = data.batch(count, side, new Random(4), { richer });
    const bytes = (values: Float32Array) => Uint8Array.from(values, (value) => Math.round(255 * value));
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const source = { width: side, height: side, pixels: bytes(low.subarray(i * 432, (i + 1) * 432)) };
      const original = bytes(high.subarray(i * 6912, (i + 1) * 6912));
      for (const [p, value] of enlargeBicubic(source, 4).pixels.entries()) sum += Math.abs(value - original[p]!);
    }
    return sum / high.length;
  };
  expect(left(true)).toBeGreaterThan(1.2 * left(false));
  const draw = (seed: number) => data.batch(4, 12, new Random(seed), { richer: true });
  expect(draw(7)).toEqual(draw(7));
  expect(draw(8).low).not.toEqual(draw(7).low);
});

test('richer: a picture counts for 0.8 megapixels at most', async () => {
  const photos = join(folder, 'sizes');
  mkdirSync(photos);
  await write(join(photos, 'large-red.png'), 2000, 1600, (x, y, c) => (c === 0 ? noise(x, y) : 0));
  await write(join(photos, 'small-blue.png'), 640, 640, (x, y, c) => (c === 2 ? noise(x, y) : 0));
  await prepare([photos], join(folder, 'sizes-cache'));
  const data = new Dataset(join(folder, 'sizes-cache'));
  const [count, side] = [200, 8];
  const shareOfRed = (richer: boolean) => {
    const { low } = data.batch(count, side, new Random(2), { richer });
    const isRed = (i: number) =>
      low.subarray(i * side * side * 3, (i + 1) * side * side * 3).some((v, at) => at % 3 === 0 && v > 0);
    return Array.from({ length: count }, (_, i) => i).filter(isRed).length / count;
  };
  // 3.2 megapixels beside 0.41.
  expect(shareOfRed(false)).toBeGreaterThan(0.82);
  expect(shareOfRed(true)).toBeGreaterThan(0.55);
  expect(shareOfRed(true)).toBeLessThan(0.76);
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
