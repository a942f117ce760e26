/** What a photo carries beside its pixels, as found in the file. */
export interface PhotoMetadata {
  /** ICC profile that fits the decoded pixels; without one they are sRGB (or grey with sRGB's curve). */
  readonly icc?: Buffer;
  /** TIFF structure (CIPA DC-008), with or without the leading `Exif\0\0`. */
  readonly exif?: Buffer;
  /** The XMP packet as UTF-8 XML. */
  readonly xmp?: Buffer;
  /** IPTC-IIM data sets, bare (see `iptc.ts`). */
  readonly iptc?: Buffer;
  /** Dots an inch. */
  readonly density?: number;
}

/** 'no-location' takes out where the photo was made; 'none' keeps only what the colours need. */
export type MetadataChoice = 'keep' | 'no-location' | 'none';
