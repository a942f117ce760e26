import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { fixture } from '../fixture.ts';

/** Photos small enough that the real network takes a second or two for the whole of one. */
export interface SmallPhotos {
  /** 160×120, a cat's eye: one tile and a bit in each direction. */
  readonly eye: string;
  readonly cup: string;
  readonly face: string;
  /** The eye, stored lying on its side with EXIF orientation 6: upright it is 120×160. */
  readonly turned: string;
  readonly flat: string;
  /** One-pixel black and white squares. */
  readonly checks: string;
  /** A patch of sRGB 230, 60, 50 stored as Display P3. */
  readonly wide: string;
  /** Its header is whole, its pixels are cut short. */
  readonly broken: string;
  readonly text: string;
  /** 4000×3000. */
  readonly twelveMegapixels: string;
  /** 4200×40: four times that is more than WebP takes. */
  readonly long: string;
}

/** Makes them in a folder. */
export async function makeSmallPhotos(folder: string): Promise<SmallPhotos> {
  mkdirSync(folder, { recursive: true });
  const at = (name: string): string => join(folder, name);
  const crop = (name: string, left: number, top: number) =>
    sharp(fixture(name)).extract({ left, top, width: 160, height: 120 }).removeAlpha();
  const photos: SmallPhotos = {
    eye: at('eye.png'),
    cup: at('cup.jpg'),
    face: at('face.png'),
    turned: at('turned.jpg'),
    flat: at('flat.png'),
    checks: at('checks.png'),
    wide: at('wide.png'),
    broken: at('broken.png'),
    text: at('notes.txt'),
    twelveMegapixels: at('twelve.jpg'),
    long: at('long.png'),
  };
  await crop('chelsea.png', 130, 80).png().toFile(photos.eye);
  await crop('coffee.png', 220, 90).jpeg({ quality: 90 }).toFile(photos.cup);
  await crop('astronaut.png', 160, 50).png().toFile(photos.face);
  await crop('chelsea.png', 130, 80).withMetadata({ orientation: 6 }).jpeg({ quality: 95 }).toFile(photos.turned);
  const plain = (width: number, height: number, background: { r: number; g: number; b: number }) =>
    sharp({ create: { width, height, channels: 3, background } });
  await plain(160, 120, { r: 119, g: 119, b: 119 }).png().toFile(photos.flat);
  const squares = Buffer.alloc(160 * 120 * 3);
  for (let y = 0; y < 120; y++)
    for (let x = 0; x < 160; x++) squares.fill((x + y) % 2 ? 255 : 0, (y * 160 + x) * 3, (y * 160 + x) * 3 + 3);
  await sharp(squares, { raw: { width: 160, height: 120, channels: 3 } })
    .png()
    .toFile(photos.checks);
  // sharp converts: the stored samples are Display P3's for sRGB 230, 60, 50, and its profile is attached.
  await plain(64, 64, { r: 230, g: 60, b: 50 }).withIccProfile('p3', { attach: true }).png().toFile(photos.wide);
  const whole = await sharp(fixture('rocket.jpg')).resize(160).png().toBuffer();
  writeFileSync(photos.broken, whole.subarray(0, whole.length * 0.6));
  writeFileSync(photos.text, 'Not a picture.\n');
  await sharp(fixture('hubble_deep_field.jpg'))
    .resize(4000, 3000, { fit: 'fill' })
    .jpeg({ quality: 80 })
    .toFile(photos.twelveMegapixels);
  await plain(4200, 40, { r: 90, g: 120, b: 150 }).png().toFile(photos.long);
  return photos;
}
