import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { cropToMultiple, type Picture, shrink } from './bicubic.ts';
import { cropPicture } from './crop-picture.ts';
import { readPicture } from './picture-file.ts';

/** A picture and the one four times smaller it is to be made from again. */
export interface Pair {
  readonly name: string;
  readonly original: Picture;
  readonly source: Picture;
}

export interface PairSet {
  readonly name: string;
  readonly names: readonly string[];
  read(name: string): Promise<Pair>;
}

const PICTURE = /\.(png|jpe?g|webp|tiff?|bmp)$/i;

/**
 * A folder of pairs: `HR/` and `LR/` with the same file names; or originals alone (in `HR/` or the folder itself), whose
 * low resolution is then made here with the field's bicubic.
 */
export function openPairs(folder: string): PairSet {
  const originals = existsSync(join(folder, 'HR')) ? join(folder, 'HR') : folder;
  const sources = join(folder, 'LR');
  const names = readdirSync(originals)
    .filter((name) => PICTURE.test(name))
    .sort();
  if (names.length === 0) throw new Error(`Expected pictures in ${originals} but found none.`);
  return {
    name: basename(folder),
    names,
    async read(name) {
      const whole = await readPicture(join(originals, name));
      const path = join(sources, name);
      if (!existsSync(path)) {
        const original = cropToMultiple(whole, 4);
        return { name, original, source: shrink(original, 4) };
      }
      const source = await readPicture(path);
      const [width, height] = [4 * source.width, 4 * source.height];
      if (whole.width < width || whole.height < height)
        throw new Error(`${path} is ${source.width} × ${source.height}: more than a quarter of its original.`);
      return {
        name,
        original: width === whole.width && height === whole.height ? whole : cropPicture(whole, 0, 0, width, height),
        source,
      };
    },
  };
}
