import { withoutLocation, wrappedIptc } from '../photo/iptc.ts';
import type { MetadataChoice, PhotoMetadata } from '../photo/metadata.ts';
import { fitExif } from './exif.ts';
import type { OutputFormat } from './formats.ts';
import type { Provenance } from './provenance.ts';
import { fitXmp } from './xmp.ts';

export interface OutputMetadata {
  /** By libvips' names. */
  readonly blobs: Readonly<Record<string, Buffer>>;
  /** With its `Exif\0\0`. */
  readonly exif: Buffer | undefined;
  /** Bare, where it is not among the blobs. */
  readonly iptc?: Buffer | undefined;
  readonly density: number | undefined;
  /** Something had to be left out. */
  readonly incomplete: boolean;
}

export interface MetadataWishes {
  readonly size: { readonly width: number; readonly height: number };
  readonly metadata?: MetadataChoice;
  readonly provenance?: Provenance;
}

/**
 * JPEG segments count their length in 16 bits, and `reserveExif` needs some room. Of XMP the encoder leaves out what is
 * longer than this, and says nothing; of IPTC, with its wrapper, what no segment holds (65,532 bytes kept, 65,534 lost).
 */
const JPEG_SEGMENT = { exif: 65_533 - 400, xmp: 60_000, iptc: 65_533 } as const;

/** What the result carries: the source's metadata made to fit it, and where it came from. */
export function outputMetadata(source: PhotoMetadata, format: OutputFormat, wishes: MetadataWishes): OutputMetadata {
  const choice = wishes.metadata ?? 'keep';
  const dropLocation = choice === 'no-location';
  const { width, height } = wishes.size;
  const blobs: Record<string, Buffer> = {};
  let incomplete = false;
  const fitting = (kind: keyof typeof JPEG_SEGMENT, bytes: Buffer | undefined) => {
    if (bytes && (format !== 'jpeg' || bytes.length <= JPEG_SEGMENT[kind])) return bytes;
    incomplete = true;
    return undefined;
  };
  let exif: Buffer | undefined;
  let iptc: Buffer | undefined;

  // Without the profile the numbers would mean other colours, so it stays even when metadata goes.
  if (source.icc) blobs['icc-profile-data'] = source.icc;
  if (choice !== 'none') {
    if (source.exif) exif = fitting('exif', fitExif(source.exif, { width, height, dropLocation }));
    const sets = source.iptc && dropLocation ? withoutLocation(source.iptc) : source.iptc;
    // An empty block is one that readers warn about.
    if (sets?.length) iptc = sets;
  }
  const packet = choice === 'none' ? undefined : source.xmp;
  // Bare in TIFF, wrapped in JPEG; the other three have no place for it and say it in XMP.
  const wrapped = iptc && format === 'jpeg' ? fitting('iptc', wrappedIptc(iptc)) : undefined;
  if (wrapped) blobs['iptc-data'] = wrapped;
  const asXmp = format === 'jpeg' || format === 'tiff' ? undefined : iptc;
  if (packet || asXmp || wishes.provenance) {
    const fitted = fitXmp(packet, { width, height, dropLocation, provenance: wishes.provenance, iptc: asXmp });
    if (fitted.lost) incomplete = true;
    const xmp = fitted.packet && fitting('xmp', fitted.packet);
    if (xmp) blobs['xmp-data'] = xmp;
  }
  return {
    blobs,
    exif,
    ...(format === 'tiff' && { iptc }),
    density: choice === 'none' ? undefined : source.density,
    incomplete,
  };
}
