// IPTC-IIM 4.2: data sets (1C, record, number, length, value) in a row. JPEG wraps them in Photoshop's resource blocks,
// TIFF stores them bare; inside the engine they are bare.

/** Record 2 data sets that say where a photo was made. */
const LOCATION = new Set([26, 27, 90, 92, 95, 100, 101]);
const MARK = 0x1c;
const WRAPPER = 'Photoshop 3.0\0';
const RESOURCE = '8BIM';
const IPTC_RESOURCE = 0x0404;

/** The bare data sets of a block in either dress; undefined when there are none. */
export function bareIptc(block: Buffer): Buffer | undefined {
  if (block[0] === MARK) return block;
  let at = block.toString('latin1', 0, WRAPPER.length) === WRAPPER ? WRAPPER.length : 0;
  // Each resource: '8BIM', id, a Pascal string padded to even, length, content padded to even.
  while (at + 12 <= block.length && block.toString('latin1', at, at + 4) === RESOURCE) {
    const id = block.readUInt16BE(at + 4);
    const name = 1 + block[at + 6]!;
    const start = at + 6 + name + (name & 1) + 4;
    if (start > block.length) return undefined;
    const length = block.readUInt32BE(start - 4);
    if (id === IPTC_RESOURCE) {
      const data = block.subarray(start, start + length);
      return data[0] === MARK ? data : undefined;
    }
    at = start + length + (length & 1);
  }
  return undefined;
}

/** Bare data sets as JPEG wants them. */
export function wrappedIptc(bare: Buffer): Buffer {
  const head = Buffer.alloc(WRAPPER.length + 12);
  head.write(WRAPPER + RESOURCE, 'latin1');
  head.writeUInt16BE(IPTC_RESOURCE, WRAPPER.length + 4);
  head.writeUInt32BE(bare.length, WRAPPER.length + 8);
  return Buffer.concat([head, bare, Buffer.alloc(bare.length & 1)]);
}

/** The data sets without the ones that name places. */
export function withoutLocation(bare: Buffer): Buffer {
  return Buffer.concat(
    dataSets(bare)
      .filter(({ record, number }) => record !== 2 || !LOCATION.has(number))
      .map(({ whole }) => whole),
  );
}

export interface DataSet {
  readonly record: number;
  readonly number: number;
  readonly value: Buffer;
  readonly whole: Buffer;
}

/** The data sets in order; what cannot be followed ends the list. */
export function dataSets(bare: Buffer): DataSet[] {
  const sets: DataSet[] = [];
  for (let at = 0; at + 5 <= bare.length && bare[at] === MARK; ) {
    const length = bare.readUInt16BE(at + 3);
    // Above 32,767 the length is itself a length of a length: no photo's caption.
    if (length > 0x7fff || at + 5 + length > bare.length) break;
    sets.push({
      record: bare[at + 1]!,
      number: bare[at + 2]!,
      value: bare.subarray(at + 5, at + 5 + length),
      whole: bare.subarray(at, at + 5 + length),
    });
    at += 5 + length;
  }
  return sets;
}
