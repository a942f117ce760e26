/** A square PNG picture and its edge in pixels. */
export interface IconPicture {
  readonly edge: number;
  readonly png: Buffer;
}

/**
 * A Windows icon: a directory of PNG pictures (Windows Vista and later read PNG at any size).
 * Layout: ICONDIR (6 bytes), one ICONDIRENTRY of 16 bytes a picture, then the pictures; little-endian.
 */
export function icoFile(pictures: readonly IconPicture[]): Buffer {
  const head = Buffer.alloc(6 + 16 * pictures.length);
  head.writeUInt16LE(1, 2);
  head.writeUInt16LE(pictures.length, 4);
  let offset = head.length;
  pictures.forEach(({ edge, png }, index) => {
    const entry = 6 + 16 * index;
    // One byte each: 256 is written as 0.
    head.writeUInt8(edge % 256, entry);
    head.writeUInt8(edge % 256, entry + 1);
    head.writeUInt16LE(1, entry + 4);
    head.writeUInt16LE(32, entry + 6);
    head.writeUInt32LE(png.length, entry + 8);
    head.writeUInt32LE(offset, entry + 12);
    offset += png.length;
  });
  return Buffer.concat([head, ...pictures.map(({ png }) => png)]);
}

/** Apple's type of a PNG picture by its edge; a second one where the edge also serves a Retina screen. */
const ICNS_TYPES: Readonly<Record<number, readonly string[]>> = {
  16: ['icp4'],
  32: ['icp5', 'ic11'],
  64: ['ic12'],
  128: ['ic07'],
  256: ['ic08', 'ic13'],
  512: ['ic09', 'ic14'],
  1024: ['ic10'],
};

/** A macOS icon: `icns`, total length, then type, length and PNG of each picture; big-endian. */
export function icnsFile(pictures: readonly IconPicture[]): Buffer {
  const blocks = pictures.flatMap(({ edge, png }) =>
    (ICNS_TYPES[edge] ?? []).map((type) => Buffer.concat([block(type, png.length + 8), png])),
  );
  const length = blocks.reduce((sum, { length }) => sum + length, 8);
  return Buffer.concat([block('icns', length), ...blocks]);
}

function block(type: string, length: number): Buffer {
  const head = Buffer.alloc(8);
  head.write(type, 0, 'latin1');
  head.writeUInt32BE(length, 4);
  return head;
}
