import type { Region } from '../../electron/contract.ts';
import type { Size } from './viewport.ts';

/** A tile of a grid over the photo; `region` in source px, cut at the photo's edge. */
export interface GridTile {
  readonly column: number;
  readonly row: number;
  readonly region: Region;
}

/** A regular grid: `edge` source px a tile. */
export interface Grid extends Size {
  readonly edge: number;
}

export const columnsOf = (grid: Grid): number => Math.ceil(grid.width / grid.edge);
export const rowsOf = (grid: Grid): number => Math.ceil(grid.height / grid.edge);

export function tileAt(grid: Grid, column: number, row: number): GridTile {
  const x = column * grid.edge;
  const y = row * grid.edge;
  return {
    column,
    row,
    region: { x, y, width: Math.min(grid.edge, grid.width - x), height: Math.min(grid.edge, grid.height - y) },
  };
}

const distance = (tile: GridTile, view: Region): number => {
  const dx = tile.region.x + tile.region.width / 2 - (view.x + view.width / 2);
  const dy = tile.region.y + tile.region.height / 2 - (view.y + view.height / 2);
  return dx * dx + dy * dy;
};

/** The tiles that touch `view` (source px), the one nearest its centre first: what the eye rests on comes first. */
export function tilesIn(grid: Grid, view: Region): GridTile[] {
  if (view.width <= 0 || view.height <= 0) return [];
  const tiles: GridTile[] = [];
  const lastColumn = Math.min(columnsOf(grid), Math.ceil((view.x + view.width) / grid.edge));
  const lastRow = Math.min(rowsOf(grid), Math.ceil((view.y + view.height) / grid.edge));
  for (let row = Math.max(0, Math.floor(view.y / grid.edge)); row < lastRow; row++)
    for (let column = Math.max(0, Math.floor(view.x / grid.edge)); column < lastColumn; column++)
      tiles.push(tileAt(grid, column, row));
  return tiles.sort((a, b) => distance(a, view) - distance(b, view));
}

/** Which size of an enhanced tile serves a zoom: 0 → full, 1 → half, 2 → quarter (= source size). */
export function enhancedLevel(zoom: number): 0 | 1 | 2 {
  return zoom > 0.5 ? 0 : zoom > 0.25 ? 1 : 2;
}

/** Level of the source pyramid for a zoom: 0 = source size, each further level half of it. */
export function sourceLevel(zoom: number, levels: number): number {
  const scale = zoom * 4;
  if (scale >= 1) return 0;
  return Math.max(0, Math.min(levels - 1, Math.floor(Math.log2(1 / scale) + 1e-6)));
}
