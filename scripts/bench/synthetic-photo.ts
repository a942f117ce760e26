import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

const FIXTURES = ['coffee.png', 'rocket.jpg', 'chelsea.png', 'hubble_deep_field.jpg', 'astronaut.png'];

/** Sides of a 4:3 photo of so many megapixels. */
export function sidesOf(megapixels: number): { width: number; height: number } {
  const width = Math.round(Math.sqrt((megapixels * 1e6 * 4) / 3) / 4) * 4;
  return { width, height: Math.round((megapixels * 1e6) / width) };
}

/** A photo of any size put together from the fixture photos, at their own sharpness. Returns its path. */
export async function syntheticPhoto(
  folder: string,
  megapixels: number,
  format: 'jpg' | 'png' | 'webp' | 'tif' = 'jpg',
): Promise<string> {
  const { width, height } = sidesOf(megapixels);
  const edge = 400;
  const pieces = await Promise.all(
    FIXTURES.map((name) =>
      sharp(fileURLToPath(new URL(`../../test/fixtures/${name}`, import.meta.url)))
        .resize(edge, edge, { fit: 'cover' })
        .removeAlpha()
        .raw()
        .toBuffer(),
    ),
  );
  const raw = { width: edge, height: edge, channels: 3 } as const;
  // Five by five, each row turned by two, so that no piece meets itself.
  const mosaic = await sharp({ create: { width: 5 * edge, height: 5 * edge, channels: 3, background: '#000' } })
    .composite(
      Array.from({ length: 25 }, (_, i) => ({
        input: pieces[((i % 5) + 2 * Math.floor(i / 5)) % 5]!,
        raw,
        left: (i % 5) * edge,
        top: Math.floor(i / 5) * edge,
      })),
    )
    .png({ compressionLevel: 1 })
    .toBuffer();
  const piece = await sharp(mosaic)
    .extract({ left: 0, top: 0, width: Math.min(width, 5 * edge), height: Math.min(height, 5 * edge) })
    .toBuffer();
  const path = join(folder, `photo-${megapixels}mp.${format}`);
  await sharp({ create: { width, height, channels: 3, background: '#000' }, limitInputPixels: false })
    .composite([{ input: piece, tile: true, gravity: 'northwest' }])
    .jpeg({ quality: 92 })
    .toFormat(format === 'jpg' ? 'jpeg' : format === 'tif' ? 'tiff' : format)
    .toFile(path);
  return path;
}
