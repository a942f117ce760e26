import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodePicture } from '../../electron/engine/output/encode.ts';
import { OUTPUT_FORMATS } from '../../electron/engine/output/formats.ts';
import { placeFile } from '../../electron/engine/output/place.ts';
import { createUnfinished } from '../../electron/engine/output/unfinished.ts';
import { decodePhoto } from '../../electron/engine/photo/decode.ts';
import { verifyFile } from '../../electron/engine/run/verify.ts';
import { fixture } from '../fixture.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fourfold-files-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a photo through decode, unfinished picture, encode, verify and place', () => {
  it.each(OUTPUT_FORMATS)('comes out the same as %s', async (format) => {
    const source = fixture('rocket.jpg');
    const photo = await decodePhoto(source, { scratchDir: folder });
    const { width, height } = photo.pixels;
    const picture = await createUnfinished(folder, width, height, 3, 8);
    for (let y = 0; y < height; y += 100) {
      const rows = Math.min(100, height - y);
      picture.write(photo.pixels.read({ x: 0, y, width, height: rows }), 0, y);
    }
    await picture.finish();
    const size = { width, height };
    const placed = await placeFile({
      target: join(folder, `rocket-out.${format}`),
      ifExists: 'fail',
      sources: [source],
      write: async (temp) => {
        await encodePicture(picture, photo, temp, { format, depth: 8, size });
        await verifyFile(temp, size);
      },
    });
    const before = await sharp(source).raw().toBuffer();
    const after = await sharp(placed.path).raw().toBuffer();
    let sum = 0;
    for (let i = 0; i < before.length; i++) sum += Math.abs(before[i]! - after[i]!);
    expect(after.length).toBe(before.length);
    expect(sum / before.length).toBeLessThan(format === 'png' || format === 'tiff' ? 1e-9 : 3);
    await photo.close();
    await picture.discard();
    expect(readdirSync(folder).filter((name) => name.endsWith('.v') || name.endsWith('.part'))).toEqual([]);
  });
});
