import { open, stat } from 'node:fs/promises';
import type { Sharp } from 'sharp';
import type { DecodedPhoto } from './decode.ts';
import { writingError } from './file-errors.ts';
import { checkFormatLimit, limits, type OutputFormat } from './formats.ts';
import { sharp } from './imaging.ts';
import type { MetadataChoice } from './metadata.ts';
import { outputMetadata } from './output-metadata.ts';
import { type Note, note } from './photo.ts';
import type { Provenance } from './provenance.ts';
import type { Depth } from './raster.ts';
import type { UnfinishedPicture } from './unfinished.ts';
import { vipsFileBytes, vipsHeader, vipsTrailer } from './vips-file.ts';

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

export const DEFAULT_QUALITY = 92;

/** Classic TIFF counts bytes in 32 bits; kept below by what deflate may add. */
const CLASSIC_TIFF_BYTES = 4e9;

/**
 * Encodes a finished picture into `target`, which is overwritten (a temporary file; see `placeFile`). JPEG, PNG and
 * TIFF go row by row; WebP and AVIF hold the whole result in memory.
 * @throws FourfoldError 'format-limit' before anything is written, 'disk-full', 'target-unwritable', 'cancelled'.
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
  const { blobs, density, incomplete } = outputMetadata(photo.metadata, format, options);
  if (incomplete) notes.push(note('metadata-incomplete'));
  await attachMetadata(picture, blobs, density);

  // A grey profile cannot describe the three channels WebP and AVIF make of grey: there the numbers are converted.
  const convertGrey = grey && !limit.grey && photo.metadata.icc !== undefined;
  if (convertGrey) notes.push(note('converted-to-srgb'));

  let pipeline = sharp(picture.path, { limitInputPixels: false, sequentialRead: true });
  if (size.width !== picture.width || size.height !== picture.height) {
    pipeline = pipeline.resize(size.width, size.height, { fit: 'fill', kernel: 'lanczos3' });
  }
  if (alpha && !limit.alpha) {
    pipeline = pipeline.flatten({ background: '#ffffff' });
    notes.push(note('alpha-dropped'));
  }
  pipeline = convertGrey ? pipeline.keepExif().keepXmp() : pipeline.keepMetadata();
  const keepsGrey = grey && limit.grey;
  pipeline = pipeline.toColourspace(depth === 16 ? (keepsGrey ? 'grey16' : 'rgb16') : keepsGrey ? 'b-w' : 'srgb');
  try {
    const { size: bytes } = await inFormat(pipeline, options, depth, picture).toFile(target);
    options.signal?.throwIfAborted();
    // sharp tells the size it meant to write; the file tells what arrived.
    const written = (await stat(target)).size;
    return { bytes: written || bytes, notes };
  } catch (error) {
    throw writingError(error, target);
  }
}

function inFormat(pipeline: Sharp, options: EncodeOptions, depth: Depth, picture: UnfinishedPicture): Sharp {
  const quality = options.quality ?? DEFAULT_QUALITY;
  switch (options.format) {
    case 'jpeg':
      // optimiseCoding would hold every coefficient of the picture in memory (1.8 GB at 192 megapixels).
      return pipeline.jpeg({ quality, optimiseCoding: false, chromaSubsampling: quality >= 90 ? '4:4:4' : '4:2:0' });
    case 'png':
      return pipeline.png({ compressionLevel: 6, palette: false });
    case 'webp':
      return pipeline.webp({ quality, alphaQuality: 100, smartSubsample: true, effort: 4 });
    case 'tiff': {
      const raw = options.size.width * options.size.height * picture.channels * (depth / 8);
      return pipeline.tiff({ compression: 'deflate', predictor: 'horizontal', bigtiff: raw > CLASSIC_TIFF_BYTES });
    }
    case 'avif':
      return pipeline.avif({ quality, effort: 3, chromaSubsampling: '4:4:4', bitdepth: depth === 16 ? 12 : 8 });
  }
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
    await file.write(vipsHeader(picture, density), 0, undefined, 0);
    await file.write(vipsTrailer(blobs, density ? { 'resolution-unit': 'in' } : {}), end);
  } catch (error) {
    throw writingError(error, picture.path);
  } finally {
    await file.close();
  }
}
