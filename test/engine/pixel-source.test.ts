import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodePhoto } from '../../electron/engine/photo/decode.ts';
import { cropRaster, rasterSource } from '../../electron/engine/photo/pixel-source.ts';
import type { Raster } from '../../electron/engine/photo/raster.ts';
import { fixture } from '../fixture.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fourfold-pixels-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const noise = (width: number, height: number, channels: 1 | 3 | 4) =>
  Buffer.from(Array.from({ length: width * height * channels }, (_, i) => (i * i * 31 + i * 7) % 256));

describe('orientation', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('%i is applied once, the same for any region', async (orientation) => {
    const path = join(folder, `turned-${orientation}.tif`);
    const raw = { raw: { width: 37, height: 23, channels: 3 as const } };
    await sharp(noise(37, 23, 3), raw)
      .tiff({ compression: 'lzw' })
      .withMetadata({ orientation })
      .toFile(path);
    const { data, info } = await sharp(path).autoOrient().raw().toBuffer({ resolveWithObject: true });
    const photo = await decodePhoto(path, { scratchDir: folder });
    const { pixels } = photo;
    expect([pixels.width, pixels.height]).toEqual([info.width, info.height]);
    expect([photo.info.width, photo.info.height]).toEqual([info.width, info.height]);
    const whole = pixels.read({ x: 0, y: 0, width: info.width, height: info.height });
    expect(Buffer.from(whole.data).equals(data)).toBe(true);
    for (const region of [
      { x: 0, y: 0, width: 1, height: 1 },
      { x: 5, y: 3, width: 11, height: 7 },
      { x: info.width - 4, y: info.height - 9, width: 4, height: 9 },
    ]) {
      expect(pixels.read(region)).toEqual(cropRaster(whole, region));
    }
    await photo.close();
  });
});

describe('a decoded photo', () => {
  it('refuses regions outside, and reading after close; closing twice is fine and leaves no file', async () => {
    const path = join(folder, 'small.png');
    await sharp(noise(20, 10, 3), { raw: { width: 20, height: 10, channels: 3 } })
      .png()
      .toFile(path);
    const photo = await decodePhoto(path, { scratchDir: folder });
    for (const region of [
      { x: -1, y: 0, width: 2, height: 2 },
      { x: 0, y: 9, width: 1, height: 2 },
      { x: 0, y: 0, width: 0, height: 1 },
      { x: 0.5, y: 0, width: 1, height: 1 },
    ])
      expect(() => photo.pixels.read(region)).toThrow(RangeError);
    await photo.close();
    await photo.close();
    expect(() => photo.pixels.read({ x: 0, y: 0, width: 1, height: 1 })).toThrow(/closed/);
    expect(readdirSync(folder).filter((name) => name.endsWith('.v'))).toEqual([]);
  });

  it('keeps 16 bits exactly, grey and colour', async () => {
    for (const [name, channels, space] of [
      ['grey', 1, 'grey16'],
      ['colour', 3, 'rgb16'],
    ] as const) {
      const samples = Uint16Array.from({ length: 30 * 20 * channels }, (_, i) => (i * 7919) % 65536);
      const path = join(folder, `${name}16.png`);
      await sharp(samples, { raw: { width: 30, height: 20, channels } })
        .toColourspace(space)
        .png()
        .toFile(path);
      const photo = await decodePhoto(path, { scratchDir: folder });
      expect([photo.pixels.channels, photo.pixels.depth]).toEqual([channels, 16]);
      const { data } = photo.pixels.read({ x: 0, y: 0, width: 30, height: 20 });
      expect(data).toEqual(samples);
      await photo.close();
    }
  });

  it('reads palettes, CMYK, Lab and floating point as RGB or grey', async () => {
    const red = sharp({ create: { width: 16, height: 16, channels: 3, background: '#d02010' } });
    const kinds = {
      palette: red.clone().png({ palette: true }),
      cmyk: red.clone().toColourspace('cmyk').tiff({ compression: 'lzw' }),
      lab: red.clone().toColourspace('lab').tiff({ compression: 'lzw' }),
      grey: red.clone().toColourspace('b-w').jpeg(),
      float: red.clone().toColourspace('scrgb').tiff({ compression: 'lzw' }),
    };
    for (const [kind, image] of Object.entries(kinds)) {
      const path = join(folder, kind);
      await image.toFile(path);
      const photo = await decodePhoto(path, { scratchDir: folder });
      const { data, depth } = photo.pixels.read({ x: 3, y: 3, width: 1, height: 1 });
      const found = Array.from(data, (sample) => (depth === 16 ? sample / 257 : sample));
      if (kind === 'grey') expect(photo.pixels.channels).toBe(1);
      else
        for (const [i, value] of [0xd0, 0x20, 0x10].entries())
          expect(Math.abs(found[i]! - value), kind).toBeLessThan(30);
      const converted = photo.info.notes.some(({ code }) => code === 'converted-to-srgb');
      expect(converted, kind).toBe(kind === 'cmyk' || kind === 'lab' || kind === 'float');
      await photo.close();
    }
  });
});

describe('transparent parts', () => {
  // A bright disc on transparent black, whose hidden colour is noise.
  const width = 90;
  const height = 70;
  const disc: Raster = (() => {
    const data = new Uint8Array(noise(width, height, 4));
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const inside = Math.hypot(x - 45, y - 35) < 20;
        const at = (y * width + x) * 4;
        if (inside) data.set([250, 200, 100, 255], at);
        else data[at + 3] = 0;
      }
    return { width, height, channels: 4, depth: 8, data };
  })();

  it('carry the colour of what they surround, and keep their alpha', async () => {
    const path = join(folder, 'disc.png');
    await sharp(disc.data, { raw: { width, height, channels: 4 } })
      .png()
      .toFile(path);
    const photo = await decodePhoto(path, { scratchDir: folder });
    const whole = photo.pixels.read({ x: 0, y: 0, width, height });
    for (let pixel = 0; pixel < width * height; pixel++) {
      expect(whole.data[pixel * 4 + 3]).toBe(disc.data[pixel * 4 + 3]);
      const distance = Math.hypot((pixel % width) - 45, Math.floor(pixel / width) - 35) - 20;
      const colour = Array.from(whole.data.subarray(pixel * 4, pixel * 4 + 3));
      if (distance < 15) expect(colour).toEqual([250, 200, 100]);
    }
    await photo.close();
  });

  it('do so the same whatever region is read', async () => {
    const { withBledColour } = await import('../../electron/engine/photo/alpha-bleed.ts');
    const data = new Uint8Array(disc.data);
    for (let pixel = 0; pixel < width * height; pixel++) {
      const inside = data[pixel * 4 + 3] === 255;
      if (inside) data.set([(pixel * 13) % 256, (pixel * 7) % 256, pixel % 256], pixel * 4);
    }
    const source = withBledColour(rasterSource({ ...disc, data }));
    const whole = source.read({ x: 0, y: 0, width, height });
    for (let y = 0; y < height; y += 14)
      for (let x = 0; x < width; x += 15) {
        const region = { x, y, width: 15, height: 14 };
        expect(source.read(region)).toEqual(cropRaster(whole, region));
      }
  });
});

it('the fixture photographs decode to what sharp makes of them', async () => {
  for (const name of ['astronaut.png', 'rocket.jpg']) {
    const path = fixture(name);
    const photo = await decodePhoto(path, { scratchDir: folder });
    const { width, height } = photo.pixels;
    const expected = await sharp(readFileSync(path), { ignoreIcc: true }).raw().toBuffer();
    expect(Buffer.from(photo.pixels.read({ x: 0, y: 0, width, height }).data).equals(expected)).toBe(true);
    await photo.close();
  }
});
