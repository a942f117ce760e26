import { randomUUID } from 'node:crypto';
import { readSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Metadata } from 'sharp';
import { isCode } from '../errors.ts';
import { writingError } from '../file-errors.ts';
import { requireDisk } from '../resources.ts';
import { withBledColour } from './alpha-bleed.ts';
import { codecMissing, damagedBeyondUse, decodingError, tooManyPixels, warnsOfTagsOnly } from './decoding-error.ts';
import { exactProfile, readIccProfile } from './icc-profile.ts';
import { sharp } from './imaging.ts';
import { bareIptc } from './iptc.ts';
import type { PhotoMetadata } from './metadata.ts';
import { type Note, note, type PhotoInfo } from './photo.ts';
import { openScratch } from './pixel-source.ts';
import type { Channels, Depth, PixelSource } from './raster.ts';
import { openSource, type SourceFile } from './source-file.ts';
import { readTiffMetadata } from './tiff-metadata.ts';
import { VIPS_HEADER_BYTES, vipsFileBytes } from './vips-file.ts';

/**
 * Largest source taken unless the caller raises it. The largest cameras make 151 (medium format) and 200 megapixels
 * (telephones); four times 16,320 px still fits in a JPEG.
 */
export const DEFAULT_PIXEL_LIMIT = 200_000_000;

export interface InspectOptions {
  /** Most source pixels taken. */
  readonly pixelLimit?: number;
  readonly signal?: AbortSignal;
}

export interface DecodeOptions extends InspectOptions {
  /** An existing folder for the uncompressed picture: 3 bytes a pixel (8-bit RGB) until it is closed. */
  readonly scratchDir: string;
}

export interface DecodedPhoto {
  readonly info: PhotoInfo;
  /** The upright picture; colour is filled in under transparent pixels. */
  readonly pixels: PixelSource;
  readonly metadata: PhotoMetadata;
  close(): Promise<void>;
}

/**
 * Looks at a photo's header only: fast, no pixels.
 * @throws FourfoldError 'not-a-picture', 'codec-missing', 'truncated', 'damaged', 'too-many-pixels', 'source-missing',
 * 'source-unreadable', 'drive-gone'.
 */
export async function inspectPhoto(path: string, options: InspectOptions = {}): Promise<PhotoInfo> {
  return (await inspect(await openSource(path), options, tmpdir())).info;
}

/**
 * Decodes a whole photo into an uncompressed scratch file and opens it for reading by regions. Memory does not grow
 * with the photo, except for progressive JPEG, interlaced PNG, WebP, AVIF and GIF, whose decoders hold it whole.
 * @throws FourfoldError as `inspectPhoto`, and 'source-changed'; for the scratch folder 'disk-full' and
 * 'target-unwritable'. AbortError when stopped.
 */
export async function decodePhoto(path: string, options: DecodeOptions): Promise<DecodedPhoto> {
  const source = await openSource(path);
  const { info, metadata, plan } = await inspect(source, options, options.scratchDir);
  await requireDisk(options.scratchDir, vipsFileBytes({ ...info, channels: info.channels }));
  const scratch = join(options.scratchDir, `decoded-${randomUUID()}.v`);
  try {
    const damaged = await decodeTo(scratch, source, plan, options);
    await source.checkUnchanged();
    options.signal?.throwIfAborted();
    if (damaged && (await isOneColour(scratch))) throw damagedBeyondUse(path);
    const stored = openScratch(scratch, info.orientation);
    if (stored.channels !== info.channels) {
      await stored.close();
      throw codecMissing(path);
    }
    const pixels = withBledColour(stored);
    return {
      info: damaged ? { ...info, notes: [...info.notes, note('source-damaged')] } : info,
      pixels,
      metadata,
      close: () => pixels.close(),
    };
  } catch (error) {
    await rm(scratch, { force: true });
    throw error;
  }
}

/** How sharp is to be asked for the pixels. */
interface DecodePlan {
  readonly page: number;
  readonly colourspace: 'srgb' | 'rgb16' | 'b-w' | 'grey16';
  /** Convert through the embedded profile: only where the numbers are neither RGB nor grey. */
  readonly convert: boolean;
  /** Factor for samples that are fractions of one (grey in floating point; libvips scales colour itself). */
  readonly gain?: number;
  /** Take the colours alone. */
  readonly dropExtra: boolean;
  readonly pixelLimit: number;
}

interface Inspected {
  readonly info: PhotoInfo;
  readonly metadata: PhotoMetadata;
  readonly plan: DecodePlan;
}

async function inspect(source: SourceFile, options: InspectOptions, scratchDir: string): Promise<Inspected> {
  options.signal?.throwIfAborted();
  const pixelLimit = options.pixelLimit ?? DEFAULT_PIXEL_LIMIT;
  const meta = await readMetadata(source, scratchDir);
  if (meta.width * meta.height > pixelLimit) throw tooManyPixels(source.path, meta, pixelLimit);

  const notes: Note[] = [];
  const frames = meta.pages ?? 1;
  if (frames > 1) notes.push(note('first-frame-only'));
  const grey = meta.space === 'b-w' || meta.space === 'grey16';
  const native = grey || meta.space === 'srgb' || meta.space === 'rgb16' || meta.space === 'rgb';
  if (!native) notes.push(note('converted-to-srgb'));
  // Which of several is the transparency, if any, no reader agrees on.
  const dropExtra = meta.channels - coloursOf(meta, grey) > 1;
  if (dropExtra) notes.push(note('alpha-dropped'));
  const channels = channelsOf(meta, grey, dropExtra);
  const depth: Depth = meta.depth === 'uchar' ? 8 : 16;
  if (depth === 16 && meta.depth !== 'ushort') notes.push(note('depth-reduced'));

  const profile = meta.icc && readIccProfile(meta.icc);
  const fits = profile && profile.colourSpace === (grey ? 'GRAY' : 'RGB ');
  if (native && meta.icc && !fits) notes.push(note('profile-ignored'));
  const keptProfile = native && fits && meta.icc ? exactProfile(meta.icc) : undefined;
  const orientation = meta.orientation && meta.orientation <= 8 ? Math.max(1, meta.orientation) : 1;
  const swapped = orientation >= 5;
  const density = meta.density;
  const space = grey ? 'grey' : 'rgb';

  const info: PhotoInfo = {
    path: source.path,
    name: basename(source.path),
    format: source.format,
    width: swapped ? meta.height : meta.width,
    height: swapped ? meta.width : meta.height,
    channels,
    depth,
    hasAlpha: channels === 2 || channels === 4,
    colour: { space, ...(keptProfile && profile?.name && { profileName: profile.name }) },
    orientation,
    ...(density !== undefined && { density }),
    bytes: source.bytes,
    modifiedMs: source.modifiedMs,
    frames,
    notes,
  };
  const own = source.format === 'tiff' ? readTiffMetadata(source.name) : {};
  const exif = meta.exif ?? own.exif;
  const iptc = own.iptc ?? (meta.iptc && bareIptc(meta.iptc));
  const metadata: PhotoMetadata = {
    ...(keptProfile && { icc: keptProfile }),
    ...(exif && { exif }),
    ...(meta.xmp && { xmp: meta.xmp }),
    ...(iptc && { iptc }),
    ...(density !== undefined && { density }),
  };
  const colourspace = grey ? (depth === 8 ? 'b-w' : 'grey16') : depth === 8 ? 'srgb' : 'rgb16';
  return {
    info,
    metadata,
    plan: {
      page: meta.pagePrimary ?? 0,
      colourspace,
      convert: !native,
      dropExtra,
      pixelLimit,
      ...(grey && isFloat(meta) && { gain: 255 }),
    },
  };
}

function isFloat({ depth }: Metadata): boolean {
  return depth === 'float' || depth === 'double' || depth === 'complex' || depth === 'dpcomplex';
}

/** Channels of the colours as stored. */
function coloursOf(meta: Metadata, grey: boolean): number {
  if (grey) return 1;
  return meta.space === 'cmyk' ? 4 : 3;
}

function channelsOf(meta: Metadata, grey: boolean, dropExtra: boolean): Channels {
  const alpha = meta.hasAlpha === true && !dropExtra;
  if (grey) return alpha ? 2 : 1;
  return alpha ? 4 : 3;
}

async function readMetadata(source: SourceFile, scratchDir: string): Promise<Metadata> {
  const { name, release } = await source.literalName(scratchDir);
  try {
    return await sharp(name, { failOn: 'error', limitInputPixels: false }).metadata();
  } catch (error) {
    throw await decodingError(error, source);
  } finally {
    await release();
  }
}

/** Decodes into `scratch`; true when that took looking past warnings about the pixels. */
async function decodeTo(
  scratch: string,
  source: SourceFile,
  plan: DecodePlan,
  options: DecodeOptions,
): Promise<boolean> {
  const { name, release } = await source.literalName(options.scratchDir);
  const attempt = (failOn: 'warning' | 'error') => {
    const image = sharp(name, {
      failOn,
      page: plan.page,
      limitInputPixels: plan.pixelLimit,
      ignoreIcc: !plan.convert,
      sequentialRead: true,
    });
    if (plan.dropExtra) image.removeAlpha();
    if (plan.gain) image.linear(plan.gain, 0);
    return image.toColourspace(plan.colourspace).toFile(scratch);
  };
  try {
    await attempt('warning');
    return false;
  } catch (first) {
    throwIfScratch(first, scratch);
    options.signal?.throwIfAborted();
    try {
      await attempt('error');
      return !warnsOfTagsOnly(first);
    } catch (second) {
      throwIfScratch(second, scratch);
      throw await decodingError(first, source);
    }
  } finally {
    await release();
  }
}

/** A fault of the scratch file is none of the photo's: a full disk, which the image library tells by no name, or one it names. */
function throwIfScratch(error: unknown, scratch: string): void {
  const told = writingError(error, scratch);
  if (isCode(told, 'disk-full') || (error instanceof Error && error.message.includes(scratch))) throw told;
}

/** True when every pixel of a scratch file is the same: what a decoder leaves that gave up without saying so. */
async function isOneColour(scratch: string): Promise<boolean> {
  const file = await open(scratch, 'r');
  try {
    const chunk = Buffer.alloc(1 << 20);
    // Good enough without the pixel size: a picture of one grey is one byte throughout, and that is what is left over.
    let first: number | undefined;
    let position = VIPS_HEADER_BYTES;
    const { size } = await file.stat();
    while (position < size) {
      const got = readSync(file.fd, chunk, 0, Math.min(chunk.length, size - position), position);
      if (got === 0) break;
      first ??= chunk[0]!;
      for (let i = 0; i < got; i++) if (chunk[i] !== first) return false;
      position += got;
    }
    return true;
  } finally {
    await file.close();
  }
}
