import sharp from 'sharp';
import { cropRaster } from '../../electron/engine/photo/pixel-source.ts';
import { createRaster, type PixelSource, type Raster } from '../../electron/engine/photo/raster.ts';
import { fixture } from '../fixture.ts';

/** A raster in memory as a source. */
export function sourceOf(raster: Raster): PixelSource {
  return { ...raster, read: (region) => cropRaster(raster, region), close: async () => {} };
}

/** An 8-bit RGB picture from a formula; samples are rounded and clipped. */
export function drawn(width: number, height: number, sample: (x: number, y: number, c: number) => number): Raster {
  const raster = createRaster(width, height, 3, 8);
  for (let i = 0; i < raster.data.length; i++) {
    const at = Math.floor(i / 3);
    raster.data[i] = Math.min(255, Math.max(0, Math.round(sample(at % width, Math.floor(at / width), i % 3))));
  }
  return raster;
}

/** A part of one of the fixture photos. */
export async function photoPart(
  name: string,
  left: number,
  top: number,
  width: number,
  height: number,
): Promise<Raster> {
  const data = await sharp(fixture(name)).removeAlpha().extract({ left, top, width, height }).raw().toBuffer();
  return { width, height, channels: 3, depth: 8, data: new Uint8Array(data) };
}
