import { sharp } from '../engine/photo/imaging.ts';
import { cropRaster } from '../engine/photo/pixel-source.ts';
import type { PixelSource, Raster, Region } from '../engine/photo/raster.ts';
import { paddedTile } from '../engine/run/tensor.ts';
import { toEightBit } from './pyramid.ts';

/** Source pixels round a tile; Catmull-Rom reads two. */
const MARGIN = 4;

/**
 * A region `factor` times larger by bicubic interpolation (Catmull-Rom, a = −0.5), 8 bits: the "before" that the network
 * is compared with. Without seams, because each tile is made with a margin that is cut away.
 */
export async function bicubic(source: PixelSource, region: Region, factor: 2 | 4): Promise<Raster> {
  const padded = toEightBit(
    paddedTile(source, {
      x: region.x - MARGIN,
      y: region.y - MARGIN,
      width: region.width + 2 * MARGIN,
      height: region.height + 2 * MARGIN,
    }),
  );
  const { width, height, channels, data } = padded;
  const large = await sharp(data, { raw: { width, height, channels } })
    .resize(width * factor, height * factor, { kernel: 'cubic', fit: 'fill' })
    // Without this, one channel comes back as three.
    .toColourspace(channels <= 2 ? 'b-w' : 'srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  const whole: Raster = { width: width * factor, height: height * factor, channels, depth: 8, data: large.data };
  if (large.info.channels !== channels)
    throw new Error(`Expected ${channels} channels but received ${large.info.channels}`);
  return cropRaster(whole, {
    x: MARGIN * factor,
    y: MARGIN * factor,
    width: region.width * factor,
    height: region.height * factor,
  });
}
