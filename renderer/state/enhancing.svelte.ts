import type { OpenedPhoto, PlainError, Region, View as ViewRequest } from '../../electron/contract.ts';
import { type Connection, plainOf } from '../client.ts';
import { type CompareState, layoutPanes, type Side } from '../viewer/compare-layout.ts';
import { canvasColorSpace } from '../viewer/painter.ts';
import { blendOfSide, NEW_DETAIL_ZOOM, wantedTiles } from '../viewer/pane-sprites.ts';
import { type TileAddress, TileStore } from '../viewer/tile-store.ts';
import type { Size, View } from '../viewer/viewport.ts';
import { watchBattery } from './battery.ts';
import type { Loupe } from './loupe.svelte.ts';

const MIB = 2 ** 20;
/** What a large window shows at once takes about this much: less would only fetch the same tiles again. */
const LEAST_MIB = 64;
/** A moving view is told at most so often; the last word is always told. */
const TELL_MS = 60;

/** What is looked at. */
export interface Sight {
  readonly opened: OpenedPhoto | null;
  readonly view: View;
  readonly region: Region;
  /** Device px. */
  readonly canvas: Size;
  readonly pixelRatio: number;
  readonly compare: CompareState;
  readonly loupe: Loupe;
  readonly blend: number;
  /** The slider's value while it moves; null at rest. */
  readonly liveBlend: number | null;
  /** Blends the panes show, most wanted first. */
  readonly blends: readonly number[];
}

/** Has the service enhance what is looked at, and fetches the tiles it made. */
export class Enhancing {
  /** Grows whenever tiles arrive: whoever paints reads it. */
  stamp = $state(0);
  /** How long the service still takes for the view; null when it is done or cannot say. */
  seconds = $state<number | null>(null);
  /** It takes so long that the user is asked first. */
  needsAsking = $state(false);

  readonly store: TileStore;
  readonly #connection: Connection;
  readonly #sight: Sight;
  /** Null: the view is told of, and answered. */
  readonly #onError: (error: PlainError | null) => void;
  #number = 0;
  #always = $state(false);
  #tryUnknown = false;
  #tellTimer: ReturnType<typeof setTimeout> | undefined;
  #untold: Omit<ViewRequest, 'number'> | undefined;
  #told = '';
  #isOnBattery = false;

  /** @param memoryMiB how much decoded tiles may take */
  constructor(connection: Connection, sight: Sight, memoryMiB: number, onError: (error: PlainError | null) => void) {
    this.#connection = connection;
    this.#sight = sight;
    this.#onError = onError;
    this.store = new TileStore({
      limitBytes: limitOf(memoryMiB),
      space: canvasColorSpace(),
      onChange: () => {
        this.stamp++;
      },
    });
    watchBattery((isOnBattery) => {
      this.#isOnBattery = isOnBattery;
      this.tell();
    });
    connection.onEvent('tile', ({ photo, column, row, blend }) => {
      this.store.markMade(photo, column, row, blend);
      if (photo === this.#sight.opened?.id) this.fetch();
    });
    connection.onEvent('view', (event) => {
      if (event.number !== this.#number) return;
      this.seconds = event.done < event.total ? event.seconds : null;
      if (event.error) this.#onError(event.error);
    });
  }

  /** Applies at once: what is too much goes. */
  setMemory(memoryMiB: number): void {
    this.store.setLimit(limitOf(memoryMiB));
  }

  /** Another photo is shown: what is still to be told of the last one, or answered about it, is no longer of interest. */
  reset(): void {
    clearTimeout(this.#tellTimer);
    this.#tellTimer = undefined;
    this.#number++;
    this.needsAsking = false;
    this.seconds = null;
    this.#always = false;
    this.#told = '';
  }

  /** Another service took over: it knows nothing of the view, and its tiles may be others. */
  restart(): void {
    this.store.restart();
    this.#told = '';
  }

  /** "Enhance this view": stays so until the zoom or the photo changes. */
  now(): void {
    this.#always = true;
    this.needsAsking = false;
    this.#told = '';
    this.tell();
  }

  /** The zoom changed: a large view is asked about again. */
  askAgain(): void {
    this.#always = false;
  }

  /** Tells the service what is looked at, when it changed; called from an effect that reads all of this. */
  tell(): void {
    const { opened: photo, view, region, canvas, blends, liveBlend, loupe, pixelRatio } = this.#sight;
    if (!photo || liveBlend !== null || canvas.width === 0) return;
    const isNew = view.zoom > NEW_DETAIL_ZOOM;
    const request: Omit<ViewRequest, 'number'> = {
      ...{ photo: photo.id, region, blends: [...blends] },
      enhance: !isNew ? 'off' : this.#always ? 'always' : 'auto',
      ends: isNew && blends.length > 0,
      ring: isNew && blends.length > 0 && !this.#isOnBattery,
      loupe: loupe.isOpen ? { region: loupe.region(pixelRatio), blends: this.#loupeBlends() } : null,
    };
    const told = JSON.stringify(request);
    if (told === this.#told) return;
    this.#told = told;
    // What is kept of another view says nothing about this one.
    this.#tryUnknown = false;
    this.#untold = request;
    this.#tellTimer ??= setTimeout(() => {
      this.#tellTimer = undefined;
      if (this.#untold) void this.#send(this.#untold);
    }, TELL_MS);
  }

  /** Asks the store for what the panes and the loupe show now, and for both ends to fade with. */
  fetch(): void {
    const { opened: photo, view, region, canvas, compare, blend, blends, liveBlend } = this.#sight;
    if (!photo || canvas.width === 0) return;
    const tiles: TileAddress[] = this.#loupeTiles(photo);
    for (const side of sidesShown(compare, canvas)) tiles.push(...wantedTiles(photo, side, blend, view, region));
    if (blends.length > 0)
      for (const side of ['faithful', 'crisp'] as const)
        for (const tile of wantedTiles(photo, side, 0, view, region)) if (tile.kind === 'enhanced') tiles.push(tile);
    this.store.want(tiles, this.#tryUnknown && liveBlend === null);
  }

  async #send(request: Omit<ViewRequest, 'number'>): Promise<void> {
    const number = ++this.#number;
    try {
      const answer = await this.#connection.request('view.set', { ...request, number });
      if (number !== this.#number) return;
      this.#onError(null);
      this.needsAsking = !answer.started && answer.done < answer.total;
      this.seconds = answer.done < answer.total ? answer.seconds : null;
      this.#tryUnknown = answer.done > 0 || this.#sight.loupe.isOpen;
      // An export or the album may have made tiles that were missing a moment ago.
      if (this.#tryUnknown) this.store.forgetAbsent(request.photo);
      this.fetch();
    } catch (error) {
      if (number === this.#number) this.#onError(plainOf(error));
    }
  }

  #loupeBlends(): number[] {
    const { compare, blend } = this.#sight;
    const values = [compare.b, compare.a].map((side) => blendOfSide(side, blend));
    return [...new Set(values.filter((value) => value !== undefined))];
  }

  #loupeTiles(photo: OpenedPhoto): TileAddress[] {
    const { loupe, compare, blend, pixelRatio } = this.#sight;
    if (!loupe.isOpen) return [];
    const region = clip(loupe.region(pixelRatio), photo);
    return [compare.b, compare.a].flatMap((side) => wantedTiles(photo, side, blend, loupe.view, region));
  }
}

const limitOf = (memoryMiB: number): number => Math.max(LEAST_MIB, memoryMiB) * MIB;

/** Most wanted first: the after side before the before side. */
function sidesShown(compare: CompareState, canvas: Size): Side[] {
  const sides = new Set(layoutPanes({ ...compare, before: false }, canvas).map((pane) => pane.side));
  if (compare.before) sides.add(compare.a);
  return [...sides].reverse();
}

/** A region cut to the photo. */
function clip(region: Region, photo: Size): Region {
  const x = Math.max(0, region.x);
  const y = Math.max(0, region.y);
  return {
    x,
    y,
    width: Math.max(0, Math.min(photo.width, region.x + region.width) - x),
    height: Math.max(0, Math.min(photo.height, region.y + region.height) - y),
  };
}
