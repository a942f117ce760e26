/** What an ICC profile says of itself (ICC.1:2022, 7.2 and 9.2). */
export interface IccFacts {
  /** 'RGB ', 'GRAY', 'CMYK', 'Lab ' …: the kind of numbers it describes. */
  readonly colourSpace: string;
  readonly name?: string;
}

const HEADER_BYTES = 128;
const MAJOR_VERSION = 8;
const PROFILE_ID = 84;

/** Reads a profile's header and description; undefined when it is not a profile at all. */
export function readIccProfile(icc: Buffer): IccFacts | undefined {
  if (icc.length < HEADER_BYTES + 4 || icc.toString('latin1', 36, 40) !== 'acsp') return undefined;
  const size = icc.readUInt32BE(0);
  if (size < HEADER_BYTES + 4 || size > icc.length) return undefined;
  const name = description(icc);
  return { colourSpace: icc.toString('latin1', 16, 20), ...(name && { name }) };
}

/**
 * A profile that `readIccProfile` takes, as PNG takes it too: nothing behind the length it declares, which from version 4
 * on is whole words (ICC.1:2022, 7.1.2).
 */
export function exactProfile(icc: Buffer): Buffer {
  const exact = icc.subarray(0, icc.readUInt32BE(0));
  const missing = -exact.length & 3;
  if (icc[MAJOR_VERSION]! < 4 || missing === 0) return exact;
  const padded = Buffer.concat([exact, Buffer.alloc(missing)]);
  padded.writeUInt32BE(padded.length, 0);
  // A sum over the whole, the length included; zeros say that none was made.
  padded.fill(0, PROFILE_ID, PROFILE_ID + 16);
  return padded;
}

function description(icc: Buffer): string | undefined {
  const count = Math.min(icc.readUInt32BE(HEADER_BYTES), 100);
  for (let i = 0; i < count; i++) {
    const entry = HEADER_BYTES + 4 + i * 12;
    if (entry + 12 > icc.length) return undefined;
    if (icc.toString('latin1', entry, entry + 4) !== 'desc') continue;
    const offset = icc.readUInt32BE(entry + 4);
    const tag = icc.subarray(offset, offset + icc.readUInt32BE(entry + 8));
    return text(tag)?.replaceAll('\0', '').trim() || undefined;
  }
  return undefined;
}

function text(tag: Buffer): string | undefined {
  const type = tag.toString('latin1', 0, 4);
  if (type === 'desc' && tag.length >= 12) return tag.toString('latin1', 12, 12 + tag.readUInt32BE(8));
  if (type !== 'mluc' || tag.length < 28) return undefined;
  const from = tag.readUInt32BE(24);
  const utf16 = Buffer.from(tag.subarray(from, from + (tag.readUInt32BE(20) & ~1)));
  return utf16.swap16().toString('utf16le');
}
