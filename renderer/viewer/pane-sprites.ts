import type { OpenedPhoto, Region } from '../../electron/contract.ts';
import type { Side } from './compare-layout.ts';
import { crossFade, isExact } from './cross-fade.ts';
import type { Sprite } from './painter.ts';
import { enhancedLevel, type Grid, type GridTile, sourceLevel, tilesIn } from './tile-grid.ts';
import type { TileAddress, TileStore } from './tile-store.ts';
import { type Size, type View, visibleRegion } from './viewport.ts';

/** Above this zoom the enlargement shows something the source does not. */
export const NEW_DETAIL_ZOOM = 0.25;

export interface PaneRequest {
  readonly photo: OpenedPhoto;
  readonly side: Side;
  /** The photo's blend, or the slider's while it moves. */
  readonly blend: number;
  readonly view: View;
  readonly pane: Size;
  readonly store: TileStore;
  /** The whole photo, small: what there is before any tile. */
  readonly preview: ImageBitmap | undefined;
  readonly squarePixels: boolean;
  /** `performance.now()`, and how long a tile fades in (0: at once). */
  readonly now: number;
  readonly fadeMs: number;
}

/** What a pane draws, and what it honestly shows. */
export interface PaneAnswer {
  readonly sprites: Sprite[];
  /** Enhanced tiles shown exactly / in view; 0/0 where the side needs none. */
  readonly done: number;
  readonly total: number;
  /** A tile is cross-faded from other blends, or shown at another one. */
  readonly isApproximate: boolean;
  /** A tile still fades in: paint again. */
  readonly isFading: boolean;
}

/** 0 Faithful … 100 Crisp for a side; undefined for those no network made. */
export function blendOfSide(side: Side, blend: number): number | undefined {
  return side === 'faithful' ? 0 : side === 'crisp' ? 100 : side === 'blend' ? blend : undefined;
}

export const enhancedGrid = (photo: OpenedPhoto): Grid => ({
  width: photo.width,
  height: photo.height,
  edge: photo.tiles.edge,
});

/** The source pyramid's level for a zoom, as a grid in source px. */
export function sourceGrid(photo: OpenedPhoto, zoom: number): { grid: Grid; level: number } {
  const step = sourceLevel(zoom, photo.source.levels.length);
  const level = photo.source.levels[step]?.level ?? 2;
  return { level, grid: { width: photo.width, height: photo.height, edge: photo.source.edge * 2 ** step } };
}

/** The tiles a side wants for a view, most wanted first. */
export function wantedTiles(photo: OpenedPhoto, side: Side, blend: number, view: View, region: Region): TileAddress[] {
  const source = sourceGrid(photo, view.zoom);
  const tiles: TileAddress[] = tilesIn(source.grid, region).map(({ column, row }) => ({
    kind: 'source',
    photo: photo.id,
    level: source.level,
    column,
    row,
  }));
  if (view.zoom <= NEW_DETAIL_ZOOM || side === 'original') return tiles;
  const level = enhancedLevel(view.zoom);
  const places = tilesIn(enhancedGrid(photo), region);
  const value = blendOfSide(side, blend);
  if (value !== undefined)
    for (const { column, row } of places)
      tiles.push({ kind: 'enhanced', photo: photo.id, level, column, row, blend: value });
  for (const { column, row } of places) tiles.push({ kind: 'bicubic', photo: photo.id, level, column, row });
  return tiles;
}

const whole = (bitmap: ImageBitmap): Region => ({ x: 0, y: 0, width: bitmap.width, height: bitmap.height });

/** Builds a pane's layers: the source below, bicubic over it, the enhanced tiles on top as far as they are made. */
export function paneSprites(request: PaneRequest): PaneAnswer {
  const { photo, side, view, store } = request;
  const region = visibleRegion(view, photo, request.pane);
  const isNew = view.zoom > NEW_DETAIL_ZOOM && side !== 'original';
  const below = () => sourceSprites(request, region);
  if (!isNew) return { sprites: below(), done: 0, total: 0, isApproximate: false, isFading: false };

  const level = enhancedLevel(view.zoom);
  const smooth = !(request.squarePixels && view.zoom >= 2);
  const value = blendOfSide(side, request.blend);
  const places = tilesIn(enhancedGrid(photo), region);
  const sprites: Sprite[] = [];
  let done = 0;
  let isApproximate = false;
  let isFading = false;
  // Nothing shines through a full set of tiles: what lies below need not be painted, which is half of a frame.
  let isCovered = true;
  const draw = (tile: TileAddress, place: GridTile, alpha: number): boolean => {
    const image = store.bitmap(tile);
    if (image) sprites.push({ image, cut: whole(image), region: place.region, alpha, smooth });
    return image !== undefined;
  };
  for (const place of places) {
    const { column, row } = place;
    const bicubic: TileAddress = { kind: 'bicubic', photo: photo.id, level, column, row };
    if (value === undefined) {
      isCovered = draw(bicubic, place, 1) && isCovered;
      continue;
    }
    const layers = crossFade(store.blendsAt(photo.id, level, column, row), value);
    const exact = isExact(layers, value);
    if (exact) done++;
    else if (layers.length > 0) isApproximate = true;
    const [first, second] = layers;
    const tileAt = (blend: number): TileAddress => ({ kind: 'enhanced', photo: photo.id, level, column, row, blend });
    if (!first) {
      isCovered = draw(bicubic, place, 1) && isCovered;
      continue;
    }
    const arrivedAt = store.arrivedAt(tileAt(first.blend));
    const alpha = exact && request.fadeMs > 0 ? Math.min(1, (request.now - arrivedAt) / request.fadeMs) : 1;
    if (alpha < 1) {
      isFading = true;
      // It fades in over what was on screen before it came: other blends, which bicubic between would blur.
      const made = [...store.blendsAt(photo.id, level, column, row)];
      const before = made.filter((blend) => store.arrivedAt(tileAt(blend)) < arrivedAt);
      const [under, over] = crossFade(before, value);
      isCovered = draw(under ? tileAt(under.blend) : bicubic, place, 1) && isCovered;
      if (over) draw(tileAt(over.blend), place, over.alpha);
    }
    isCovered = draw(tileAt(first.blend), place, alpha) && isCovered;
    if (second) draw(tileAt(second.blend), place, second.alpha);
  }
  return {
    sprites: isCovered ? sprites : [...below(), ...sprites],
    ...{ done, total: value === undefined ? 0 : places.length, isApproximate, isFading },
  };
}

/** The preview under whatever source tiles are here. Square pixels only where the side says Original and it is magnified. */
function sourceSprites({ photo, side, view, store, preview, pane }: PaneRequest, region: Region): Sprite[] {
  const sprites: Sprite[] = [];
  const { grid, level } = sourceGrid(photo, view.zoom);
  const smooth = !(side === 'original' && view.zoom > NEW_DETAIL_ZOOM);
  const tiles = tilesIn(grid, visibleRegion(view, photo, pane));
  const here = tiles.map((tile) =>
    store.bitmap({ kind: 'source', photo: photo.id, level, column: tile.column, row: tile.row }),
  );
  if (preview && here.includes(undefined))
    sprites.push({
      image: preview,
      cut: whole(preview),
      region: { x: 0, y: 0, width: photo.width, height: photo.height },
      alpha: 1,
      smooth: true,
    });
  if (region.width <= 0) return sprites;
  for (const [index, tile] of tiles.entries()) {
    const image = here[index];
    if (image) sprites.push({ image, cut: whole(image), region: tile.region, alpha: 1, smooth });
  }
  return sprites;
}
