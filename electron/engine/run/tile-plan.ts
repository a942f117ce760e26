import type { Region } from '../photo/raster.ts';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A tile given by its edge is square. */
export function sizeOf(tile: number | Size): Size {
  return typeof tile === 'number' ? { width: tile, height: tile } : tile;
}

export interface Tile {
  readonly index: number;
  readonly column: number;
  readonly row: number;
  /** What this tile enlarges, in source pixels, inside the picture; smaller than the plan's core at the right and bottom. */
  readonly core: Region;
  /** What the network reads: always the same size, and may leave the picture (mirrored there). */
  readonly padded: Region;
}

export interface TilePlan extends Size {
  readonly core: Size;
  readonly halo: number;
  readonly columns: number;
  readonly rows: number;
  /** Row after row. */
  readonly tiles: readonly Tile[];
}

/** Cuts a picture into cores of one size; the last column and row may be narrower, their padded region is not. */
export function planTiles(width: number, height: number, core: Size, halo: number): TilePlan {
  for (const size of [width, height, core.width, core.height])
    if (!Number.isInteger(size) || size < 1)
      throw new RangeError(`Expected a positive whole size but received ${size}.`);
  if (!Number.isInteger(halo) || halo < 0) throw new RangeError(`Expected a halo of 0 or more but received ${halo}.`);
  const columns = Math.ceil(width / core.width);
  const rows = Math.ceil(height / core.height);
  const tiles = Array.from({ length: columns * rows }, (_, index): Tile => {
    const column = index % columns;
    const row = (index - column) / columns;
    const x = column * core.width;
    const y = row * core.height;
    return {
      index,
      column,
      row,
      core: { x, y, width: Math.min(core.width, width - x), height: Math.min(core.height, height - y) },
      padded: { x: x - halo, y: y - halo, width: core.width + 2 * halo, height: core.height + 2 * halo },
    };
  });
  return { width, height, core, halo, columns, rows, tiles };
}

/** Cores are a multiple of this, so that few session shapes exist and rows stay aligned. */
const STEP = 4;

/**
 * The core that covers the picture with the same number of tiles as `largest` would, and the least beyond its edges.
 * @param parts into how many equal parts, one above the other, the core is to be cut
 */
export function fitCore(picture: Size, largest: Size, parts = 1): Size {
  const fitted = (length: number, limit: number, step: number) =>
    Math.min(limit, Math.ceil(length / Math.ceil(length / limit) / step) * step);
  return {
    width: fitted(picture.width, largest.width, STEP),
    height: fitted(picture.height, largest.height, STEP * parts),
  };
}
