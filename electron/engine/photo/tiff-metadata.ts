import { closeSync, openSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { writeFully } from './full-write.ts';
import {
  directoryBytes,
  offsetTag,
  type ReadAt,
  readDirectory,
  readLayout,
  type Tag,
  tagNumber,
  writeDirectory,
} from './tiff-directory.ts';

// libvips neither reads nor writes EXIF in TIFF files, where it is no block but part of the file's own directory; and of
// IPTC it writes a quarter (it counts long words where bytes are meant).

const PREFIX = 'Exif\0\0';
const EXIF_IFD = 0x8769;
const GPS_IFD = 0x8825;
/** ImageDescription, Make, Model, Software, DateTime, Artist, HostComputer, Rating, RatingPercent, Copyright, XPTitle … XPSubject. */
const DESCRIBING = new Set([270, 271, 272, 305, 306, 315, 316, 18246, 18249, 33432, 40091, 40092, 40093, 40094, 40095]);
/** Of these, text: the only ones whose type and end TIFF readers check. */
const TEXT = new Set([270, 271, 272, 305, 306, 315, 316, 33432]);
/** ASCII, and BYTE and UNDEFINED, which some programs write for it. */
const TEXT_TYPES = new Set([2, 1, 7]);
const ORIENTATION = 274;
const IPTC = 33723;

export interface TiffMetadata {
  /** With its `Exif\0\0`, as other formats have it: describing tags, the EXIF directory and GPS. */
  readonly exif?: Buffer;
  /** Bare data sets. */
  readonly iptc?: Buffer;
}

/** EXIF and IPTC of a TIFF photo; empty when there are none, or the file cannot be followed. */
export function readTiffMetadata(path: string | Buffer): TiffMetadata {
  const fd = openSync(path, 'r');
  const read: ReadAt = (at, length) => {
    const bytes = Buffer.alloc(length);
    if (readSync(fd, bytes, 0, length, at) !== length) throw new RangeError('Outside the file');
    return bytes;
  };
  try {
    const { main, exif, gps } = readAll(read);
    const iptc = main.find(({ id }) => id === IPTC)?.bytes;
    const kept = main.filter(({ id }) => DESCRIBING.has(id) || id === ORIENTATION);
    const some = exif.length > 0 || gps.length > 0 || kept.some(({ id }) => id !== ORIENTATION);
    const block = () =>
      Buffer.concat([
        Buffer.from(`${PREFIX}II*\0\x08\0\0\0`, 'latin1'),
        writeAll({ main: kept, exif, gps }, 8, false, 0),
      ]);
    return { ...(some && { exif: block() }), ...(iptc && { iptc }) };
  } catch (error) {
    if (error instanceof RangeError) return {};
    throw error;
  } finally {
    closeSync(fd);
  }
}

/**
 * Adds metadata to a written TIFF file: a new first directory at the end, which also holds the old one's tags, and a new
 * pointer in the header. The pixels are not touched.
 * @returns false when the file or the EXIF block cannot be followed; the picture is then as before, with or without
 * unused bytes at its end.
 */
export async function appendTiffMetadata(path: string, { exif, iptc }: TiffMetadata): Promise<boolean> {
  const file = await open(path, 'r+');
  try {
    const added = exif ? readBlock(exif) : { main: [], exif: [], gps: [] };
    const readFile: ReadAt = (at, length) => {
      const bytes = Buffer.alloc(length);
      if (readSync(file.fd, bytes, 0, length, at) !== length) throw new RangeError('Outside the file');
      return bytes;
    };
    const layout = readLayout(readFile);
    // This machine's own writer: little-endian on all supported ones.
    if (!layout.little) return false;
    const { tags, next } = readDirectory(readFile, layout, layout.first);
    const main = [...tags];
    for (const tag of added.main.flatMap(describing)) if (!main.some(({ id }) => id === tag.id)) main.push(tag);
    if (iptc?.length) main.push({ id: IPTC, type: 7, count: iptc.length, bytes: iptc });
    const { size } = await file.stat();
    const at = size + (size & 1);
    const bytes = writeAll({ main, exif: added.exif, gps: added.gps }, at, layout.big, next);
    writeFully(file.fd, bytes, at);
    const pointer = Buffer.alloc(layout.big ? 8 : 4);
    if (layout.big) pointer.writeBigUInt64LE(BigInt(at));
    else if (at + bytes.length > 0xffffffff) return false;
    else pointer.writeUInt32LE(at);
    writeFully(file.fd, pointer, layout.big ? 8 : 4);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  } finally {
    await file.close();
  }
}

/** A describing tag as TIFF readers take it without a warning: text with one NUL, at its end. Nothing where that is not to be had. */
function describing(tag: Tag): Tag[] {
  if (!DESCRIBING.has(tag.id)) return [];
  if (!TEXT.has(tag.id)) return [tag];
  if (!TEXT_TYPES.has(tag.type)) return [];
  // Each part ends in a NUL; a copyright has the photographer's and the editor's (CIPA DC-008, 4.6.4), others padding.
  const parts = tag.bytes.toString('latin1').split('\0');
  const said = parts.filter((part) => part.trim() !== '');
  if (said.length === 0) return [];
  const bytes = Buffer.from(`${said.join(', ')}\0`, 'latin1');
  return [{ id: tag.id, type: 2, count: bytes.length, bytes }];
}

function readBlock(exif: Buffer): Directories {
  const block = exif.subarray(exif.toString('latin1', 0, PREFIX.length) === PREFIX ? PREFIX.length : 0);
  return readAll((at, length) => {
    if (at < 0 || at + length > block.length) throw new RangeError('Outside the block');
    return block.subarray(at, at + length);
  });
}

interface Directories {
  readonly main: Tag[];
  readonly exif: Tag[];
  readonly gps: Tag[];
}

/** @throws RangeError when the first directory cannot be read; broken ones below it are left out. */
function readAll(read: ReadAt): Directories {
  const layout = readLayout(read);
  const { tags } = readDirectory(read, layout, layout.first);
  const below = (id: number): Tag[] => {
    const at = tagNumber(tags.find((tag) => tag.id === id));
    if (at === undefined) return [];
    try {
      // The interoperability directory (40965) is an offset of its own and says nothing of the photo.
      return readDirectory(read, layout, at).tags.filter((tag) => tag.id !== 40965);
    } catch (error) {
      if (error instanceof RangeError) return [];
      throw error;
    }
  };
  return { main: tags, exif: below(EXIF_IFD), gps: below(GPS_IFD) };
}

/** The first directory at `at`, with the EXIF and GPS directories behind it. */
function writeAll({ main, exif, gps }: Directories, at: number, big: boolean, next: number): Buffer {
  const own = main.filter(({ id }) => id !== EXIF_IFD && id !== GPS_IFD);
  const pointers = [
    ...(exif.length > 0 ? [offsetTag(EXIF_IFD, 0, big)] : []),
    ...(gps.length > 0 ? [offsetTag(GPS_IFD, 0, big)] : []),
  ];
  const exifAt = at + directoryBytes([...own, ...pointers], big);
  const gpsAt = exifAt + (exif.length > 0 ? directoryBytes(exif, big) : 0);
  const all = [
    ...own,
    ...(exif.length > 0 ? [offsetTag(EXIF_IFD, exifAt, big)] : []),
    ...(gps.length > 0 ? [offsetTag(GPS_IFD, gpsAt, big)] : []),
  ];
  return Buffer.concat([
    writeDirectory(all, at, big, next),
    ...(exif.length > 0 ? [writeDirectory(exif, exifAt, big)] : []),
    ...(gps.length > 0 ? [writeDirectory(gps, gpsAt, big)] : []),
  ]);
}
