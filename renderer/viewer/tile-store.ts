import type { PixelAddress, ViewSpace } from '../../electron/contract.ts';
import { BitmapCache } from './bitmap-cache.ts';
import { pixelsUrl } from './pixel-address.ts';

/** The three kinds that are raw pixels and cached as bitmaps. */
export type TileAddress = Extract<PixelAddress, { kind: 'source' | 'bicubic' | 'enhanced' }>;

interface CachedTile {
  readonly bitmap: ImageBitmap;
  readonly arrivedAt: number;
  close(): void;
}

/** So much of what is not wanted now is kept; what is wanted may be more: 4K just above 50 % takes 640 MiB. */
const SPARE_BYTES = 256 * 2 ** 20;
/** So many requests at once; the service answers from memory or disk, so more would only queue there. */
const PARALLEL = 6;
/** So often a source or bicubic tile that is not decoded yet is asked for again while the view rests. */
const RETRIES = 6;
/** How long after the first of these, ms; twice as long each time. */
const RETRY_MS = 200;

export const keyOf = (tile: TileAddress): string =>
  `${tile.photo}|${tile.kind}|${tile.level}|${tile.column}|${tile.row}|${tile.kind === 'enhanced' ? tile.blend : ''}`;

const placeOf = (photo: string, level: number, column: number, row: number): string =>
  `${photo}|${level}|${column}|${row}`;

/**
 * Fetches tiles in the order wanted, keeps them as bitmaps, forgets what is no longer wanted before it is fetched.
 * Not reactive by itself: `onChange` tells whoever paints.
 */
export class TileStore {
  readonly #cache: BitmapCache<CachedTile>;
  readonly #space: ViewSpace;
  readonly #onChange: () => void;
  /** Blends made for a place, for cross-fading: place → blends whose bitmaps are here. */
  readonly #blends = new Map<string, Set<number>>();
  /** Enhanced tiles that may be asked for, because the service said they are made. */
  readonly #made = new Set<string>();
  /** Asked for and answered 404: not asked again until the service says there is something to ask for. */
  readonly #absent = new Set<string>();
  /** How often a source or bicubic tile was answered 404. */
  readonly #refusals = new Map<string, number>();
  readonly #running = new Map<string, AbortController>();
  #queue: TileAddress[] = [];
  #wanted = new Set<string>();
  /** Pixel requests sent so far; for measuring. */
  requests = 0;

  constructor(options: { limitBytes: number; space: ViewSpace; onChange: () => void }) {
    this.#cache = new BitmapCache(options.limitBytes, (key) => this.#wanted.has(key), SPARE_BYTES);
    this.#space = options.space;
    this.#onChange = options.onChange;
  }

  get bytes(): number {
    return this.#cache.bytes;
  }

  setLimit(limitBytes: number): void {
    this.#cache.setLimit(limitBytes);
  }

  bitmap(tile: TileAddress): ImageBitmap | undefined {
    return this.#cache.get(keyOf(tile))?.bitmap;
  }

  /** When the tile came, `performance.now()` time; 0 when it is not here. */
  arrivedAt(tile: TileAddress): number {
    return this.#cache.get(keyOf(tile))?.arrivedAt ?? 0;
  }

  /** The blends whose bitmaps are here for a place of the grid. */
  blendsAt(photo: string, level: number, column: number, row: number): Iterable<number> {
    return this.#blends.get(placeOf(photo, level, column, row)) ?? [];
  }

  /** The service made a tile, at every level. */
  markMade(photo: string, column: number, row: number, blend: number): void {
    for (const level of [0, 1, 2]) {
      const key = keyOf({ kind: 'enhanced', photo, level, column, row, blend });
      this.#made.add(key);
      this.#absent.delete(key);
    }
  }

  /** The service has tiles of a photo that nobody announced, an export's for one: all may be asked for again. */
  forgetAbsent(photo: string): void {
    for (const key of this.#absent) if (key.startsWith(`${photo}|enhanced|`)) this.#absent.delete(key);
  }

  isMade(tile: TileAddress): boolean {
    return this.#made.has(keyOf(tile));
  }

  /**
   * The tiles wanted now, most wanted first. What was queued and is not among them is dropped, what runs and is not
   * among them is aborted. Enhanced tiles not known to be made are only tried when `tryUnknown`.
   */
  want(tiles: readonly TileAddress[], tryUnknown: boolean): void {
    this.#wanted = new Set(tiles.map(keyOf));
    this.#cache.trim();
    for (const [key, controller] of this.#running) if (!this.#wanted.has(key)) controller.abort();
    const queued = new Set<string>();
    this.#queue = tiles.filter((tile) => {
      const key = keyOf(tile);
      // One tile may be wanted twice: Faithful on screen, and as an end to fade with.
      if (queued.has(key)) return false;
      queued.add(key);
      if (this.#cache.has(key) || this.#running.has(key) || this.#absent.has(key)) return false;
      return tile.kind !== 'enhanced' || tryUnknown || this.#made.has(key);
    });
    this.#pump();
  }

  /** The photo was closed. */
  forget(photo: string): void {
    const prefix = `${photo}|`;
    this.#queue = this.#queue.filter((tile) => tile.photo !== photo);
    for (const key of this.#wanted) if (key.startsWith(prefix)) this.#wanted.delete(key);
    for (const [key, controller] of this.#running) if (key.startsWith(prefix)) controller.abort();
    this.#cache.deleteWhere((key) => key.startsWith(prefix));
    for (const set of [this.#made, this.#absent]) for (const key of set) if (key.startsWith(prefix)) set.delete(key);
    for (const map of [this.#blends, this.#refusals])
      for (const key of map.keys()) if (key.startsWith(prefix)) map.delete(key);
  }

  /** The service started anew: what it had made is to be asked for again; what is on screen stays. */
  restart(): void {
    this.#made.clear();
    this.#absent.clear();
    this.#refusals.clear();
  }

  #pump(): void {
    while (this.#running.size < PARALLEL) {
      const tile = this.#queue.shift();
      if (!tile) return;
      const key = keyOf(tile);
      const controller = new AbortController();
      this.#running.set(key, controller);
      this.#fetch(tile, key, controller.signal).finally(() => {
        this.#running.delete(key);
        this.#pump();
      });
    }
  }

  async #fetch(tile: TileAddress, key: string, signal: AbortSignal): Promise<void> {
    this.requests++;
    try {
      const response = await fetch(pixelsUrl({ ...tile, space: this.#space }), { signal });
      if (!response.ok) {
        this.#absent.add(key);
        this.#made.delete(key);
        if (tile.kind !== 'enhanced') this.#askLater(tile, key);
        return;
      }
      this.#refusals.delete(key);
      const bitmap = await toBitmap(response);
      this.#keep(tile, key, bitmap);
      this.#onChange();
    } catch (error) {
      // Aborted, or the connection is gone (a TypeError by the fetch standard): that has a banner of its own.
      if (!(error instanceof TypeError) && (error as Error).name !== 'AbortError') throw error;
    }
  }

  /** No event tells of source and bicubic tiles: asked for again while they are wanted; then by the next view. */
  #askLater(tile: TileAddress, key: string): void {
    const refusals = (this.#refusals.get(key) ?? 0) + 1;
    this.#refusals.set(key, refusals);
    setTimeout(
      () => {
        if (!this.#absent.delete(key) || !this.#wanted.has(key) || refusals > RETRIES) return;
        this.#queue.push(tile);
        this.#pump();
      },
      refusals > RETRIES ? RETRY_MS : RETRY_MS * 2 ** (refusals - 1),
    );
  }

  #keep(tile: TileAddress, key: string, bitmap: ImageBitmap): void {
    const cached: CachedTile = {
      bitmap,
      arrivedAt: performance.now(),
      close: () => {
        bitmap.close();
        if (tile.kind !== 'enhanced') return;
        const place = placeOf(tile.photo, tile.level, tile.column, tile.row);
        const blends = this.#blends.get(place);
        if (blends?.delete(tile.blend) && blends.size === 0) this.#blends.delete(place);
      },
    };
    if (tile.kind === 'enhanced') {
      const place = placeOf(tile.photo, tile.level, tile.column, tile.row);
      const blends = this.#blends.get(place) ?? new Set();
      this.#blends.set(place, blends.add(tile.blend));
    }
    this.#cache.set(key, cached, bitmap.width * bitmap.height * 4);
  }
}

/** Raw RGBA (see the contract) as a bitmap that is ready to be drawn. */
async function toBitmap(response: Response): Promise<ImageBitmap> {
  const width = Number(response.headers.get('x-width'));
  const height = Number(response.headers.get('x-height'));
  const colorSpace = response.headers.get('x-space') === 'display-p3' ? 'display-p3' : 'srgb';
  const pixels = new Uint8ClampedArray(await response.arrayBuffer());
  return createImageBitmap(new ImageData(pixels, width, height, { colorSpace }));
}
