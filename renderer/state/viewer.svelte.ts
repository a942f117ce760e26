import type { OpenedPhoto, Photo, PlainError, Region } from '../../electron/contract.ts';
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
import { blendOfSide, NEW_DETAIL_ZOOM } from '../viewer/pane-sprites.ts';
import { thumbnailUrl } from '../viewer/pixel-address.ts';
import * as viewport from '../viewer/viewport.ts';
import { Enhancing } from './enhancing.svelte.ts';
import type { Library } from './library.svelte.ts';
import { Loupe } from './loupe.svelte.ts';
import type { Preferences } from './preferences.svelte.ts';

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
  /** The slider's value while it moves; null at rest. */
  liveBlend = $state<number | null>(null);
  isFit = $state(true);
  /** Told by the stage after each frame: enhanced tiles shown exactly / in view. */
  tiles = $state.raw<{ readonly done: number; readonly total: number }>({ done: 0, total: 0 });
  /** All of what is in view is enhanced, and near enough to tell. */
  readonly isSettled: boolean = $derived(
    this.opened !== null &&
      this.view.zoom > NEW_DETAIL_ZOOM &&
      this.tiles.total > 0 &&
      this.tiles.done === this.tiles.total,
  );
  isApproximate = $state(false);
  /** How much of the view is invented; undefined while not known. */
  invented = $state.raw<InventedShare | undefined>(undefined);

  readonly loupe = new Loupe();
  readonly enhancing: Enhancing;
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
  /** The blend the overlay is about: what the after side shows, else the other one; null where no network made either. */
  readonly overlayBlend: number | null = $derived.by(() => {
    if (this.mode === 'four') return 100;
    const sides = this.mode === 'single' ? [this.b] : [this.b, this.a];
    return sides.map((side) => blendOfSide(side, this.blend)).find((blend) => blend !== undefined) ?? null;
  });
  /** Blends the panes show, most wanted first. */
  readonly blends: readonly number[] = $derived.by(() => {
    if (this.view.zoom <= NEW_DETAIL_ZOOM) return [];
    const sides = layoutPanes({ ...this.compare, before: false }, this.canvas).map((pane) => pane.side);
    const own = sides.toReversed().map((side) => blendOfSide(side, this.blend));
    return [...new Set(own.filter((value) => value !== undefined))];
  });

  readonly #connection: Connection;
  readonly #library: Library;
  #showing = 0;

  constructor(connection: Connection, library: Library, preferences: Preferences) {
    this.#connection = connection;
    this.#library = library;
    this.enhancing = new Enhancing(connection, this, preferences.settings.memoryCacheMiB, (error) => {
      this.error = error;
    });
  }

  /** Shows a photo: its thumbnail at once, then the source. Null shows nothing. */
  async show(photo: Photo | null): Promise<void> {
    const turn = ++this.#showing;
    this.error = null;
    this.enhancing.reset();
    this.liveBlend = null;
    this.loupe.isOpen = false;
    this.#usePreview(undefined);
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

  /** After a failure: a photo that is open keeps zoom and place, and its view is told of again. */
  async retry(): Promise<void> {
    const photo = this.#library.current;
    if (!this.opened && photo?.state !== 'skipped') return this.show(photo);
    const turn = this.#showing;
    this.error = null;
    try {
      // One that was skipped is read again; it is shown when the list says that it is ready.
      if (this.opened) await this.showAgain();
      else await this.#connection.request('photo.show', { photo: photo!.id });
    } catch (error) {
      if (turn === this.#showing) this.error = plainOf(error);
    }
  }

  /** After the service started anew: it has to decode the photo again; the view stays. */
  async showAgain(): Promise<void> {
    const photo = this.opened;
    if (!photo) return;
    this.enhancing.restart();
    await this.#connection.request('photo.show', { photo: photo.id });
    this.enhancing.tell();
  }

  #placeholder: OpenedPhoto | null = null;

  /** The photo as far as it is known: opened, or its size with the thumbnail to stand in. */
  get shown(): OpenedPhoto | null {
    return this.opened ?? (this.preview ? this.#placeholder : null);
  }

  /** A bitmap holds memory the collector does not see: the one before is closed. */
  #usePreview(bitmap: ImageBitmap | undefined): void {
    const before = this.preview;
    this.preview = bitmap;
    before?.close();
  }

  async #loadPreview(photo: string, turn: number): Promise<void> {
    for (const edge of [256, 1600]) {
      const response = await fetch(
        thumbnailUrl(photo, edge).replace('thumbnail', edge > 256 ? 'preview' : 'thumbnail'),
      );
      if (turn !== this.#showing) return;
      if (!response.ok) continue;
      const bitmap = await createImageBitmap(await response.blob());
      if (turn !== this.#showing) return bitmap.close();
      this.#usePreview(bitmap);
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

  #zoomed(view: viewport.View): void {
    const photo = this.opened;
    if (!photo) return;
    if (Math.abs(view.zoom - this.view.zoom) > 1e-9) this.enhancing.askAgain();
    this.#look(view);
    this.isFit = Math.abs(this.view.zoom - viewport.fitZoom(photo, this.pane)) < 1e-6;
  }

  #look(view: viewport.View): void {
    const photo = this.shown;
    if (photo) this.view = viewport.clampView(view, photo, this.pane);
  }
}
