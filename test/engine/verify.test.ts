import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OUTPUT_FORMATS } from '../../electron/engine/output/formats.ts';
import { createRaster, type Depth, type Raster } from '../../electron/engine/photo/raster.ts';
import { checkTile, verifyFile } from '../../electron/engine/run/verify.ts';
import { fixture } from '../fixture.ts';

async function photo(name: string, left: number, top: number, size = 64, depth: Depth = 8): Promise<Raster> {
  const image = sharp(fixture(name)).removeAlpha().extract({ left, top, width: size, height: size });
  const data = await image.raw().toBuffer();
  const wide = depth === 16 ? Uint16Array.from(data, (sample) => sample * 257) : new Uint8Array(data);
  return { width: size, height: size, channels: 3, depth, data: wide };
}

/** Square pixels, displaced by (dx, dy) result px. */
function enlarged(source: Raster, dx = 0, dy = 0): Raster {
  const { width, height, channels, depth } = source;
  const out = createRaster(width * 4, height * 4, channels, depth);
  const clamp = (value: number, size: number) => Math.min(size - 1, Math.max(0, value));
  for (let y = 0; y < out.height; y++)
    for (let x = 0; x < out.width; x++) {
      const from = clamp((y + dy) >> 2, height) * width + clamp((x + dx) >> 2, width);
      for (let c = 0; c < channels; c++)
        out.data[(y * out.width + x) * channels + c] = source.data[from * channels + c]!;
    }
  return out;
}

describe('checkTile', () => {
  it.each([8, 16] as const)(
    'takes a right result and refuses black, foreign and shifted ones, %i bits',
    async (depth) => {
      const source = await photo('chelsea.png', 120, 80, 64, depth);
      expect(checkTile(source, enlarged(source))).toBe('ok');
      expect(checkTile(source, createRaster(256, 256, 3, depth))).toBe('black');
      const foreign = await photo('rocket.jpg', 250, 60, 64, depth);
      expect(checkTile(source, enlarged(foreign))).toBe('unlike the source');
      const detailed = await photo('coffee.png', 200, 100, 64, depth);
      expect(checkTile(detailed, enlarged(detailed, 16, 0))).not.toBe('ok');
      expect(checkTile(detailed, enlarged(detailed, 0, -8))).not.toBe('ok');
      expect(checkTile(detailed, enlarged(detailed, 1, 1))).toBe('ok');
    },
  );

  it('takes black for black, and refuses a result of another size', () => {
    const black = createRaster(8, 8, 3, 8);
    expect(checkTile(black, createRaster(32, 32, 3, 8))).toBe('ok');
    expect(checkTile(black, createRaster(32, 28, 3, 8))).toBe('unlike the source');
  });

  it('does not mistake hard material for a fault: black-and-white noise as a network smooths it', () => {
    const source = createRaster(64, 64, 3, 8);
    let seed = 1;
    for (let pixel = 0; pixel < 64 * 64; pixel++) {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      source.data.fill(seed > 1073741824 ? 255 : 0, pixel * 3, pixel * 3 + 3);
    }
    const grey = createRaster(256, 256, 3, 8);
    grey.data.fill(127);
    expect(checkTile(source, grey)).toBe('ok');
    expect(checkTile(source, createRaster(256, 256, 3, 8))).toBe('black');
  });

  it('judges single pixels leniently', () => {
    const one = { ...createRaster(1, 1, 3, 8), data: Uint8Array.of(100, 100, 100) };
    const result = createRaster(4, 4, 3, 8);
    result.data.fill(120);
    expect(checkTile(one, result)).toBe('ok');
    result.data.fill(200);
    expect(checkTile(one, result)).toBe('unlike the source');
  });
});

describe('verifyFile', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'fourfold-verify-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(OUTPUT_FORMATS)('takes a whole %s and refuses one of the wrong size or cut short', async (format) => {
    const path = join(folder, `file.${format}`);
    await sharp(fixture('coffee.png')).resize(300, 200).toFormat(format).toFile(path);
    await verifyFile(path, { width: 300, height: 200 });
    await expect(verifyFile(path, { width: 301, height: 200 })).rejects.toMatchObject({ code: 'result-wrong' });
    const bytes = readFileSync(path);
    for (const share of [0, 0.5, 0.9]) {
      writeFileSync(path, bytes.subarray(0, Math.floor(bytes.length * share)));
      await expect(verifyFile(path, { width: 300, height: 200 }), String(share)).rejects.toMatchObject({
        code: 'result-wrong',
      });
    }
  });
});
