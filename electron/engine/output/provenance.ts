/** Who made the result, for its XMP. */
export interface Provenance {
  /** 'Fourfold 0.1.0' */
  readonly software: string;
  /** 'SRResNet/SRGAN 1a2b3c4d' */
  readonly model: string;
  /** 0 (SRResNet) … 1 (SRGAN). */
  readonly blend: number;
}

/** IPTC's word for "changed by an algorithm that adds no new content of its own intent". */
export const DIGITAL_SOURCE_TYPE = 'http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicallyEnhanced';

export const FOURFOLD_NAMESPACE = 'urn:fourfold:enhancement:1.0#';
export const IPTC_EXT_NAMESPACE = 'http://iptc.org/std/Iptc4xmpExt/2008-02-29/';
