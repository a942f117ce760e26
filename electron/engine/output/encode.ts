import { open, stat } from 'node:fs/promises';
import type { Sharp } from 'sharp';
import { writingError } from '../file-errors.ts';
import type { DecodedPhoto } from '../photo/decode.ts';
import { writeFully } from '../photo/full-write.ts';
import { sharp } from '../photo/imaging.ts';
import type { MetadataChoice } from '../photo/metadata.ts';
import { type Note, note } from '../photo/photo.ts';
import type { Depth } from '../photo/raster.ts';
import { appendTiffMetadata } from '../photo/tiff-metadata.ts';
import { vipsFileBytes, vipsHeader, vipsTrailer } from '../photo/vips-file.ts';
import { checkFormatLimit, DEFAULT_QUALITY, limits, type OutputFormat } from './formats.ts';
import { outputMetadata } from './output-metadata.ts';
import type { Provenance } from './provenance.ts';
import { fillReservedExif, reserveExif } from './reserved-exif.ts';
import type { UnfinishedPicture } from './unfinished.ts';

export interface EncodeOptions {
  readonly format: OutputFormat;
  /** 1…100, for the lossy formats. */
  readonly quality?: number;
  /** Bits a sample at most; what the picture has and the format can hold count too. */
  readonly depth: Depth;
  /** The result's size in pixels; smaller than the picture means an exact reduction on the way. */
  readonly size: { readonly width: number; readonly height: number };
  readonly metadata?: MetadataChoice;
  /** Written into XMP when given, whatever `metadata` says. */
  readonly provenance?: Provenance;
  readonly signal?: AbortSignal;
}

export interface Encoded {
  readonly bytes: number;
  readonly notes: readonly Note[];
}

/** Classic TIFF counts bytes in 32 bits; kept below by what LZW may add: at worst half, 37 % measured on noise. */
const CLASSIC_TIFF_BYTES = 2.8e9;
const MM_PER_INCH = 25.4;

/** Results below these get the slower, better settings of WebP (chroma, 3×) and AVIF. */
const SMALL_PIXELS = 20e6;
const SMALL_AVIF_PIXELS = 6e6;

/**
 * Encodes a finished picture into `target`, which is overwritten (a temporary file; see `placeFile`). JPEG, PNG and
 * TIFF go row by row; WebP and AVIF hold the whole result in memory.
 * @throws FourfoldError 'format-limit' before anything is written, 'disk-full', 'target-unwritable'. AbortError when
 * stopped.
 */
export async function encodePicture(
  picture: UnfinishedPicture,
  photo: Pick<DecodedPhoto, 'info' | 'metadata'>,
  target: string,
  options: EncodeOptions,
): Promise<Encoded> {
  options.signal?.throwIfAborted();
  const { format, size } = options;
  checkFormatLimit(format, size.width, size.height);
  const notes: Note[] = [];
  const limit = limits(format);
  const depth: Depth = Math.min(options.depth, picture.depth) === 16 && limit.maxDepth > 8 ? 16 : 8;
  if (photo.info.depth === 16 && (depth === 8 || limit.maxDepth < 16)) notes.push(note('depth-reduced'));

  const grey = picture.channels <= 2;
  const alpha = picture.channels === 2 || picture.channels === 4;
  const { blobs, exif, iptc, density, incomplete } = outputMetadata(photo.metadata, format, options);
  if (incomplete) notes.push(note('metadata-incomplete'));
  const reserved = exif && format !== 'tiff' && { 'exif-data': reserveExif(exif.length) };
  await attachMetadata(picture, { ...blobs, ...reserved }, density);

  // A grey profile cannot describe the three channels WebP and AVIF make of grey: there the numbers are converted.
  const convertGrey = grey && !limit.grey && photo.metadata.icc !== undefined;
  if (convertGrey) notes.push(note('converted-to-srgb'));

  const flatten = alpha && !limit.alpha;
  if (flatten) notes.push(note('alpha-dropped'));
  const keepsGrey = grey && limit.grey;

  const write = (lossless: boolean) => {
    let pipeline = sharp(picture.path, { limitInputPixels: false, sequentialRead: true });
    if (size.width !== picture.width || size.height !== picture.height) {
      pipeline = pipeline.resize(size.width, size.height, { fit: 'fill', kernel: 'lanczos3' });
    }
    if (flatten) pipeline = pipeline.flatten({ background: '#ffffff' });
    pipeline = convertGrey ? pipeline.keepExif().keepXmp() : pipeline.keepMetadata();
    pipeline = pipeline.toColourspace(depth === 16 ? (keepsGrey ? 'grey16' : 'rgb16') : keepsGrey ? 'b-w' : 'srgb');
    return inFormat(pipeline, options, depth, picture, lossless, density).toFile(target);
  };
  try {
    await write(false).catch((error: unknown) => {
      if (format !== 'webp' || !/unable to encode/.test(String(error))) throw error;
      // VP8 has room for 512 KB of block modes; a large picture full of detail needs more. Lossless WebP has no such
      // limit: better a larger file than hours of work thrown away.
      notes.push(note('stored-lossless'));
      return write(true);
    });
    if (!(await putMetadata(target, format, { exif, iptc }))) notes.push(note('metadata-incomplete'));
    const profile = convertGrey ? undefined : photo.metadata.icc;
    if (profile && !(await holdsProfile(target, profile))) notes.push(note('profile-ignored'));
    options.signal?.throwIfAborted();
    return { bytes: (await stat(target)).size, notes };
  } catch (error) {
    throw writingError(error, target);
  }
}

function inFormat(
  pipeline: Sharp,
  options: EncodeOptions,
  depth: Depth,
  picture: UnfinishedPicture,
  lossless: boolean,
  density: number | undefined,
): Sharp {
  const quality = options.quality ?? DEFAULT_QUALITY;
  const pixels = options.size.width * options.size.height;
  switch (options.format) {
    case 'jpeg':
      // optimiseCoding would hold every coefficient of the picture in memory (1.8 GB at 192 megapixels).
      return pipeline.jpeg({ quality, optimiseCoding: false, chromaSubsampling: quality >= 90 ? '4:4:4' : '4:2:0' });
    case 'png':
      // Photos: filters chosen by row at level 3 give half the size of level 6 without, as fast (53 and 96 MB at 48 MP).
      return pipeline.png({ compressionLevel: 3, adaptiveFiltering: true, palette: false });
    case 'webp':
      // Below effort 2 libwebp gives up on large pictures (its first partition overflows); above, 7 to 10 times slower.
      return lossless
        ? pipeline.webp({ lossless: true, effort: 0 })
        : pipeline.webp({ quality, alphaQuality: 100, effort: 2, smartSubsample: pixels < SMALL_PIXELS });
    case 'tiff': {
      const raw = options.size.width * options.size.height * picture.channels * (depth / 8);
      // Every program reads LZW; 25 MP/s where deflate makes 16, files 15 % larger.
      return pipeline.tiff({
        compression: 'lzw',
        predictor: 'horizontal',
        bigtiff: raw > CLASSIC_TIFF_BYTES,
        ...(density && { xres: density / MM_PER_INCH, yres: density / MM_PER_INCH, resolutionUnit: 'inch' as const }),
      });
    }
    case 'avif':
      return pipeline.avif({
        quality,
        // 8 MP/s at effort 0, under 2 at effort 2.
        effort: pixels < SMALL_AVIF_PIXELS ? 2 : 0,
        chromaSubsampling: '4:4:4',
        bitdepth: depth === 16 ? 12 : 8,
      });
  }
}

/**
 * Puts what the encoder must not touch into the finished file.
 * @returns false when there was no place for it.
 */
async function putMetadata(
  target: string,
  format: OutputFormat,
  { exif, iptc }: { exif: Buffer | undefined; iptc: Buffer | undefined },
): Promise<boolean> {
  if (!exif && !iptc) return true;
  if (format === 'tiff') return appendTiffMetadata(target, { ...(exif && { exif }), ...(iptc && { iptc }) });
  return !exif || fillReservedExif(target, format, exif);
}

/** Encoders leave out a profile they find fault with, and say nothing. */
async function holdsProfile(target: string, profile: Buffer): Promise<boolean> {
  const { icc } = await sharp(target, { limitInputPixels: false }).metadata();
  return icc?.equals(profile) ?? false;
}

/** Puts the metadata behind the pixels, where libvips looks for it, and the density into the header. */
async function attachMetadata(
  picture: UnfinishedPicture,
  blobs: Readonly<Record<string, Buffer>>,
  density: number | undefined,
): Promise<void> {
  const file = await open(picture.path, 'r+');
  try {
    const end = vipsFileBytes(picture);
    await file.truncate(end);
    writeFully(file.fd, vipsHeader(picture, density), 0);
    writeFully(file.fd, Buffer.from(vipsTrailer(blobs, density ? { 'resolution-unit': 'in' } : {})), end);
  } catch (error) {
    throw writingError(error, picture.path);
  } finally {
    await file.close();
  }
}
