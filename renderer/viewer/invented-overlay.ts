import type { OpenedPhoto, Region } from '../../electron/contract.ts';
import type { Side } from './compare-layout.ts';
import { type Invented, type InventedShare, inventedShare, overlayPixels } from './invented-detail.ts';
import type { Sprite } from './painter.ts';
import { blendOfSide, enhancedGrid, NEW_DETAIL_ZOOM } from './pane-sprites.ts';
import { pixelsUrl } from './pixel-address.ts';
import { enhancedLevel, type GridTile, tilesIn } from './tile-grid.ts';
import type { TileStore } from './tile-store.ts';
import { type Size, type View, visibleRegion } from './viewport.ts';

interface Marked {
  readonly invented: Invented;
  readonly bitmap: ImageBitmap;
  /** The theme's, when it was made. */
  readonly color: string;
}

/** So many tiles are remembered; one is 64 KiB at most. */
const KEEP = 512;

/** The overlay of one viewer: asks for what differs from Faithful, and draws it. */
export class InventedOverlay {
  readonly #marked = new Map<string, Marked>();
  readonly #asked = new Set<string>();
  readonly #onChange: () => void;
  #isClosed = false;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** Fetches what is missing for a view, once blend and Faithful are both on screen. */
  want(store: TileStore, photo: OpenedPhoto, blend: number, view: View, region: Region): void {
    if (blend === 0) return;
    const level = enhancedLevel(view.zoom);
    for (const tile of tilesIn(enhancedGrid(photo), region)) {
      const key = keyOf(photo.id, tile, blend);
      const { column, row } = tile;
      const isMade = [0, blend].every(
        (value) =>
          store.isMade({ kind: 'enhanced', photo: photo.id, level, column, row, blend: value }) ||
          [...store.blendsAt(photo.id, level, column, row)].includes(value),
      );
      if (!isMade || this.#asked.has(key)) continue;
      this.#asked.add(key);
      void this.#fetch(photo.id, tile, blend, key);
    }
  }

  sprites(photo: OpenedPhoto, side: Side, blend: number, view: View, pane: Size): Sprite[] {
    const value = blendOfSide(side, blend);
    if (value === undefined || value === 0 || view.zoom <= NEW_DETAIL_ZOOM) return [];
    return tilesIn(enhancedGrid(photo), visibleRegion(view, photo, pane)).flatMap((tile) => {
      const image = this.#marked.get(keyOf(photo.id, tile, value))?.bitmap;
      if (!image) return [];
      const cut = { x: 0, y: 0, width: image.width, height: image.height };
      return [{ image, cut, region: tile.region, alpha: 0.85, smooth: false }];
    });
  }

  /** Undefined while some of the view is not known. */
  share(photo: OpenedPhoto, blend: number, view: View, region: Region): InventedShare | undefined {
    if (blend === 0) return { share: 0, disagreement: 0 };
    if (view.zoom <= NEW_DETAIL_ZOOM) return undefined;
    const tiles = tilesIn(enhancedGrid(photo), region).map((tile) => this.#marked.get(keyOf(photo.id, tile, blend)));
    if (tiles.some((tile) => tile === undefined)) return undefined;
    return inventedShare(
      tiles.map((tile) => tile!.invented),
      region,
    );
  }

  /** The theme has another colour: what is marked is marked anew, from what is known of it. */
  async recolour(): Promise<void> {
    for (const [key, { invented, color }] of [...this.#marked]) {
      if (color === inventColor()) continue;
      const marked = await mark(invented);
      if (this.#marked.has(key)) this.#keep(key, marked);
      else marked.bitmap.close();
    }
  }

  /** The viewer is gone; what still arrives is closed too. */
  close(): void {
    this.#isClosed = true;
    for (const { bitmap } of this.#marked.values()) bitmap.close();
    this.#marked.clear();
  }

  async #fetch(photo: string, tile: GridTile, blend: number, key: string): Promise<void> {
    const { column, row } = tile;
    try {
      const response = await fetch(pixelsUrl({ kind: 'invented', photo, column, row, blend }));
      if (!response.ok) {
        setTimeout(() => this.#asked.delete(key) && this.#onChange(), 300);
        return;
      }
      const width = Number(response.headers.get('x-width'));
      const height = Number(response.headers.get('x-height'));
      const invented = { region: tile.region, width, height, bytes: new Uint8Array(await response.arrayBuffer()) };
      const marked = await mark(invented);
      if (this.#isClosed) return marked.bitmap.close();
      this.#keep(key, marked);
      this.#forgetOldest();
    } catch {
      this.#asked.delete(key);
    }
  }

  #keep(key: string, marked: Marked): void {
    this.#marked.get(key)?.bitmap.close();
    this.#marked.set(key, marked);
    this.#onChange();
  }

  #forgetOldest(): void {
    for (const [key, { bitmap }] of this.#marked) {
      if (this.#marked.size <= KEEP) return;
      bitmap.close();
      this.#marked.delete(key);
      this.#asked.delete(key);
    }
  }
}

const keyOf = (photo: string, tile: GridTile, blend: number): string => `${photo}|${tile.column}|${tile.row}|${blend}`;

/** The theme's `--invent`. */
const inventColor = (): string =>
  getComputedStyle(document.documentElement).getPropertyValue('--invent').trim() || '#ff4fd8';

/** In the theme's colour, also where that changes meanwhile. */
async function mark(invented: Invented): Promise<Marked> {
  const color = inventColor();
  const value = Number.parseInt(color.slice(1), 16);
  const pixels = overlayPixels(invented, [value >> 16, (value >> 8) & 255, value & 255]);
  const bitmap = await createImageBitmap(new ImageData(pixels, invented.width));
  if (color === inventColor()) return { invented, bitmap, color };
  bitmap.close();
  return mark(invented);
}
