import { type FileHandle, open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { writeFully } from '../photo/full-write.ts';
import type { OutputFormat } from './formats.ts';

// libexif, inside libvips, rewrites every EXIF block it passes on: it drops tags it does not know and moves the camera
// maker's note, whose offsets then point nowhere. So the encoder is handed a block of the same size that holds nothing
// but filling, and afterwards the real one is put over it in the finished file, byte for byte, without moving anything.

const MARK = 'Fourfold reserved EXIF ';
const PREFIX = 'Exif\0\0';
/** What libexif's own entries may take away from or add to the filling. */
const SLACK = 256;
const ENTRY = 12;

/** A block that comes out of the encoder at least `length` bytes long. */
export function reserveExif(length: number): Buffer {
  const filling = Buffer.alloc(length + SLACK, MARK, 'latin1');
  const main = 8;
  const exif = main + 2 + ENTRY + 4;
  const comment = exif + 2 + ENTRY + 4;
  const tiff = Buffer.alloc(comment);
  tiff.write('II*\0', 0, 'latin1');
  tiff.writeUInt32LE(main, 4);
  entry(tiff, main, 0x8769, 4, 1, exif);
  entry(tiff, exif, 0x9286 /* UserComment */, 7, filling.length, comment);
  return Buffer.concat([Buffer.from(PREFIX, 'latin1'), tiff, filling]);
}

function entry(tiff: Buffer, directory: number, tag: number, type: number, count: number, value: number): void {
  tiff.writeUInt16LE(1, directory);
  tiff.writeUInt16LE(tag, directory + 2);
  tiff.writeUInt16LE(type, directory + 4);
  tiff.writeUInt32LE(count, directory + 6);
  tiff.writeUInt32LE(value, directory + 10);
}

/**
 * Puts `exif` (with its `Exif\0\0`) where the reserved block lies; what is left of the block becomes zeros.
 * @returns false when the block is not there or too small; the file then keeps harmless filling.
 */
export async function fillReservedExif(path: string, format: OutputFormat, exif: Buffer): Promise<boolean> {
  const file = await open(path, 'r+');
  try {
    const block = await find[format](file);
    if (!block) return false;
    const content = Buffer.alloc(block.length);
    await file.read(content, 0, block.length, block.at);
    // Some containers store the prefix, some do not.
    const prefixed = content.toString('latin1', 0, PREFIX.length) === PREFIX;
    const bytes = prefixed ? exif : exif.subarray(PREFIX.length);
    if (!content.includes(MARK) || bytes.length > block.length) return false;
    content.fill(0);
    bytes.copy(content);
    writeFully(file.fd, content, block.at);
    if (format === 'png') writeFully(file.fd, crcOf('eXIf', content), block.at + block.length);
    return true;
  } finally {
    await file.close();
  }
}

interface Block {
  readonly at: number;
  readonly length: number;
}

const find: Readonly<Record<OutputFormat, (file: FileHandle) => Promise<Block | undefined>>> = {
  jpeg: findInJpeg,
  png: findInPng,
  webp: findInRiff,
  avif: findByMark,
  tiff: async () => undefined,
};

async function head(file: FileHandle, at: number, length: number): Promise<Buffer | undefined> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, at);
  return bytesRead === length ? buffer : undefined;
}

async function findInJpeg(file: FileHandle): Promise<Block | undefined> {
  for (let at = 2; ; ) {
    const segment = await head(file, at, 10);
    if (segment?.[0] !== 0xff || segment[1] === 0xda) return undefined;
    const length = segment.readUInt16BE(2);
    if (segment[1] === 0xe1 && segment.toString('latin1', 4, 10) === PREFIX) return { at: at + 4, length: length - 2 };
    at += 2 + length;
  }
}

async function findInPng(file: FileHandle): Promise<Block | undefined> {
  for (let at = 8; ; ) {
    const chunk = await head(file, at, 8);
    if (!chunk) return undefined;
    const length = chunk.readUInt32BE(0);
    if (chunk.toString('latin1', 4, 8) === 'eXIf') return { at: at + 8, length };
    at += 12 + length;
  }
}

async function findInRiff(file: FileHandle): Promise<Block | undefined> {
  for (let at = 12; ; ) {
    const chunk = await head(file, at, 8);
    if (!chunk) return undefined;
    const length = chunk.readUInt32LE(4);
    if (chunk.toString('latin1', 0, 4) === 'EXIF') return { at: at + 8, length };
    at += 8 + length + (length & 1);
  }
}

/** AVIF keeps items anywhere in its data; the block is the TIFF structure in front of the filling. */
async function findByMark(file: FileHandle): Promise<Block | undefined> {
  const { size } = await file.stat();
  const window = 1 << 20;
  const overlap = 4096;
  for (let from = 0; from < size; from += window - overlap) {
    const buffer = (await file.read(Buffer.alloc(window), 0, window, from)).buffer;
    const mark = buffer.indexOf(MARK);
    if (mark < 0) continue;
    const start = buffer.lastIndexOf(PREFIX, mark, 'latin1');
    if (start < 0) continue;
    // From the prefix to the end of the filling, which is the mark over and over, in part at its end.
    const pattern = Buffer.from(MARK, 'latin1');
    let end = from + mark;
    const rest = Buffer.alloc(1 << 17);
    const { bytesRead } = await file.read(rest, 0, rest.length, end);
    let i = 0;
    while (i < bytesRead && rest[i] === pattern[i % pattern.length]) i++;
    end += i;
    return { at: from + start, length: end - from - start };
  }
  return undefined;
}

/** PNG's checksum, over the chunk's name and content. */
function crcOf(name: string, content: Buffer): Buffer {
  const out = Buffer.alloc(4);
  out.writeUInt32BE(crc32(content, crc32(name)));
  return out;
}
