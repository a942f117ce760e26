import type { OpenedPhoto, Photo, PlainError, Region, View as ViewRequest } from '../../electron/contract.ts';
import { type Connection, plainOf } from '../client.ts';
import {
  type CompareMode,
  type CompareState,
  layoutPanes,
  paneSize,
  type Side,
  type SplitDirection,
} from '../viewer/compare-layout.ts';
import type { InventedShare } from '../viewer/invented-detail.ts';
import { canvasColorSpace } from '../viewer/painter.ts';
import { blendOfSide, NEW_DETAIL_ZOOM, wantedTiles } from '../viewer/pane-sprites.ts';
import { thumbnailUrl } from '../viewer/pixel-address.ts';
import { type TileAddress, TileStore } from '../viewer/tile-store.ts';
import * as viewport from '../viewer/viewport.ts';
import type { Library } from './library.svelte.ts';
import type { Preferences } from './preferences.svelte.ts';

const MIB = 2 ** 20;
/** A moving view is told at most so often; the last word is always told. */
const TELL_MS = 60;

export interface Loupe {
  readonly isOpen: boolean;
  /** Where it looks, source px. */
  readonly at: viewport.Point;
  readonly zoom: 2 | 4;
}

/** What is seen of a photo and how it is compared. Painting itself is in viewer/; this holds what it paints. */
export class Viewer {
  opened = $state.raw<OpenedPhoto | null>(null);
  preview = $state.raw<ImageBitmap | undefined>(undefined);
  error = $state.raw<PlainError | null>(null);
  view = $state.raw<viewport.View>({ center: { x: 0, y: 0 }, zoom: 1 });
  /** Device px. */
  canvas = $state.raw<viewport.Size>({ width: 0, height: 0 });
  pixelRatio = $state(1);
  mode = $state<CompareMode>('split');
  direction = $state<SplitDirection>('vertical');
  a = $state<Side>('bicubic');
  b = $state<Side>('blend');
  split = $state(50);
  before = $state(false);
  overlay = $state(false);
  loupe = $state.raw<Loupe>({ isOpen: false, at: { x: 0, y: 0 }, zoom: 2 });
  /** The slider's value while it moves; null at rest. */
  liveBlend = $state<number | null>(null);
  /** Grows whenever tiles arrive: whoever paints reads it. */
  stamp = $state(0);
  /** What the service says of the view. */
  seconds = $state<number | null>(null);
  needsAsking = $state(false);
  isFit = $state(true);
  /** Told by the stage after each frame: enhanced tiles shown exactly / in view. */
  tiles = $state.raw<{ readonly done: number; readonly total: number }>({ done: 0, total: 0 });
  isApproximate = $state(false);
  /** How much of the view is invented; undefined while not known. */
  invented = $state.raw<InventedShare | undefined>(undefined);

  readonly store: TileStore;
  readonly compare: CompareState = $derived({
    mode: this.mode,
    a: this.a,
    b: this.b,
    direction: this.direction,
    split: this.split,
    before: this.before,
  });
  readonly pane: viewport.Size = $derived(paneSize(this.compare, this.canvas));
  readonly region: Region = $derived(
    this.opened ? viewport.visibleRegion(this.view, this.opened, this.pane) : { x: 0, y: 0, width: 0, height: 0 },
  );
  readonly blend: number = $derived.by(() => {
    const photo = this.#library.current;
    return this.liveBlend ?? (photo ? this.#library.blendOf(photo) : 50);
  });
  /** The blend the overlay is about: what the after side shows. */
  readonly overlayBlend: number = $derived(
    this.mode === 'four' ? 100 : (blendOfSide(this.b, this.blend) ?? this.blend),
  );
  /** Blends the panes show, most wanted first. */
  readonly blends: readonly number[] = $derived.by(() => {
    if (this.view.zoom <= NEW_DETAIL_ZOOM) return [];
    const sides = layoutPanes({ ...this.compare, before: false }, this.canvas).map((pane) => pane.side);
    const own = sides.toReversed().map((side) => blendOfSide(side, this.blend));
    return [...new Set(own.filter((value) => value !== undefined))];
  });

  readonly #connection: Connection;
  readonly #library: Library;
  #number = 0;
  #always = $state(false);
  #tryUnknown = false;
  #tellTimer: ReturnType<typeof setTimeout> | undefined;
  #told = '';
  #showing = 0;

  constructor(connection: Connection, library: Library, preferences: Preferences) {
    this.#connection = connection;
    this.#library = library;
    this.store = new TileStore({
      limitBytes: Math.min(256, preferences.settings.memoryCacheMiB) * MIB,
      space: canvasColorSpace(),
      onChange: () => {
        this.stamp++;
      },
    });
    connection.onEvent('tile', ({ photo, column, row, blend }) => {
      this.store.markMade(photo, column, row, blend);
      if (photo === this.opened?.id) this.fetch();
    });
    connection.onEvent('view', (event) => {
      if (event.number !== this.#number) return;
      this.seconds = event.done < event.total ? event.seconds : null;
      if (event.error) this.error = event.error;
    });
  }

  /** Shows a photo: its thumbnail at once, then the source. Null shows nothing. */
  async show(photo: Photo | null): Promise<void> {
    const turn = ++this.#showing;
    this.error = null;
    this.needsAsking = false;
    this.#always = false;
    this.#told = '';
    this.liveBlend = null;
    this.loupe = { ...this.loupe, isOpen: false };
    this.preview = undefined;
    if (photo?.state !== 'ready' || !photo.info) {
      this.opened = null;
      this.error = photo?.error ?? null;
      await this.#connection.request('view.clear').catch(() => undefined);
      return;
    }
    // Sizes are known from the header, so the thumbnail can stand where the photo will.
    const { width, height, notes } = photo.info;
    const empty = { edge: 128, columns: Math.ceil(width / 128), rows: Math.ceil(height / 128) };
    this.opened = null;
    this.#placeholder = { id: photo.id, width, height, tiles: empty, source: { edge: 256, levels: [] }, notes };
    void this.#loadPreview(photo.id, turn);
    try {
      const opened = await this.#connection.request('photo.show', { photo: photo.id });
      if (turn !== this.#showing) return;
      this.opened = opened;
      this.fit();
    } catch (error) {
      if (turn === this.#showing) this.error = plainOf(error);
    }
  }

  /** After the service started anew: it has to decode the photo again; the view stays. */
  async showAgain(): Promise<void> {
    const photo = this.opened;
    if (!photo) return;
    this.store.restart();
    this.#told = '';
    await this.#connection.request('photo.show', { photo: photo.id });
    this.tell();
  }

  #placeholder: OpenedPhoto | null = null;

  /** The photo as far as it is known: opened, or its size with the thumbnail to stand in. */
  get shown(): OpenedPhoto | null {
    return this.opened ?? (this.preview ? this.#placeholder : null);
  }

  async #loadPreview(photo: string, turn: number): Promise<void> {
    for (const edge of [256, 1600]) {
      const response = await fetch(
        thumbnailUrl(photo, edge).replace('thumbnail', edge > 256 ? 'preview' : 'thumbnail'),
      );
      if (!response.ok || turn !== this.#showing) continue;
      const bitmap = await createImageBitmap(await response.blob());
      if (turn !== this.#showing) return bitmap.close();
      this.preview = bitmap;
      if (!this.opened && this.#placeholder) this.view = viewport.fitView(this.#placeholder, this.pane);
    }
  }

  resize(canvas: viewport.Size, pixelRatio: number): void {
    this.canvas = canvas;
    this.pixelRatio = pixelRatio;
    const photo = this.shown;
    if (!photo) return;
    if (this.isFit) this.view = viewport.fitView(photo, this.pane);
    else this.#look(this.view);
  }

  setMode(mode: CompareMode): void {
    this.mode = mode;
    this.resize(this.canvas, this.pixelRatio);
  }

  turnSplit(): void {
    this.direction = this.direction === 'vertical' ? 'horizontal' : 'vertical';
    this.resize(this.canvas, this.pixelRatio);
  }

  moveSplit(by: number): void {
    this.split = Math.min(100, Math.max(0, this.split + by));
  }

  fit(): void {
    if (!this.opened) return;
    this.#zoomed(viewport.fitView(this.opened, this.pane));
    this.isFit = true;
  }

  /** Zooms about a point of the pane (device px), the middle by default. */
  zoomTo(zoom: number, pointer: viewport.Point = this.middle): void {
    if (!this.opened) return;
    this.#zoomed(viewport.zoomAt(this.view, this.opened, this.pane, pointer, zoom));
  }

  zoomBy(direction: 1 | -1, pointer: viewport.Point = this.middle): void {
    if (!this.opened) return;
    this.zoomTo(viewport.stepZoom(this.view.zoom, direction, this.opened, this.pane), pointer);
  }

  toggleFit(pointer: viewport.Point = this.middle): void {
    if (this.isFit || Math.abs(this.view.zoom - 1) > 1e-6) this.zoomTo(1, pointer);
    else this.fit();
  }

  /** Device px. */
  panBy(dx: number, dy: number): void {
    if (this.opened) this.#look(viewport.pan(this.view, this.opened, this.pane, dx, dy));
  }

  centerOn(point: viewport.Point): void {
    this.#look({ ...this.view, center: point });
  }

  get middle(): viewport.Point {
    return { x: this.pane.width / 2, y: this.pane.height / 2 };
  }

  toggleLoupe(): void {
    this.loupe = { ...this.loupe, isOpen: !this.loupe.isOpen, at: this.view.center };
  }

  moveLoupe(at: viewport.Point): void {
    const photo = this.opened;
    if (!photo) return;
    const x = Math.min(photo.width, Math.max(0, at.x));
    const y = Math.min(photo.height, Math.max(0, at.y));
    this.loupe = { ...this.loupe, at: { x, y } };
  }

  /** "Enhance this view": stays so until the zoom or the photo changes. */
  enhanceNow(): void {
    this.#always = true;
    this.needsAsking = false;
    this.#told = '';
    this.tell();
  }

  /** The source px the loupe's halves show, `css` px wide and high. */
  loupeRegion(css: number): Region {
    const edge = (css * this.pixelRatio) / (this.loupe.zoom * viewport.ENLARGEMENT);
    const { at } = this.loupe;
    return { x: at.x - edge / 2, y: at.y - edge / 2, width: edge, height: edge };
  }

  /** Tells the service what is looked at, when it changed; called from an effect that reads all of this. */
  tell(): void {
    const photo = this.opened;
    if (!photo || this.liveBlend !== null || this.canvas.width === 0) return;
    const isNew = this.view.zoom > NEW_DETAIL_ZOOM;
    const request: Omit<ViewRequest, 'number'> = {
      photo: photo.id,
      region: this.region,
      blends: [...this.blends],
      enhance: !isNew ? 'off' : this.#always ? 'always' : 'auto',
      ends: isNew && this.blends.length > 0,
      ring: isNew && this.blends.length > 0,
      loupe: this.loupe.isOpen ? { region: this.loupeRegion(240), blends: this.loupeBlends() } : null,
    };
    const told = JSON.stringify(request);
    if (told === this.#told) return;
    this.#told = told;
    // What is kept of another view says nothing about this one.
    this.#tryUnknown = false;
    if (this.#tellTimer) clearTimeout(this.#tellTimer);
    this.#tellTimer = setTimeout(() => void this.#send(request), TELL_MS);
  }

  loupeBlends(): number[] {
    const values = [this.b, this.a].map((side) => blendOfSide(side, this.blend)).filter((value) => value !== undefined);
    return [...new Set(values)];
  }

  async #send(request: Omit<ViewRequest, 'number'>): Promise<void> {
    const number = ++this.#number;
    try {
      const answer = await this.#connection.request('view.set', { ...request, number });
      if (number !== this.#number) return;
      this.needsAsking = !answer.started && answer.done < answer.total;
      this.seconds = answer.done < answer.total ? answer.seconds : null;
      this.#tryUnknown = answer.done > 0 || this.loupe.isOpen;
      this.fetch();
    } catch (error) {
      if (number === this.#number) this.error = plainOf(error);
    }
  }

  /** Asks the store for what the panes and the loupe show now, and for both ends to fade with. */
  fetch(): void {
    const photo = this.opened;
    if (!photo || this.canvas.width === 0) return;
    const tiles: TileAddress[] = [];
    if (this.loupe.isOpen) {
      const view = { center: this.loupe.at, zoom: this.loupe.zoom };
      for (const side of [this.b, this.a])
        tiles.push(...wantedTiles(photo, side, this.blend, view, clip(this.loupeRegion(240), photo)));
    }
    const sides = new Set(layoutPanes({ ...this.compare, before: false }, this.canvas).map((pane) => pane.side));
    if (this.before) sides.add(this.a);
    const ordered = [...sides].reverse();
    for (const side of ordered) tiles.push(...wantedTiles(photo, side, this.blend, this.view, this.region));
    if (this.blends.length > 0)
      for (const side of ['faithful', 'crisp'] as const)
        for (const tile of wantedTiles(photo, side, 0, this.view, this.region))
          if (tile.kind === 'enhanced') tiles.push(tile);
    this.store.want(tiles, this.#tryUnknown && this.liveBlend === null);
  }

  #zoomed(view: viewport.View): void {
    const photo = this.opened;
    if (!photo) return;
    if (Math.abs(view.zoom - this.view.zoom) > 1e-9) this.#always = false;
    this.#look(view);
    this.isFit = Math.abs(this.view.zoom - viewport.fitZoom(photo, this.pane)) < 1e-6;
  }

  #look(view: viewport.View): void {
    const photo = this.shown;
    if (photo) this.view = viewport.clampView(view, photo, this.pane);
  }
}

/** A region cut to the photo. */
function clip(region: Region, photo: viewport.Size): Region {
  const x = Math.max(0, region.x);
  const y = Math.max(0, region.y);
  return {
    x,
    y,
    width: Math.max(0, Math.min(photo.width, region.x + region.width) - x),
    height: Math.max(0, Math.min(photo.height, region.y + region.height) - y),
  };
}
