/** Small photos for training tests, cut from the fixtures. */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import sharp from 'sharp';

const fixtures = resolve(import.meta.dirname, '../../fixtures');

/** Writes three crops of real photos, one of them twice, and two files that are no use, into `folder`. */
export async function writePhotos(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const cut = (name: string, left: number, top: number, size = 160) =>
    sharp(join(fixtures, name)).extract({ left, top, width: size, height: size }).removeAlpha().png();
  await cut('astronaut.png', 150, 60).toFile(join(folder, 'astronaut.png'));
  await cut('chelsea.png', 120, 60).toFile(join(folder, 'chelsea.png'));
  await cut('coffee.png', 200, 150).toFile(join(folder, 'coffee.png'));
  await cut('chelsea.png', 120, 60).toFile(join(folder, 'the-same-again.png'));
  await cut('coffee.png', 0, 0, 40).toFile(join(folder, 'too-small.png'));
  await cut('coffee.png', 0, 0)
    .toBuffer()
    .then((bytes) =>
      import('node:fs/promises').then((fs) => fs.writeFile(join(folder, 'torn.png'), bytes.subarray(0, 900))),
    );
}
