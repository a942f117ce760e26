import { DEFAULT_QUALITY, type OutputFormat } from './output/formats.ts';
import { outputSize, type Scale, type Size } from './output/output-size.ts';
import type { PhotoInfo } from './photo/photo.ts';
import type { Depth } from './photo/raster.ts';

export interface EstimateOptions {
  readonly info: Pick<PhotoInfo, 'width' | 'height' | 'channels' | 'depth'>;
  /** Measured speed in source px a second; 0 when nothing was measured yet. */
  readonly rate: number;
  readonly format: OutputFormat;
  readonly scale: Scale;
  readonly depth: Depth;
  readonly quality?: number;
  /** Share of the picture already enlarged, 0…1. */
  readonly cachedShare?: number;
}

export interface Estimate {
  /** Time for the network and the files together; undefined until a speed was measured. */
  readonly seconds: number | undefined;
  /** Peak memory of the process that works. */
  readonly memoryBytes: number;
  /** Disk needed for the decoded source and the unfinished picture while it works. */
  readonly diskBytes: number;
  /** The finished file, roughly. */
  readonly fileBytes: number;
  readonly size: Size;
}

// Measured by encoding and verifying an enlarged photo of 15 megapixels on one AVX-512 server core.

/** Bytes a result pixel takes at quality 92; enlarged photos hold little per pixel. */
const BYTES_PER_PIXEL: Readonly<Record<OutputFormat, number>> = {
  jpeg: 0.3,
  webp: 0.15,
  avif: 0.2,
  png: 0.8,
  tiff: 1.4,
};

/** Result pixels encoded and read back a second. */
const PIXELS_PER_SECOND: Readonly<Record<OutputFormat, number>> = {
  jpeg: 110e6,
  webp: 6e6,
  avif: 1.7e6,
  png: 18e6,
  tiff: 18e6,
};

/** What a running engine takes before the first tile, and the tile's own buffers. */
const BASE_MEMORY = 800e6;

/** Memory an encoder takes per result pixel: WebP and AVIF hold the whole picture, the others a few rows. */
const MEMORY_PER_PIXEL: Readonly<Record<OutputFormat, number>> = { jpeg: 0, png: 0, tiff: 0, webp: 15, avif: 34 };
/** 12-bit AVIF against 8-bit: 48 bytes a pixel measured, against 30. */
const DEEP_AVIF = 1.5;

/** Time, memory and disk for one photo, before any work; cheap enough to ask at every change of a setting. */
export function estimate(options: EstimateOptions): Estimate {
  const { info, rate, format, scale, depth } = options;
  const size = outputSize(info, scale);
  const sourcePixels = info.width * info.height;
  const resultPixels = size.width * size.height;
  const sample = depth / 8;
  const unfinished = sourcePixels * 16 * info.channels * sample;
  const quality = options.quality ?? DEFAULT_QUALITY;
  const lossy = format === 'jpeg' || format === 'webp' || format === 'avif';
  const fileBytes = resultPixels * BYTES_PER_PIXEL[format] * (lossy ? qualityFactor(quality) : sample);
  const network = rate > 0 ? (sourcePixels * (1 - (options.cachedShare ?? 0))) / rate : undefined;
  return {
    seconds:
      network === undefined ? undefined : network + resultPixels / PIXELS_PER_SECOND[format] + sourcePixels / 30e6,
    memoryBytes: Math.round(
      BASE_MEMORY + resultPixels * MEMORY_PER_PIXEL[format] * (format === 'avif' && depth === 16 ? DEEP_AVIF : 1),
    ),
    diskBytes: Math.round(unfinished + (sourcePixels * info.channels * info.depth) / 8),
    fileBytes: Math.round(fileBytes),
    size,
  };
}

/** JPEG's usual curve: half the size at 75, about three times at 100. */
function qualityFactor(quality: number): number {
  return quality >= 92 ? 1 + (quality - 92) * 0.25 : Math.max(0.15, 1 - (92 - quality) * 0.03);
}
