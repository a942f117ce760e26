// TIFF 6.0 and BigTIFF directories, as far as photo metadata needs them: EXIF blocks are small TIFF files, and TIFF
// photos hold the same directories in the large.

/** One tag with its values as bytes in little-endian order. */
export interface Tag {
  readonly id: number;
  readonly type: number;
  readonly count: number;
  readonly bytes: Buffer;
}

/** Bytes of one value by type number; 0 for types that do not exist. 13 IFD, 16–18 are BigTIFF's. */
const TYPE_BYTES: readonly number[] = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8];
/** What one swap turns: a rational is two numbers. */
const SWAP_BYTES: readonly number[] = [0, 1, 1, 2, 4, 4, 1, 1, 2, 4, 4, 4, 8, 4, 0, 0, 8, 8, 8];
/** No directory of a photo is larger; a broken file may claim so. */
const MOST_ENTRIES = 4096;
const MOST_BYTES = 1 << 24;

/** Reads `length` bytes at `at`; throws RangeError outside. */
export type ReadAt = (at: number, length: number) => Buffer;

export interface TiffLayout {
  readonly little: boolean;
  readonly big: boolean;
  /** Offset of the first directory. */
  readonly first: number;
}

/** @throws RangeError when it is no TIFF. */
export function readLayout(read: ReadAt): TiffLayout {
  const head = read(0, 8);
  const order = head.toString('latin1', 0, 2);
  if (order !== 'II' && order !== 'MM') throw new RangeError('No byte order');
  const little = order === 'II';
  const version = little ? head.readUInt16LE(2) : head.readUInt16BE(2);
  if (version === 42) return { little, big: false, first: little ? head.readUInt32LE(4) : head.readUInt32BE(4) };
  if (version !== 43) throw new RangeError('Not TIFF');
  const wide = read(8, 8);
  return { little, big: true, first: Number(little ? wide.readBigUInt64LE() : wide.readBigUInt64BE()) };
}

/** The tags of the directory at `at`, and where the next directory is (0 for none). Tags that cannot be followed are left out. */
export function readDirectory(read: ReadAt, { little, big }: TiffLayout, at: number): { tags: Tag[]; next: number } {
  const number = (from: number, length: 2 | 4 | 8): number => {
    const bytes = read(from, length);
    if (length === 8) return Number(little ? bytes.readBigUInt64LE() : bytes.readBigUInt64BE());
    return little ? bytes.readUIntLE(0, length) : bytes.readUIntBE(0, length);
  };
  const count = number(at, big ? 8 : 2);
  if (count > MOST_ENTRIES) throw new RangeError('Too many entries');
  const word = big ? 8 : 4;
  const size = big ? 20 : 12;
  const start = at + (big ? 8 : 2);
  const tags: Tag[] = [];
  for (let i = 0; i < count; i++) {
    const entry = start + i * size;
    const type = number(entry + 2, 2);
    const values = number(entry + 4, word);
    const length = (TYPE_BYTES[type] ?? 0) * values;
    if (length === 0 || length > MOST_BYTES) continue;
    const inline = entry + 4 + word;
    try {
      const bytes = Buffer.from(read(length > word ? number(inline, word) : inline, length));
      if (!little) swap(bytes, SWAP_BYTES[type]!);
      tags.push({ id: number(entry, 2), type, count: values, bytes });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
  return { tags, next: number(start + count * size, word) };
}

function swap(bytes: Buffer, unit: number): void {
  if (unit === 2) bytes.swap16();
  else if (unit === 4) bytes.swap32();
  else if (unit === 8) bytes.swap64();
}

/** The first value as a number, for tags that hold offsets. */
export function tagNumber(tag: Tag | undefined): number | undefined {
  if (!tag) return undefined;
  if (tag.type === 3) return tag.bytes.readUInt16LE();
  return tag.bytes.length >= 8 && tag.type >= 16 ? Number(tag.bytes.readBigUInt64LE()) : tag.bytes.readUInt32LE();
}

/** A tag holding one offset. */
export function offsetTag(id: number, offset: number, big: boolean): Tag {
  const bytes = Buffer.alloc(big ? 8 : 4);
  if (big) bytes.writeBigUInt64LE(BigInt(offset));
  else bytes.writeUInt32LE(offset);
  return { id, type: big ? 16 : 4, count: 1, bytes };
}

/** Bytes `writeDirectory` makes of these tags. */
export function directoryBytes(tags: readonly Tag[], big: boolean): number {
  const word = big ? 8 : 4;
  const outside = tags.reduce((sum, { bytes }) => sum + (bytes.length > word ? padded(bytes.length) : 0), 0);
  return (big ? 8 : 2) + tags.length * (big ? 20 : 12) + word + outside;
}

/** A little-endian directory with its values behind it, to lie at offset `at`. */
export function writeDirectory(tags: readonly Tag[], at: number, big: boolean, next = 0): Buffer {
  const sorted = [...tags].sort((a, b) => a.id - b.id);
  const word = big ? 8 : 4;
  const size = big ? 20 : 12;
  const start = big ? 8 : 2;
  const out = Buffer.alloc(directoryBytes(tags, big));
  const put = (value: number, from: number) =>
    big ? out.writeBigUInt64LE(BigInt(value), from) : out.writeUInt32LE(value, from);
  if (big) out.writeBigUInt64LE(BigInt(sorted.length), 0);
  else out.writeUInt16LE(sorted.length, 0);
  let free = start + sorted.length * size + word;
  sorted.forEach(({ id, type, count, bytes }, i) => {
    const entry = start + i * size;
    out.writeUInt16LE(id, entry);
    out.writeUInt16LE(type, entry + 2);
    put(count, entry + 4);
    if (bytes.length <= word) {
      bytes.copy(out, entry + 4 + word);
    } else {
      put(at + free, entry + 4 + word);
      bytes.copy(out, free);
      free += padded(bytes.length);
    }
  });
  put(next, start + sorted.length * size);
  return out;
}

/** Values begin at even offsets (TIFF 6.0, section 2). */
function padded(length: number): number {
  return length + (length & 1);
}
