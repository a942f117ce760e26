import sharp from 'sharp';
import type { Picture } from './bicubic.ts';

/** Reads a picture as 8-bit RGB, upright; grey becomes three equal channels. */
export async function readPicture(path: string): Promise<Picture> {
  const { data, info } = await sharp(path)
    .rotate()
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  if (info.channels === 3) return { width: info.width, height: info.height, pixels: new Uint8Array(data) };
  const pixels = new Uint8Array(info.width * info.height * 3);
  for (let i = 0; i < info.width * info.height; i++) pixels.fill(data[i * info.channels]!, 3 * i, 3 * i + 3);
  return { width: info.width, height: info.height, pixels };
}

/** Writes a picture as PNG. */
export async function writePicture(path: string, picture: Picture): Promise<void> {
  const { width, height } = picture;
  await sharp(picture.pixels, { raw: { width, height, channels: 3 } })
    .png()
    .toFile(path);
}
