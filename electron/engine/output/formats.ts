import { extname } from 'node:path';
import { FourfoldError } from '../errors.ts';
import type { InputFormat } from '../photo/photo.ts';

export type OutputFormat = 'jpeg' | 'png' | 'webp' | 'tiff' | 'avif';

export const OUTPUT_FORMATS: readonly OutputFormat[] = ['jpeg', 'png', 'webp', 'tiff', 'avif'];

/** Of the lossy formats, where none is asked for: 1…100. */
export const DEFAULT_QUALITY = 92;

export interface FormatLimits {
  /** As people write it. */
  readonly name: string;
  /** Longest edge in pixels. */
  readonly maxEdge: number;
  /** Bits a sample at most. */
  readonly maxDepth: 8 | 12 | 16;
  readonly alpha: boolean;
  /** Whether one grey channel stays one channel. */
  readonly grey: boolean;
  /** Whether `quality` means anything. */
  readonly lossy: boolean;
}

// Measured with sharp 0.35.5 / libvips 8.18.7 by writing pictures of these widths and one more: the JPEG format ends at
// 65,535 but mozjpeg at 65,500; AVIF ends in libheif's savers at 16,384; WebP at 16,383. PNG and TIFF wrote 2,000,000;
// the cap of 1,000,000 is the libpng reader's default, which other programs keep.
const LIMITS: Readonly<Record<OutputFormat, FormatLimits>> = {
  jpeg: { name: 'JPEG', maxEdge: 65_500, maxDepth: 8, alpha: false, grey: true, lossy: true },
  png: { name: 'PNG', maxEdge: 1_000_000, maxDepth: 16, alpha: true, grey: true, lossy: false },
  webp: { name: 'WebP', maxEdge: 16_383, maxDepth: 8, alpha: true, grey: false, lossy: true },
  tiff: { name: 'TIFF', maxEdge: 1_000_000, maxDepth: 16, alpha: true, grey: true, lossy: false },
  avif: { name: 'AVIF', maxEdge: 16_384, maxDepth: 12, alpha: true, grey: false, lossy: true },
};

export function limits(format: OutputFormat): FormatLimits {
  return LIMITS[format];
}

/** Formats that can hold a picture of this size, in the order to offer them. */
export function formatsThatFit(width: number, height: number): OutputFormat[] {
  return OUTPUT_FORMATS.filter((format) => Math.max(width, height) <= LIMITS[format].maxEdge);
}

/**
 * Refuses a size the format cannot hold, before any work is done.
 * @throws FourfoldError 'format-limit', naming the formats that would do.
 */
export function checkFormatLimit(format: OutputFormat, width: number, height: number): void {
  const { name, maxEdge } = LIMITS[format];
  const edge = Math.max(width, height);
  if (edge <= maxEdge) return;
  const fitting = formatsThatFit(width, height).map((other) => LIMITS[other].name);
  const advice = fitting.length > 0 ? `Choose ${inWords(fitting)}, or a smaller size.` : 'Choose a smaller size.';
  throw new FourfoldError(
    'format-limit',
    `The picture is too large for ${name}: it stops at ${maxEdge.toLocaleString('en')} px, this one would be ${edge.toLocaleString('en')}. Nothing was written. ${advice}`,
    { params: { format: name, limit: maxEdge, edge, formats: fitting.join(', ') } },
  );
}

function inWords(names: string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}

const EXTENSIONS: Readonly<Record<string, InputFormat>> = {
  '.jpg': 'jpeg',
  '.jpeg': 'jpeg',
  '.jpe': 'jpeg',
  '.jfif': 'jpeg',
  '.png': 'png',
  '.webp': 'webp',
  '.tif': 'tiff',
  '.tiff': 'tiff',
  '.avif': 'avif',
  '.gif': 'gif',
};

/** The format a file name promises, or undefined. Content decides in the end; this is for walking folders. */
export function formatOfExtension(path: string): InputFormat | undefined {
  return EXTENSIONS[extname(path).toLowerCase()];
}

/** True for names worth opening when a folder is walked. */
export function looksLikePhoto(path: string): boolean {
  return formatOfExtension(path) !== undefined;
}

/** The extension a new file of this format gets, with the dot. */
export function extensionOf(format: OutputFormat): string {
  return format === 'jpeg' ? '.jpg' : format === 'tiff' ? '.tif' : `.${format}`;
}

/** 'same' made concrete: a GIF has no room for a photo's colours, so it becomes a PNG. */
export function outputFormatFor(input: InputFormat, wish: OutputFormat | 'same'): OutputFormat {
  if (wish !== 'same') return wish;
  return input === 'gif' ? 'png' : input;
}
