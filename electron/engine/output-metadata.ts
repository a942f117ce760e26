import { fitExif } from './exif.ts';
import type { OutputFormat } from './formats.ts';
import { withoutLocation } from './iptc.ts';
import type { MetadataChoice, PhotoMetadata } from './metadata.ts';
import type { Provenance } from './provenance.ts';
import { fitXmp } from './xmp.ts';

export interface OutputMetadata {
  /** By libvips' names. */
  readonly blobs: Readonly<Record<string, Buffer>>;
  readonly density: number | undefined;
  /** Something had to be left out. */
  readonly incomplete: boolean;
}

export interface MetadataWishes {
  readonly size: { readonly width: number; readonly height: number };
  readonly metadata?: MetadataChoice;
  readonly provenance?: Provenance;
}

/** JPEG segments count their length in 16 bits; the name in front of the packet takes the rest. */
const JPEG_SEGMENT = { exif: 65_533, xmp: 65_533 - 29 } as const;

/** What the result carries: the source's metadata made to fit it, and where it came from. */
export function outputMetadata(source: PhotoMetadata, format: OutputFormat, wishes: MetadataWishes): OutputMetadata {
  const choice = wishes.metadata ?? 'keep';
  const dropLocation = choice === 'no-location';
  const { width, height } = wishes.size;
  const blobs: Record<string, Buffer> = {};
  let incomplete = false;
  const fits = (kind: 'exif' | 'xmp', bytes: Buffer) => format !== 'jpeg' || bytes.length <= JPEG_SEGMENT[kind];
  const put = (name: string, kind: 'exif' | 'xmp', bytes: Buffer | undefined) => {
    if (bytes && fits(kind, bytes)) blobs[name] = bytes;
    else incomplete = true;
  };

  // Without the profile the numbers would mean other colours, so it stays even when metadata goes.
  if (source.icc) blobs['icc-profile-data'] = source.icc;
  if (choice !== 'none') {
    if (source.exif) put('exif-data', 'exif', fitExif(source.exif, { width, height, dropLocation }));
    if (source.iptc) blobs['iptc-data'] = dropLocation ? withoutLocation(source.iptc) : source.iptc;
  }
  const packet = choice === 'none' ? undefined : source.xmp;
  if (packet || wishes.provenance) {
    const fitted = fitXmp(packet, { width, height, dropLocation, provenance: wishes.provenance });
    if (fitted.lost) incomplete = true;
    if (fitted.packet) put('xmp-data', 'xmp', fitted.packet);
  }
  return { blobs, density: choice === 'none' ? undefined : source.density, incomplete };
}
