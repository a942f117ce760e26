/** A rectangle in pixels; x to the right, y down, origin at the top left of the upright picture. */
export interface Region {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** 1 grey, 2 grey + alpha, 3 RGB, 4 RGB + alpha. Alpha is straight (never premultiplied). */
export type Channels = 1 | 2 | 3 | 4;

/** Bits a sample: 8 → 0…255, 16 → 0…65535. */
export type Depth = 8 | 16;

/** Pixels in memory: interleaved samples, row after row without padding, `width · height · channels` of them. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly channels: Channels;
  readonly depth: Depth;
  readonly data: Uint8Array | Uint16Array;
}

/** Pixels that are read a region at a time, so memory does not grow with the photo. */
export interface PixelSource {
  readonly width: number;
  readonly height: number;
  readonly channels: Channels;
  readonly depth: Depth;
  /** The pixels of a region that lies wholly inside the picture; throws RangeError otherwise. */
  read(region: Region): Raster;
  /** Frees the file behind it; reading afterwards throws. Safe to call twice. */
  close(): Promise<void>;
}

/** A black raster of the given shape. */
export function createRaster(width: number, height: number, channels: Channels, depth: Depth): Raster {
  const length = width * height * channels;
  return { width, height, channels, depth, data: depth === 8 ? new Uint8Array(length) : new Uint16Array(length) };
}
