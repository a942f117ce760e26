import { tmpdir } from 'node:os';
import { DEFAULT_PIXEL_LIMIT, inspectPhoto } from './decode.ts';
import { decodingError } from './decoding-error.ts';
import { sharp } from './imaging.ts';
import { orient } from './pixel-source.ts';
import { createRaster } from './raster.ts';
import { openSource } from './source-file.ts';

export interface Preview {
  /** An encoded picture, upright, in sRGB. */
  readonly bytes: Buffer;
  readonly contentType: 'image/jpeg' | 'image/webp';
  readonly width: number;
  readonly height: number;
}

/**
 * A small picture of a photo, for a list or a first look: JPEGs are decoded at an eighth where that is enough. A photo
 * that is damaged shows what can be shown.
 * @param maxEdge longest edge in pixels; small photos are not enlarged
 * @throws FourfoldError as `inspectPhoto` does for files that are no photos.
 */
export async function previewPhoto(path: string, options: { maxEdge: number; pixelLimit?: number }): Promise<Preview> {
  const { maxEdge, pixelLimit = DEFAULT_PIXEL_LIMIT } = options;
  const source = await openSource(path);
  const { name, release } = await source.literalName(tmpdir());
  try {
    const image = sharp(name, { failOn: 'error', limitInputPixels: pixelLimit, sequentialRead: true });
    const { orientation, hasAlpha } = await inspectPhoto(path, { pixelLimit });
    if (!hasAlpha) image.removeAlpha();
    const { data, info } = await image
      .resize(maxEdge, maxEdge, { fit: 'inside', withoutEnlargement: true })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const channels = info.channels as 3 | 4;
    // Turned after it is small: turning first would need the whole photo in memory.
    const upright = orient(
      { ...createRaster(0, 0, channels, 8), width: info.width, height: info.height, data },
      orientation,
    );
    const { width, height } = upright;
    const small = sharp(upright.data, { raw: { width, height, channels } });
    const alpha = channels === 4;
    const bytes = await (alpha ? small.webp({ quality: 85, effort: 2 }) : small.jpeg({ quality: 85 })).toBuffer();
    return { bytes, contentType: alpha ? 'image/webp' : 'image/jpeg', width, height };
  } catch (error) {
    throw await decodingError(error, source);
  } finally {
    await release();
  }
}
