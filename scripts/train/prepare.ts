/**
 * `npm run train:data -- <folders> [--out <folder>] [--halves] [--without <folder>]`: photos → a local cache of both
 * resolutions.
 *
 *   --out <folder>      default scripts/train/.cache/data
 *   --halves            each photo at half its size too: other scales, and less of what JPEG left
 *   --without <folder>  leaves out photos that a picture below this folder shows too, cut or rescaled; may be repeated
 *
 * The cache is `pictures.bin` (all pixels, 8-bit interleaved RGB, high and low resolution of each picture one after the
 * other) and `pictures.json` (the index, see dataset.ts). Pictures that cannot be read, that are too small, that show the
 * same pixels as an earlier one or the same photo as one of `--without` are left out and named.
 */
import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import sharp from 'sharp';
import { writeFully } from '../../electron/engine/photo/full-write.ts';
import { commandOptions, refuseCommand } from '../command-options.ts';
import { cropToMultiple, type Picture, shrink } from './bicubic.ts';
import type { CacheEntry, CacheIndex } from './dataset.ts';
import { readPicture } from './picture-file.ts';
import { isSamePhoto, type Look, lookOf } from './same-photo.ts';

const photo = /\.(jpe?g|png|webp|tiff?|bmp|avif)$/i;
/** The least that is worth keeping: a crop of 24 source pixels, the paper's, with some choice of place. */
const smallestSide = 128;

export interface Prepared {
  folder: string;
  kept: number;
  skipped: { file: string; why: string }[];
}

/**
 * Builds the cache in `out` from every photo below `folders`, in name order. Throws where a folder is not there or no photo
 * can be used; a cache that was in `out` then stays as it was.
 */
export async function prepare(
  folders: string[],
  out: string,
  report: (line: string) => void = () => {},
  { halves = false, without = [] }: { halves?: boolean; without?: string[] } = {},
): Promise<Prepared> {
  const photos = folders.flatMap(photosBelow);
  const barred = await looksBelow(without);
  mkdirSync(out, { recursive: true });
  const binPath = join(out, 'pictures.bin');
  const file = openSync(`${binPath}.tmp`, 'w');
  const entries: CacheEntry[] = [];
  const skipped: Prepared['skipped'] = [];
  const seen = new Map<string, string>();
  let at = 0;
  const put = (pixels: Uint8Array) => {
    const start = at;
    writeFully(file, pixels);
    at += pixels.length;
    return start;
  };
  const add = (name: string, high: Picture, sha256: string) => {
    const { width, height } = high;
    entries.push({ name, width, height, high: put(high.pixels), low: put(shrink(high, 4).pixels), sha256 });
  };
  for (const path of photos) {
    try {
      const high = cropToMultiple(await decode(path), 4);
      if (Math.min(high.width, high.height) < smallestSide) throw new Error(`smaller than ${smallestSide} pixels`);
      const sha256 = createHash('sha256').update(high.pixels).digest('hex');
      const twin = seen.get(sha256);
      if (twin) throw new Error(`the same picture as ${twin}`);
      seen.set(sha256, path);
      const look = barred.length > 0 && (await lookOf(high));
      const same = look && barred.find((each) => isSamePhoto(look, each.look));
      if (same) throw new Error(`the same photo as ${same.path}`);
      add(path, high, sha256);
      const half = halves ? cropToMultiple(shrink(high, 2), 4) : undefined;
      if (half && Math.min(half.width, half.height) >= smallestSide)
        add(path, half, createHash('sha256').update(half.pixels).digest('hex'));
      if (entries.length % 50 === 0) report(`${entries.length} pictures, ${Math.round(at / 1e6)} MB`);
    } catch (error) {
      skipped.push({ file: path, why: error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error) });
    }
  }
  closeSync(file);
  if (entries.length === 0) {
    rmSync(`${binPath}.tmp`);
    const first = skipped[0] ? ` The first of ${skipped.length}, ${skipped[0].file}: ${skipped[0].why}.` : '';
    throw new Error(`There is no photo of at least ${smallestSide} pixels a side in ${folders.join(', ')}.${first}`);
  }
  const root = folders.length === 1 ? (folders[0] as string) : undefined;
  for (const entry of entries) if (root) entry.name = relative(root, entry.name);
  const index: CacheIndex = { version: 1, folders, bytes: at, pictures: entries };
  const indexPath = join(out, 'pictures.json');
  writeFileSync(`${indexPath}.tmp`, JSON.stringify(index));
  renameSync(`${binPath}.tmp`, binPath);
  renameSync(`${indexPath}.tmp`, indexPath);
  return { folder: out, kept: entries.length, skipped };
}

/** Decodes to 8-bit sRGB without alpha, turned upright. */
export async function decode(path: string): Promise<Picture> {
  const image = sharp(path, { failOn: 'error' }).rotate().toColourspace('srgb').removeAlpha();
  const { data, info } = await image.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  if (info.channels !== 3) throw new Error(`Expected 3 channels but received ${info.channels}`);
  return { width: info.width, height: info.height, pixels: new Uint8Array(data.buffer, data.byteOffset, data.length) };
}

/** Every picture below the folders, which must all be readable: one passed over would be trained on. */
async function looksBelow(folders: string[]): Promise<{ path: string; look: Look }[]> {
  const found: { path: string; look: Look }[] = [];
  for (const folder of folders) {
    const paths = photosBelow(folder);
    if (paths.length === 0) throw new Error(`There is no picture in ${folder}.`);
    for (const path of paths)
      try {
        found.push({ path, look: await lookOf(await readPicture(path)) });
      } catch (error) {
        throw new Error(`${path} cannot be read: ${error instanceof Error ? error.message : error}`);
      }
  }
  return found;
}

function photosBelow(folder: string): string[] {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw new Error(`There is no folder ${folder}.`);
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => photo.test(name))
    .sort()
    .map((name) => join(folder, name));
}

if (process.argv[1] === import.meta.filename) {
  const { positionals, values } = commandOptions(import.meta.filename, {
    allowPositionals: true,
    options: {
      out: { type: 'string' },
      halves: { type: 'boolean', default: false },
      without: { type: 'string', multiple: true, default: [] },
    },
  });
  if (positionals.length === 0) refuseCommand(import.meta.filename, 'Name one or more folders of photos');
  const { out = join(import.meta.dirname, '.cache', 'data'), halves, without } = values;
  const done = await prepare(positionals, out, console.log, { halves, without });
  for (const { file, why } of done.skipped) console.log(`left out ${file}: ${why}`);
  console.log(`${done.kept} pictures in ${done.folder}`);
}
