import { join } from 'node:path';
import { sourceError } from '../engine/file-errors.ts';
import { hashFile } from '../engine/file-hash.ts';
import { type DecodedPhoto, decodePhoto } from '../engine/photo/decode.ts';
import type { PixelSource } from '../engine/photo/raster.ts';
import { newId } from './grants.ts';
import { Pyramid } from './pyramid.ts';
import { type ViewColour, viewColour } from './view-colour.ts';

/** Edge of the viewer's tiles in source px: 0.2–0.4 s each on two cores, and an export made from them costs 10 % more. */
export const VIEW_TILE = 128;

/** A photo decoded for the viewer. */
export interface Opened {
  readonly decoded: DecodedPhoto;
  readonly pixels: PixelSource;
  readonly pyramid: Pyramid;
  readonly colour: ViewColour;
  /** Hash of the file's bytes: the first half of a tile's key. */
  readonly source: string;
  readonly columns: number;
  readonly rows: number;
}

interface Entry {
  readonly opening: Promise<Opened>;
  readonly stop: AbortController;
}

/** Photos kept decoded: the one at hand, the ones before and after it. Each is a scratch file, hardly any memory. */
const KEPT = 3;

export class OpenedPhotos {
  readonly #scratchDir: string;
  readonly #entries = new Map<string, Entry>();

  constructor(scratchDir: string) {
    this.#scratchDir = scratchDir;
  }

  /** The photo decoded, from before or now; the photo used longest ago is put away for it. */
  get(id: string, path: string): Promise<Opened> {
    const entry = this.#entries.get(id) ?? this.#open(path);
    this.#entries.delete(id);
    this.#entries.set(id, entry);
    entry.opening.catch(() => {
      if (this.#entries.get(id) === entry) this.#entries.delete(id);
    });
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > KEPT && oldest !== undefined)
      // A scratch file that does not go now goes with the scratch folder.
      this.drop(oldest).catch(() => {});
    return entry.opening;
  }

  /** Only if it is decoded or being decoded. */
  peek(id: string): Promise<Opened> | undefined {
    return this.#entries.get(id)?.opening;
  }

  async drop(id: string): Promise<void> {
    const entry = this.#entries.get(id);
    this.#entries.delete(id);
    entry?.stop.abort();
    const opened = await entry?.opening.catch(() => undefined);
    await opened?.pyramid.close();
    await opened?.decoded.close();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#entries.keys()].map((id) => this.drop(id)));
  }

  #open(path: string): Entry {
    const stop = new AbortController();
    return { stop, opening: open(path, this.#scratchDir, stop.signal) };
  }
}

async function open(path: string, scratchDir: string, signal: AbortSignal): Promise<Opened> {
  const hashed = sourceHash(path);
  hashed.catch(() => {});
  const decoded = await decodePhoto(path, { scratchDir, signal });
  try {
    const { pixels, info, metadata } = decoded;
    const source = await hashed;
    return {
      decoded,
      pixels,
      source,
      pyramid: new Pyramid(pixels, join(scratchDir, `${newId()}.pyramid`)),
      colour: viewColour(metadata.icc, info.colour.profileName),
      columns: Math.ceil(pixels.width / VIEW_TILE),
      rows: Math.ceil(pixels.height / VIEW_TILE),
    };
  } catch (error) {
    await decoded.close();
    throw error;
  }
}

/**
 * The first 16 hex digits of the SHA-256 of a photo's file.
 * @throws FourfoldError 'source-missing', 'source-unreadable', 'drive-gone', …
 */
export async function sourceHash(path: string): Promise<string> {
  try {
    return (await hashFile(path)).slice(0, 16);
  } catch (error) {
    throw await sourceError(error, path);
  }
}
