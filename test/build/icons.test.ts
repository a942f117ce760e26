import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { type IconPicture, icoFile } from '../../build/icon-container.ts';

const folder = fileURLToPath(new URL('../../build/icons/', import.meta.url));

async function edge(png: Buffer): Promise<number> {
  const { format, width, height, hasAlpha } = await sharp(png).metadata();
  expect({ format, hasAlpha }).toEqual({ format: 'png', hasAlpha: true });
  expect(height).toBe(width);
  return width;
}

describe('icons', () => {
  test('for Linux are as large as their names say', async () => {
    const names = (await readdir(folder)).filter((name) => name.endsWith('.png'));
    expect(names.length).toBeGreaterThanOrEqual(8);
    for (const name of names)
      expect(`${await edge(await readFile(folder + name))}`.repeat(2)).toBe(name.replace(/x|\.png/g, ''));
  });

  test('for Windows: a directory of PNG pictures from 16 to 256', async () => {
    const ico = await readFile(`${folder}icon.ico`);
    expect([ico.readUInt16LE(0), ico.readUInt16LE(2)]).toEqual([0, 1]);
    const edges: number[] = [];
    const pictures: IconPicture[] = [];
    for (let entry = 6; entry < 6 + 16 * ico.readUInt16LE(4); entry += 16) {
      const [length, offset] = [ico.readUInt32LE(entry + 8), ico.readUInt32LE(entry + 12)];
      const size = await edge(ico.subarray(offset, offset + length));
      expect(ico.readUInt8(entry)).toBe(size % 256);
      edges.push(size);
      pictures.push({ edge: size, png: ico.subarray(offset, offset + length) });
    }
    expect(icoFile(pictures).equals(ico)).toBe(true);
    expect(edges).toEqual([16, 24, 32, 48, 64, 128, 256]);
  });

  test('for macOS: every type holds a picture of its size', async () => {
    const icns = await readFile(`${folder}icon.icns`);
    expect(icns.toString('latin1', 0, 4)).toBe('icns');
    expect(icns.readUInt32BE(4)).toBe(icns.length);
    const found: Record<string, number> = {};
    for (let at = 8; at < icns.length; at += icns.readUInt32BE(at + 4))
      found[icns.toString('latin1', at, at + 4)] = await edge(icns.subarray(at + 8, at + icns.readUInt32BE(at + 4)));
    expect(found).toEqual({
      icp4: 16,
      icp5: 32,
      ic11: 32,
      ic12: 64,
      ic07: 128,
      ic08: 256,
      ic13: 256,
      ic09: 512,
      ic14: 512,
      ic10: 1024,
    });
  });
});
