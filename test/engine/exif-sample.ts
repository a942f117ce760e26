// A camera's EXIF, written by hand: every kind of value, a maker's note with an absolute offset, GPS and a thumbnail.

export type ExifValue = { type: number; count: number; bytes: Buffer };
export type ExifTags = Record<string, ExifValue>;

const SIZES = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8];

const ascii = (text: string): ExifValue => ({
  type: 2,
  count: Buffer.byteLength(text) + 1,
  bytes: Buffer.from(`${text}\0`),
});
const shorts = (...values: number[]): ExifValue => {
  const bytes = Buffer.alloc(values.length * 2);
  for (const [i, value] of values.entries()) bytes.writeUInt16LE(value, i * 2);
  return { type: 3, count: values.length, bytes };
};
const longs = (...values: number[]): ExifValue => {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [i, value] of values.entries()) bytes.writeUInt32LE(value, i * 4);
  return { type: 4, count: values.length, bytes };
};
const rationals = (...values: number[]): ExifValue => ({ ...longs(...values), type: 5, count: values.length / 2 });
const raw = (bytes: Buffer): ExifValue => ({ type: 7, count: bytes.length, bytes });

/** The maker's note says where it believes to lie, as real ones do. */
export const MAKER_NOTE_LENGTH = 64;

export interface SampleOptions {
  readonly orientation?: number;
  readonly thumbnail?: Buffer;
}

/** `Exif\0\0` and a little-endian TIFF structure. */
export function sampleExif({ orientation = 6, thumbnail = Buffer.alloc(600, 0x5a) }: SampleOptions = {}): Buffer {
  const main: Record<number, ExifValue> = {
    271: ascii('Kamerawerk'),
    272: ascii('KW-1'),
    274: shorts(orientation),
    282: rationals(300, 1),
    283: rationals(300, 1),
    296: shorts(2),
    305: ascii('Firmware 1.2'),
    306: ascii('2024:05:06 07:08:09'),
    315: ascii('Jürgen Öz'),
    18246: shorts(4), // Rating, not in libexif's tables
    33432: ascii('© all of us'),
    40091: { type: 1, count: 12, bytes: Buffer.from('Title\0', 'utf16le') }, // XPTitle
    34665: longs(0),
    34853: longs(0),
  };
  const exif: Record<number, ExifValue> = {
    33434: rationals(1, 250),
    33437: rationals(28, 10),
    34855: shorts(400),
    36864: raw(Buffer.from('0232')),
    36867: ascii('2024:05:06 07:08:09'),
    36880: ascii('+02:00'),
    37377: { ...longs(7965784, 1000000), type: 10, count: 1 },
    37500: raw(Buffer.alloc(MAKER_NOTE_LENGTH)),
    37510: raw(Buffer.from('ASCII\0\0\0hello')),
    40961: shorts(1),
    40962: longs(96),
    40963: longs(64),
    42036: ascii('50mm F1.8'),
    42080: shorts(2), // CompositeImage, newer than libexif
  };
  const gps: Record<number, ExifValue> = {
    0: { type: 1, count: 4, bytes: Buffer.from([2, 3, 0, 0]) },
    1: ascii('N'),
    2: rationals(51, 1, 30, 1, 1234, 100),
    3: ascii('E'),
    4: rationals(7, 1, 15, 1, 5678, 100),
  };
  const second: Record<number, ExifValue> = { 259: shorts(6), 513: longs(0), 514: longs(thumbnail.length) };

  const at = { main: 8, exif: 0, gps: 0, second: 0, thumbnail: 0 };
  at.exif = at.main + length(main);
  at.gps = at.exif + length(exif);
  at.second = at.gps + length(gps);
  at.thumbnail = at.second + length(second);
  main[34665] = longs(at.exif);
  main[34853] = longs(at.gps);
  second[513] = longs(at.thumbnail);
  const note = exif[37500]!.bytes;
  note.write('KWNOTE');
  note.writeUInt32LE(offsetOf(exif, 37500, at.exif), 8);
  const head = Buffer.from('II*\0\x08\0\0\0', 'latin1');
  return Buffer.concat([
    Buffer.from('Exif\0\0', 'latin1'),
    head,
    directory(main, at.main, at.second),
    directory(exif, at.exif, 0),
    directory(gps, at.gps, 0),
    directory(second, at.second, 0),
    thumbnail,
  ]);
}

function length(tags: Record<number, ExifValue>): number {
  const values = Object.values(tags);
  return 2 + values.length * 12 + 4 + values.reduce((sum, { bytes }) => sum + outside(bytes), 0);
}

function outside(bytes: Buffer): number {
  return bytes.length > 4 ? bytes.length + (bytes.length & 1) : 0;
}

function offsetOf(tags: Record<number, ExifValue>, wanted: number, start: number): number {
  let offset = start + 2 + Object.keys(tags).length * 12 + 4;
  for (const [tag, { bytes }] of Object.entries(tags)) {
    if (Number(tag) === wanted) return offset;
    offset += outside(bytes);
  }
  return 0;
}

function directory(tags: Record<number, ExifValue>, start: number, next: number): Buffer {
  const entries = Object.entries(tags);
  const head = Buffer.alloc(2 + entries.length * 12 + 4);
  const tail: Buffer[] = [];
  head.writeUInt16LE(entries.length);
  entries.forEach(([tag, { type, count, bytes }], i) => {
    const at = 2 + i * 12;
    head.writeUInt16LE(Number(tag), at);
    head.writeUInt16LE(type, at + 2);
    head.writeUInt32LE(count, at + 4);
    if (bytes.length <= 4) bytes.copy(head, at + 8);
    else {
      head.writeUInt32LE(offsetOf(tags, Number(tag), start), at + 8);
      tail.push(bytes, Buffer.alloc(bytes.length & 1));
    }
  });
  head.writeUInt32LE(next, head.length - 4);
  return Buffer.concat([head, ...tail]);
}

/** Every tag of every directory, as `main.274`, `exif.37500`, `gps.2`, `second.514`. */
export function readExif(block: Buffer): ExifTags {
  const tiff = block.toString('latin1', 0, 4) === 'Exif' ? block.subarray(6) : block;
  const little = tiff.toString('latin1', 0, 2) === 'II';
  const u16 = (at: number) => (little ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const u32 = (at: number) => (little ? tiff.readUInt32LE(at) : tiff.readUInt32BE(at));
  const tags: ExifTags = {};
  const walk = (name: string, at: number): number => {
    const count = u16(at);
    for (let i = 0; i < count; i++) {
      const entry = at + 2 + i * 12;
      const type = u16(entry + 2);
      const values = u32(entry + 4);
      const size = (SIZES[type] ?? 0) * values;
      const from = size > 4 ? u32(entry + 8) : entry + 8;
      tags[`${name}.${u16(entry)}`] = { type, count: values, bytes: Buffer.from(tiff.subarray(from, from + size)) };
      if (name === 'main' && u16(entry) === 34665) walk('exif', u32(entry + 8));
      if (name === 'main' && u16(entry) === 34853) walk('gps', u32(entry + 8));
    }
    return u32(at + 2 + count * 12);
  };
  const second = walk('main', u32(4));
  if (second) walk('second', second);
  return tags;
}

export function numberOf(value: ExifValue | undefined): number | undefined {
  if (!value) return undefined;
  return value.type === 3 ? value.bytes.readUInt16LE() : value.bytes.readUInt32LE();
}
