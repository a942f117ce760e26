import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodePhoto, inspectPhoto } from '../../electron/engine/photo/decode.ts';
import { previewPhoto } from '../../electron/engine/photo/preview.ts';
import { type Tag, writeDirectory } from '../../electron/engine/photo/tiff-directory.ts';

let folder: string;
let scratchDir: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fourfold-channels-'));
  scratchDir = mkdtempSync(join(folder, 'scratch-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const EDGE = 8;
const GREY = 1;
const RGB = 2;
const CMYK = 5;
/** TIFF's ExtraSamples: what a channel beyond the colours is. */
const ALPHA = 2;
const OTHER = 0;

/** An uncompressed TIFF whose every pixel is 10, 50, 90, … through its channels (times 257 in 16 bits). */
function handWritten(photometric: number, channels: number, extra: number[], depth: 8 | 16 = 8): string {
  const samples = Array.from({ length: EDGE * EDGE * channels }, (_, i) => (i % channels) * 40 + 10);
  const wide = Uint16Array.from(samples, (sample) => sample * 257);
  const pixels = depth === 8 ? Buffer.from(samples) : Buffer.from(wide.buffer);
  const shorts = (id: number, ...values: number[]): Tag => ({
    ...{ id, type: 3, count: values.length },
    bytes: Buffer.from(Uint16Array.from(values).buffer),
  });
  const tags = [
    ...[shorts(256, EDGE), shorts(257, EDGE), shorts(258, ...Array(channels).fill(depth)), shorts(259, 1)],
    ...[shorts(262, photometric), shorts(273, 8), shorts(277, channels), shorts(278, EDGE), shorts(279, pixels.length)],
    ...(extra.length > 0 ? [shorts(338, ...extra)] : []),
  ];
  const at = 8 + pixels.length;
  const head = Buffer.from('II*\0\0\0\0\0', 'latin1');
  head.writeUInt32LE(at, 4);
  const path = join(folder, `${photometric}-${channels}-${depth}.tif`);
  writeFileSync(path, Buffer.concat([head, pixels, writeDirectory(tags, at, false)]));
  return path;
}

async function decoded(path: string) {
  const { info, pixels, close } = await decodePhoto(path, { scratchDir });
  const { data } = pixels.read({ x: 3, y: 5, width: 1, height: 1 });
  await close();
  return { channels: info.channels, hasAlpha: info.hasAlpha, pixel: [...data], notes: info.notes.map((n) => n.code) };
}

describe('channels beyond the colours', () => {
  it('are transparency where there is one', async () => {
    const grey = await decoded(handWritten(GREY, 2, [ALPHA]));
    expect(grey).toEqual({ channels: 2, hasAlpha: true, pixel: [10, 50], notes: [] });
    const rgb = await decoded(handWritten(RGB, 4, [ALPHA]));
    expect(rgb).toEqual({ channels: 4, hasAlpha: true, pixel: [10, 50, 90, 130], notes: [] });
    const cmyk = await decoded(handWritten(CMYK, 5, [ALPHA]));
    expect(cmyk).toMatchObject({ channels: 4, hasAlpha: true, notes: ['converted-to-srgb'] });
  });

  it.each([
    ['grey, alpha and a mask', GREY, 3, [ALPHA, OTHER], 8, [10]],
    ['grey, alpha and two masks', GREY, 4, [ALPHA, OTHER, OTHER], 8, [10]],
    ['grey, alpha and a mask in 16 bits', GREY, 3, [ALPHA, OTHER], 16, [10 * 257]],
    ['RGB, alpha and a mask', RGB, 5, [ALPHA, OTHER], 8, [10, 50, 90]],
    ['RGB and two masks in 16 bits', RGB, 5, [OTHER, OTHER], 16, [10 * 257, 50 * 257, 90 * 257]],
  ] as const)(
    'are left out with a note where there are more: %s',
    async (_, photometric, channels, extra, depth, pixel) => {
      const path = handWritten(photometric, channels, [...extra], depth);
      expect(await decoded(path)).toEqual({ channels: pixel.length, hasAlpha: false, pixel, notes: ['alpha-dropped'] });
      expect((await previewPhoto(path, { maxEdge: EDGE })).contentType).toBe('image/jpeg');
    },
  );

  it('are more than the image library takes where a photo has six: no damage', async () => {
    const path = handWritten(CMYK, 6, [ALPHA, OTHER]);
    await expect(inspectPhoto(path)).rejects.toMatchObject({ code: 'codec-missing' });
    await expect(decodePhoto(path, { scratchDir })).rejects.toMatchObject({ code: 'codec-missing' });
    expect(readdirSync(scratchDir)).toEqual([]);
  });
});
