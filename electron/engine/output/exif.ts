/** What changes in the EXIF of an enlarged photo; everything else stays where it is, byte for byte. */
export interface ExifChanges {
  /** Pixels of the result. */
  readonly width: number;
  readonly height: number;
  readonly dropLocation: boolean;
}

const PREFIX = 'Exif\0\0';
const TAG = {
  imageWidth: 0x0100,
  imageLength: 0x0101,
  orientation: 0x0112,
  xmp: 0x02bc,
  iptc: 0x83bb,
  exifIfd: 0x8769,
  gpsIfd: 0x8825,
  pixelWidth: 0xa002,
  pixelHeight: 0xa003,
} as const;
const SHORT = 3;
const LONG = 4;
const TYPE_BYTES: readonly number[] = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4];
const ENTRY = 12;

/**
 * EXIF made to fit the result: orientation 1, the new pixel size, no thumbnail (it shows the old picture), location
 * taken out on wish. Works in place on a copy, because camera makers' notes hold absolute offsets that any rewriting
 * would break (CIPA DC-008, 4.6.2).
 * @returns undefined when the bytes are not EXIF that can be followed safely.
 */
export function fitExif(exif: Buffer, changes: ExifChanges): Buffer | undefined {
  try {
    const bytes = Buffer.from(exif);
    const start = bytes.toString('latin1', 0, PREFIX.length) === PREFIX ? PREFIX.length : 0;
    const end = editTiff(new Tiff(bytes.subarray(start)), changes);
    return Buffer.concat([Buffer.from(PREFIX, 'latin1'), bytes.subarray(start, start + end)]);
  } catch (error) {
    // Offsets that point outside: broken by an earlier program.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** @returns the length that is still needed. */
function editTiff(tiff: Tiff, { width, height, dropLocation }: ExifChanges): number {
  const main = tiff.u32(4);
  const length = dropThumbnail(tiff, main);
  for (const entry of tiff.entries(main)) {
    const tag = tiff.u16(entry);
    if (tag === TAG.orientation) tiff.setNumber(entry, 1, SHORT);
    else if (tag === TAG.imageWidth) tiff.setNumber(entry, width);
    else if (tag === TAG.imageLength) tiff.setNumber(entry, height);
    else if (tag === TAG.exifIfd) {
      for (const inner of tiff.entries(tiff.u32(entry + 8))) {
        if (tiff.u16(inner) === TAG.pixelWidth) tiff.setNumber(inner, width);
        else if (tiff.u16(inner) === TAG.pixelHeight) tiff.setNumber(inner, height);
      }
    }
  }
  // The same packet inside EXIF (as TIFF files have them) would contradict the one beside it.
  dropTag(tiff, main, TAG.xmp);
  dropTag(tiff, main, TAG.iptc);
  if (dropLocation) {
    const gps = tiff.entries(main).find((entry) => tiff.u16(entry) === TAG.gpsIfd);
    if (gps !== undefined) {
      tiff.wipe(tiff.u32(gps + 8));
      tiff.removeEntry(main, TAG.gpsIfd);
    }
  }
  return length;
}

/** Takes a tag out of the first directory with its bytes, which may name the place; not those another tag lies on too. */
function dropTag(tiff: Tiff, main: number, tag: number): void {
  const find = () => tiff.entries(main).find((entry) => tiff.u16(entry) === tag);
  for (let entry = find(); entry !== undefined; entry = find()) {
    const value = tiff.outside(entry);
    const others = spansInUse(tiff, main, entry);
    if (value && !others.some(({ from, to }) => from < value.to && value.from < to)) {
      tiff.bytes.fill(0, value.from, value.to);
    }
    tiff.removeEntry(main, tag);
  }
}

/** Where the header and the directories lie, and the values of all their entries but one. */
function spansInUse(tiff: Tiff, main: number, except: number): Span[] {
  const below = tiff.entries(main).filter((entry) => [TAG.exifIfd, TAG.gpsIfd].some((tag) => tag === tiff.u16(entry)));
  const used = [main, ...below.map((entry) => tiff.u32(entry + 8))].flatMap((directory) => {
    try {
      const values = tiff.entries(directory).filter((entry) => entry !== except);
      return [
        { from: directory, to: tiff.linkOf(directory) + 4 },
        ...values.flatMap((entry) => tiff.outside(entry) ?? []),
      ];
    } catch (error) {
      if (error instanceof RangeError) return [];
      throw error;
    }
  });
  return [{ from: 0, to: 8 }, ...used];
}

/** Unlinks IFD1 and blanks its picture; where that lay at the end, the end is cut off. */
function dropThumbnail(tiff: Tiff, main: number): number {
  const link = tiff.linkOf(main);
  const second = tiff.u32(link);
  if (second === 0) return tiff.bytes.length;
  tiff.setU32(link, 0);
  let end = tiff.bytes.length;
  try {
    let offset = 0;
    let length = 0;
    for (const entry of tiff.entries(second)) {
      if (tiff.u16(entry) === 0x0201) offset = tiff.number(entry);
      if (tiff.u16(entry) === 0x0202) length = tiff.number(entry);
    }
    tiff.wipe(second);
    if (offset > 0 && offset + length <= end) {
      tiff.bytes.fill(0, offset, offset + length);
      // A few bytes of padding may follow it.
      if (offset + length >= end - 16) end = offset;
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return end;
}

/** Bytes from `from` to before `to`. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/** Just enough of TIFF 6.0 to walk directories; every read outside throws RangeError. */
class Tiff {
  readonly bytes: Buffer;
  readonly #little: boolean;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    const order = bytes.toString('latin1', 0, 2);
    if (order !== 'II' && order !== 'MM') throw new RangeError('No byte order');
    this.#little = order === 'II';
    if (this.u16(2) !== 42) throw new RangeError('Not TIFF');
  }

  u16(at: number): number {
    return this.#little ? this.bytes.readUInt16LE(at) : this.bytes.readUInt16BE(at);
  }

  u32(at: number): number {
    return this.#little ? this.bytes.readUInt32LE(at) : this.bytes.readUInt32BE(at);
  }

  setU16(at: number, value: number): void {
    this.#little ? this.bytes.writeUInt16LE(value, at) : this.bytes.writeUInt16BE(value, at);
  }

  setU32(at: number, value: number): void {
    this.#little ? this.bytes.writeUInt32LE(value, at) : this.bytes.writeUInt32BE(value, at);
  }

  /** Where each 12-byte entry of the directory at `at` starts. */
  entries(at: number): number[] {
    const count = this.u16(at);
    const last = at + 2 + count * ENTRY;
    if (last + 4 > this.bytes.length + 4 || last > this.bytes.length) throw new RangeError('Directory outside');
    return Array.from({ length: count }, (_, i) => at + 2 + i * ENTRY);
  }

  /** Where the offset of the next directory stands. */
  linkOf(at: number): number {
    return at + 2 + this.u16(at) * ENTRY;
  }

  /** The inline SHORT or LONG of an entry. */
  number(entry: number): number {
    return this.u16(entry + 2) === SHORT ? this.u16(entry + 8) : this.u32(entry + 8);
  }

  setNumber(entry: number, value: number, type: typeof SHORT | typeof LONG = LONG): void {
    this.setU16(entry + 2, type);
    this.setU32(entry + 4, 1);
    this.setU32(entry + 8, 0);
    if (type === SHORT) this.setU16(entry + 8, value);
    else this.setU32(entry + 8, value);
  }

  /** Where an entry's value lies when that is not in the entry itself. */
  outside(entry: number): Span | undefined {
    const size = (TYPE_BYTES[this.u16(entry + 2)] ?? 0) * this.u32(entry + 4);
    const from = this.u32(entry + 8);
    return size > 4 && from + size <= this.bytes.length ? { from, to: from + size } : undefined;
  }

  /** Takes an entry out; those behind it move up, so the directory stays sorted. */
  removeEntry(directory: number, tag: number): void {
    const entry = this.entries(directory).find((at) => this.u16(at) === tag);
    if (entry === undefined) return;
    const end = this.linkOf(directory) + 4;
    this.bytes.copyWithin(entry, entry + ENTRY, end);
    this.bytes.fill(0, end - ENTRY, end);
    this.setU16(directory, this.u16(directory) - 1);
  }

  /** Blanks a directory and what its entries point to. */
  wipe(directory: number): void {
    for (const entry of this.entries(directory)) {
      const value = this.outside(entry);
      if (value) this.bytes.fill(0, value.from, value.to);
    }
    const end = this.linkOf(directory);
    this.bytes.fill(0, directory + 2, end);
    this.setU16(directory, 0);
  }
}
