import { randomFillSync } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodePicture } from '../../electron/engine/output/encode.ts';
import {
  checkFormatLimit,
  formatsThatFit,
  limits,
  OUTPUT_FORMATS,
  type OutputFormat,
} from '../../electron/engine/output/formats.ts';
import { placeFile } from '../../electron/engine/output/place.ts';
import { createUnfinished, type UnfinishedPicture } from '../../electron/engine/output/unfinished.ts';
import type { DecodedPhoto } from '../../electron/engine/photo/decode.ts';
import type { Channels, Depth, Raster } from '../../electron/engine/photo/raster.ts';
import { withSmallDisk } from '../small-disk.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fourfold-encode-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const photo = (depth: Depth = 8, metadata: DecodedPhoto['metadata'] = {}) =>
  ({ info: { depth }, metadata }) as Pick<DecodedPhoto, 'info' | 'metadata'>;

/** A smooth picture, so that lossy formats come close. */
async function smooth(width: number, height: number, channels: Channels, depth: Depth): Promise<UnfinishedPicture> {
  const picture = await createUnfinished(folder, width, height, channels, depth);
  const full = depth === 8 ? 255 : 65535;
  const data = new (depth === 8 ? Uint8Array : Uint16Array)(width * height * channels);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < channels; c++)
        data[(y * width + x) * channels + c] = Math.round((full * (x + y * (c + 1))) / (width + height * (c + 1)));
  picture.write({ width, height, channels, depth, data } as Raster, 0, 0);
  await picture.finish();
  return picture;
}

describe('what the formats hold', () => {
  it('is told before any work, with the formats that would do', () => {
    expect(() => checkFormatLimit('jpeg', 65_500, 10)).not.toThrow();
    expect(() => checkFormatLimit('jpeg', 65_501, 10)).toThrow(/JPEG.*65,500.*PNG or TIFF/);
    expect(() => checkFormatLimit('webp', 10, 16_384)).toThrow(/WebP.*16,383.*JPEG, PNG, TIFF or AVIF/);
    expect(() => checkFormatLimit('avif', 10, 16_385)).toThrow(/AVIF/);
    expect(() => checkFormatLimit('png', 2_000_000, 1)).toThrow(/Choose a smaller size/);
    expect(formatsThatFit(20_000, 20_000)).toEqual(['jpeg', 'png', 'tiff']);
  });

  it.each(['jpeg', 'webp', 'avif'] as const)(
    'is what the %s encoder takes: the limit, and not one more',
    async (format) => {
      const strip = (width: number) =>
        sharp({ create: { width, height: 2, channels: 3, background: 'red' } })
          .toFormat(format, { effort: 0 })
          .toBuffer();
      const { maxEdge } = limits(format);
      await expect(strip(maxEdge)).resolves.toBeDefined();
      await expect(strip(maxEdge + 1)).rejects.toThrow();
    },
  );

  it('is checked again by the encoder, before it writes', async () => {
    const picture = await createUnfinished(folder, 16_384, 1, 3, 8);
    await picture.finish();
    const wish = { format: 'webp' as const, depth: 8 as const, size: { width: 16_384, height: 1 } };
    await expect(encodePicture(picture, photo(), join(folder, 'no.webp'), wish)).rejects.toMatchObject({
      code: 'format-limit',
    });
    expect(readdirSync(folder)).not.toContain('no.webp');
    await picture.discard();
  });
});

describe('encodePicture', () => {
  const cases = OUTPUT_FORMATS.flatMap((format) =>
    ([1, 2, 3, 4] as const).flatMap((channels) => ([8, 16] as const).map((depth) => ({ format, channels, depth }))),
  );

  it.each(cases)('$format from $channels channels of $depth bits', async ({ format, channels, depth }) => {
    const width = 120;
    const height = 80;
    const picture = await smooth(width, height, channels, depth);
    const path = join(folder, `case.${format}`);
    const { notes } = await encodePicture(picture, photo(depth), path, { format, depth, size: { width, height } });
    const meta = await sharp(path).metadata();
    const { maxDepth, alpha, grey } = limits(format);
    const codes = notes.map(({ code }) => code).sort();
    const hasAlpha = channels === 2 || channels === 4;
    const expected = [];
    if (hasAlpha && !alpha) expected.push('alpha-dropped');
    if (depth === 16 && maxDepth < 16) expected.push('depth-reduced');
    expect(codes).toEqual(expected);
    expect(meta.hasAlpha).toBe(hasAlpha && alpha);
    expect(meta.depth).toBe(depth === 16 && maxDepth > 8 ? 'ushort' : 'uchar');
    if (channels <= 2 && grey) expect(meta.space).toMatch(/b-w|grey16/);

    const shown = await sharp(path)
      .toColourspace(depth === 16 && maxDepth > 8 ? 'rgb16' : 'srgb')
      .raw({ depth: 'ushort' })
      .toBuffer();
    const samples = new Uint16Array(shown.buffer, shown.byteOffset, shown.length / 2);
    const full = depth === 16 && maxDepth > 8 ? 65535 : 255;
    const step = samples.length / (width * height);
    let worst = 0;
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        for (let c = 0; c < Math.min(3, step); c++) {
          const from = channels <= 2 ? 0 : c;
          let want = (x + y * (from + 1)) / (width + height * (from + 1));
          if (hasAlpha && !alpha) {
            const a = (x + y * channels) / (width + height * channels);
            want = want * a + 1 - a;
          }
          worst = Math.max(worst, Math.abs(samples[(y * width + x) * step + c]! / full - want));
        }
    // Nearly transparent pixels of a lossy format hold any colour.
    const lossyAlpha = hasAlpha && (format === 'webp' || format === 'avif');
    if (!lossyAlpha) expect(worst).toBeLessThan(limits(format).lossy ? 0.04 : depth === 16 ? 0.0001 : 0.003);
    await picture.discard();
  });

  it('reduces exactly to the size asked for, 2× and 3× from 4×, without shifting or darkening', async () => {
    const picture = await smooth(400, 240, 3, 8);
    for (const size of [
      { width: 300, height: 180 },
      { width: 200, height: 120 },
      { width: 333, height: 200 },
    ]) {
      const path = join(folder, 'small.png');
      await encodePicture(picture, photo(), path, { format: 'png', depth: 8, size });
      const { data, info } = await sharp(path).raw().toBuffer({ resolveWithObject: true });
      expect([info.width, info.height]).toEqual([size.width, size.height]);
      for (const [u, v] of [
        [0.1, 0.1],
        [0.5, 0.5],
        [0.9, 0.8],
      ] as const) {
        const x = Math.floor(u * size.width);
        const y = Math.floor(v * size.height);
        const [bx, by] = [((x + 0.5) / size.width) * 400 - 0.5, ((y + 0.5) / size.height) * 240 - 0.5];
        for (let c = 0; c < 3; c++) {
          const want = (255 * (bx + by * (c + 1))) / (400 + 240 * (c + 1));
          expect(Math.abs(data[(y * size.width + x) * 3 + c]! - want)).toBeLessThan(1.1);
        }
      }
    }
    await picture.discard();
  });

  it('averages what is too fine for the smaller picture', async () => {
    const picture = await createUnfinished(folder, 400, 240, 3, 8);
    const data = new Uint8Array(400 * 240 * 3).map((_, i) => (Math.floor(i / 3) % 2) * 255);
    picture.write({ width: 400, height: 240, channels: 3, depth: 8, data }, 0, 0);
    await picture.finish();
    const path = join(folder, 'stripes.png');
    await encodePicture(picture, photo(), path, { format: 'png', depth: 8, size: { width: 200, height: 120 } });
    const out = await sharp(path).extract({ left: 20, top: 20, width: 160, height: 80 }).raw().toBuffer();
    for (const sample of out) expect(Math.abs(sample - 127.5)).toBeLessThan(12);
    await picture.discard();
  });

  it('reduces transparent pictures without a dark fringe', async () => {
    const picture = await createUnfinished(folder, 400, 400, 4, 8);
    const data = new Uint8Array(400 * 400 * 4);
    for (let pixel = 0; pixel < 400 * 400; pixel++) {
      const inside = Math.hypot((pixel % 400) - 200, Math.floor(pixel / 400) - 200) < 120;
      data.set(inside ? [250, 240, 230, 255] : [0, 0, 0, 0], pixel * 4);
    }
    picture.write({ width: 400, height: 400, channels: 4, depth: 8, data }, 0, 0);
    await picture.finish();
    const path = join(folder, 'disc.png');
    await encodePicture(picture, photo(), path, { format: 'png', depth: 8, size: { width: 200, height: 200 } });
    const out = await sharp(path).raw().toBuffer();
    for (let pixel = 0; pixel < 200 * 200; pixel++)
      if (out[pixel * 4 + 3]! > 16) expect(out[pixel * 4]!).toBeGreaterThan(225);
    await picture.discard();
  });

  it('converts grey with a grey profile for the formats that have no grey', async () => {
    // A linear profile: half the light is 188 in sRGB.
    const picture = await createUnfinished(folder, 120, 80, 1, 8);
    picture.write({ width: 120, height: 80, channels: 1, depth: 8, data: new Uint8Array(120 * 80).fill(128) }, 0, 0);
    await picture.finish();
    const metadata = { icc: greyProfile() };
    for (const format of ['webp', 'avif', 'png', 'jpeg'] as OutputFormat[]) {
      const path = join(folder, `grey.${format}`);
      const { notes } = await encodePicture(picture, photo(8, metadata), path, {
        format,
        depth: 8,
        size: { width: 120, height: 80 },
      });
      const meta = await sharp(path).metadata();
      const converted = !limits(format).grey;
      expect(
        notes.map(({ code }) => code),
        format,
      ).toEqual(converted ? ['converted-to-srgb'] : []);
      for (const { sentence } of notes) expect(sentence).toMatch(/grey profile/);
      const [value] = await sharp(path, { ignoreIcc: true }).raw().toBuffer();
      expect(Math.abs(value! - (converted ? 188 : 128)), format).toBeLessThan(4);
      if (converted) expect(meta.icc?.toString('latin1', 16, 20) ?? 'RGB ', format).toBe('RGB ');
      else expect(meta.icc, format).toEqual(metadata.icc);
    }
    await picture.discard();
  });

  it('says that the disk is full, scratch or target, and leaves nothing there', (context) =>
    withSmallDisk(context, join(folder, 'disk'), '1m', async ({ path: disk }) => {
      await expect(createUnfinished(disk, 2000, 2000, 3, 8)).rejects.toMatchObject({ code: 'disk-full' });
      expect(readdirSync(disk)).toEqual([]);
      for (const format of OUTPUT_FORMATS) {
        // Nothing below this can be made smaller than the disk: noise in every pixel.
        const noise = randomFillSync(new Uint8Array(1500 * 1500 * 3));
        const rough = await createUnfinished(folder, 1500, 1500, 3, 8);
        rough.write({ width: 1500, height: 1500, channels: 3, depth: 8, data: noise }, 0, 0);
        await rough.finish();
        const placing = placeFile({
          target: join(disk, `out.${format}`),
          ifExists: 'fail',
          sources: [],
          write: async (temp) => {
            const size = { width: 1500, height: 1500 };
            await encodePicture(rough, photo(), temp, { format, depth: 8, size, quality: 100 });
          },
        });
        await expect(placing, format).rejects.toMatchObject({ code: 'disk-full' });
        expect(readdirSync(disk), format).toEqual([]);
        await rough.discard();
      }
    }));
});

describe('the unfinished picture', () => {
  it('takes tiles in any order, refuses what does not fit, and goes without a trace', async () => {
    const picture = await createUnfinished(folder, 8, 4, 3, 8);
    const tile = (value: number): Raster => ({
      width: 4,
      height: 4,
      channels: 3,
      depth: 8,
      data: new Uint8Array(48).fill(value),
    });
    picture.write(tile(2), 4, 0);
    picture.write(tile(1), 0, 0);
    expect(() => picture.write(tile(1), 5, 0)).toThrow(RangeError);
    expect(() => picture.write({ ...tile(1), depth: 16, data: new Uint16Array(48) }, 0, 0)).toThrow(RangeError);
    await picture.finish();
    expect(() => picture.write(tile(1), 0, 0)).toThrow(/closed/);
    const path = join(folder, 'tiles.png');
    await encodePicture(picture, photo(), path, { format: 'png', depth: 8, size: { width: 8, height: 4 } });
    const row = (await sharp(path).raw().toBuffer()).subarray(0, 24);
    expect([...row]).toEqual([...new Array(12).fill(1), ...new Array(12).fill(2)]);
    await picture.discard();
    await picture.discard();
    expect(readdirSync(folder).filter((name) => name.endsWith('.v'))).toEqual([]);
  });
});

/** The smallest grey profile: linear, D50 (ICC.1:2022, 8.3.4). */
function greyProfile(): Buffer {
  const tags: [string, Buffer][] = [
    ['desc', textTag('desc', 'Grey linear')],
    ['wtpt', xyz(0.9642, 1, 0.8249)],
    ['kTRC', Buffer.from('curv\0\0\0\0\0\0\0\x01\x01\0\0\0', 'latin1')],
    ['cprt', textTag('text', 'none')],
  ];
  const table = Buffer.alloc(4 + tags.length * 12);
  table.writeUInt32BE(tags.length);
  let offset = 128 + table.length;
  tags.forEach(([name, bytes], i) => {
    table.write(name, 4 + i * 12, 'latin1');
    table.writeUInt32BE(offset, 8 + i * 12);
    table.writeUInt32BE(bytes.length, 12 + i * 12);
    offset += bytes.length;
  });
  const head = Buffer.alloc(128);
  head.writeUInt32BE(offset);
  head.writeUInt32BE(0x02100000, 8);
  head.write('mntrGRAYXYZ ', 12, 'latin1');
  head.write('acsp', 36, 'latin1');
  xyz(0.9642, 1, 0.8249).copy(head, 68, 8);
  return Buffer.concat([head, table, ...tags.map(([, bytes]) => bytes)]);
}

function textTag(type: 'desc' | 'text', words: string): Buffer {
  if (type === 'text') return Buffer.from(`text\0\0\0\0${words}\0`.padEnd(16, '\0'), 'latin1');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(words.length + 1);
  const body = Buffer.concat([
    Buffer.from('desc\0\0\0\0', 'latin1'),
    length,
    Buffer.from(`${words}\0`),
    Buffer.alloc(78),
  ]);
  return Buffer.concat([body, Buffer.alloc((4 - (body.length % 4)) % 4)]);
}

function xyz(x: number, y: number, z: number): Buffer {
  const tag = Buffer.alloc(20);
  tag.write('XYZ ', 'latin1');
  for (const [i, value] of [x, y, z].entries()) tag.writeInt32BE(Math.round(value * 65536), 8 + i * 4);
  return tag;
}
