import type { Channels, Depth } from './raster.ts';

// libvips' own uncompressed file: 64 bytes of header, the pixels row after row, then optional XML with metadata. It is
// our scratch format both ways: pixels are read and written in place with plain file calls, and sharp opens it by name
// and streams through it. Layout read from files sharp wrote.

export const VIPS_HEADER_BYTES = 64;

const MAGIC_LITTLE_ENDIAN = 0xb6a6f208;
const FORMAT = { 8: 0 /* uchar */, 16: 2 /* ushort */ } as const;
const INTERPRETATION = { grey8: 1 /* b-w */, grey16: 26, rgb8: 22 /* sRGB */, rgb16: 25 } as const;
const MM_PER_INCH = 25.4;

export interface VipsShape {
  readonly width: number;
  readonly height: number;
  readonly channels: Channels;
  readonly depth: Depth;
}

export function bytesPerRow(shape: Pick<VipsShape, 'width' | 'channels' | 'depth'>): number {
  return shape.width * shape.channels * (shape.depth / 8);
}

/** Bytes of the whole scratch file of a picture this shape. */
export function vipsFileBytes(shape: VipsShape): number {
  return VIPS_HEADER_BYTES + bytesPerRow(shape) * shape.height;
}

/** The 64-byte header. `density` in dots an inch. */
export function vipsHeader({ width, height, channels, depth }: VipsShape, density?: number): Buffer {
  const header = Buffer.alloc(VIPS_HEADER_BYTES);
  const grey = channels <= 2;
  header.writeUInt32BE(MAGIC_LITTLE_ENDIAN, 0);
  header.writeInt32LE(width, 4);
  header.writeInt32LE(height, 8);
  header.writeInt32LE(channels, 12);
  header.writeInt32LE(depth, 16);
  header.writeInt32LE(FORMAT[depth], 20);
  header.writeInt32LE(INTERPRETATION[`${grey ? 'grey' : 'rgb'}${depth}`], 28);
  const pixelsPerMm = density ? density / MM_PER_INCH : 1;
  header.writeFloatLE(pixelsPerMm, 32);
  header.writeFloatLE(pixelsPerMm, 36);
  return header;
}

/** The shape a header tells, or undefined when it is not one of ours (wrong magic, type or band count). */
export function readVipsHeader(header: Buffer): VipsShape | undefined {
  if (header.length < VIPS_HEADER_BYTES || header.readUInt32BE(0) !== MAGIC_LITTLE_ENDIAN) return undefined;
  const channels = header.readInt32LE(12);
  const format = header.readInt32LE(20);
  if (channels < 1 || channels > 4 || (format !== FORMAT[8] && format !== FORMAT[16])) return undefined;
  return {
    width: header.readInt32LE(4),
    height: header.readInt32LE(8),
    channels: channels as Channels,
    depth: format === FORMAT[8] ? 8 : 16,
  };
}

/** The XML after the pixels: metadata blocks by libvips' names, which sharp's `keepMetadata` then carries over. */
export function vipsTrailer(
  blobs: Readonly<Record<string, Buffer>>,
  strings: Readonly<Record<string, string>>,
): string {
  const fields = [
    ...Object.entries(strings).map(
      ([name, text]) => `    <field type="VipsRefString" name="${name}">${text}</field>\n`,
    ),
    ...Object.entries(blobs).map(
      ([name, bytes]) => `    <field type="VipsBlob" name="${name}">${bytes.toString('base64')}</field>\n`,
    ),
  ];
  return (
    '<?xml version="1.0"?>\n<root xmlns="http://www.vips.ecs.soton.ac.uk/vips/8.18.7">\n' +
    '  <header>\n    <field type="VipsRefString" name="Hist"></field>\n  </header>\n' +
    `  <meta>\n${fields.join('')}  </meta>\n</root>\n`
  );
}
