import type { Channels, Depth } from './raster.ts';

/** What a user should know about a photo that was nevertheless taken; translated by code like errors. */
export type NoteCode =
  | 'first-frame-only'
  | 'converted-to-srgb'
  | 'source-damaged'
  | 'depth-reduced'
  | 'alpha-dropped'
  | 'profile-ignored'
  | 'metadata-incomplete'
  | 'stored-lossless';

export interface Note {
  readonly code: NoteCode;
  readonly sentence: string;
}

/** Everything known of a photo from its header. Width and height are of the upright picture, in pixels. */
export interface PhotoInfo {
  readonly path: string;
  readonly name: string;
  /** What the content is, whatever the name says: 'jpeg', 'png', 'webp', 'tiff', 'avif', 'gif'. */
  readonly format: InputFormat;
  readonly width: number;
  readonly height: number;
  /** As decoded: 1 grey, 2 grey + alpha, 3 RGB, 4 RGB + alpha. */
  readonly channels: Channels;
  /** As decoded, bits a sample. */
  readonly depth: Depth;
  readonly hasAlpha: boolean;
  /** The colour space the decoded numbers are in. `profileName` is what the embedded ICC profile calls itself. */
  readonly colour: { readonly space: 'rgb' | 'grey'; readonly profileName?: string };
  /** EXIF orientation 1…8 of the file; width, height and decoded pixels have it applied already. */
  readonly orientation: number;
  /** Dots an inch, where the file says. */
  readonly density?: number;
  readonly bytes: number;
  readonly modifiedMs: number;
  readonly frames: number;
  readonly notes: readonly Note[];
}

export type InputFormat = 'jpeg' | 'png' | 'webp' | 'tiff' | 'avif' | 'gif';

const SENTENCES: Readonly<Record<NoteCode, string>> = {
  'first-frame-only': 'This file holds several pictures. Only the first is used; the file was not changed.',
  'converted-to-srgb':
    'The colours of this photo were converted: CMYK and Lab, and in WebP and AVIF a grey profile, cannot be kept. The result is in sRGB.',
  'source-damaged': 'Parts of this photo are damaged. It was not changed. Check the result.',
  'depth-reduced': 'This photo has finer tones than the chosen format can hold. The result has fewer bits a sample.',
  'stored-lossless':
    'The picture is too large and detailed for lossy WebP. It was stored without loss, in a larger file.',
  'alpha-dropped':
    'The transparency was left out: JPEG holds none (its place is white), and a photo with several extra channels keeps none.',
  'profile-ignored':
    'The colour profile in this photo does not fit its pixels. It was ignored; colours are taken as sRGB.',
  'metadata-incomplete':
    'Part of the photo’s metadata could not be read or does not fit the chosen format. It was left out.',
};

/** A note with its English sentence. */
export function note(code: NoteCode): Note {
  return { code, sentence: SENTENCES[code] };
}
