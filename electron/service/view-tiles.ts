import type { Checked, Region } from '../contract.ts';

export interface WantedTile {
  readonly blend: number;
  readonly column: number;
  readonly row: number;
}

export interface TileGrid {
  readonly edge: number;
  readonly columns: number;
  readonly rows: number;
}

/**
 * What a view wants, most urgent first: the loupe; the view from its centre outward, at the blends shown; both ends of the
 * slider there; one ring around it. `shown` counts the first two of the view, which is what the page reports as "12 of 24".
 */
export function wantedTiles(
  view: Checked<'view.set'>,
  grid: TileGrid,
  started: boolean,
): { loupe: WantedTile[]; shown: WantedTile[]; background: WantedTile[] } {
  const loupe = view.loupe ? outward(view.loupe.region, grid, view.loupe.blends) : [];
  const shown = outward(view.region, grid, view.blends);
  if (!started || view.blends.length === 0) return { loupe, shown, background: [] };
  const ends = view.ends ? outward(view.region, grid, [0, 100]) : [];
  const ring = view.ring ? outward(grown(view.region, grid.edge), grid, view.blends.slice(0, 1)) : [];
  return { loupe, shown, background: [...ends, ...ring] };
}

/**
 * The tiles a region touches, nearest to its centre first; all at one blend before the next, because a graphics device
 * holds one network at a time and changing it costs more than a tile.
 */
function outward(region: Region, { edge, columns, rows }: TileGrid, blends: readonly number[]): WantedTile[] {
  const first = (at: number) => Math.max(0, Math.floor(at / edge));
  const last = (at: number, count: number) => Math.min(count - 1, Math.ceil(at / edge) - 1);
  const centreX = region.x + region.width / 2;
  const centreY = region.y + region.height / 2;
  const places: { column: number; row: number; distance: number }[] = [];
  for (let row = first(region.y); row <= last(region.y + region.height, rows); row++)
    for (let column = first(region.x); column <= last(region.x + region.width, columns); column++) {
      const distance = Math.hypot((column + 0.5) * edge - centreX, (row + 0.5) * edge - centreY);
      places.push({ column, row, distance });
    }
  places.sort((a, b) => a.distance - b.distance || a.row - b.row || a.column - b.column);
  return blends.flatMap((blend) => places.map(({ column, row }) => ({ blend, column, row })));
}

function grown({ x, y, width, height }: Region, by: number): Region {
  return { x: x - by, y: y - by, width: width + 2 * by, height: height + 2 * by };
}

/** The source pixels of a tile, inside the picture. */
export function tileRegion(
  picture: { width: number; height: number },
  edge: number,
  column: number,
  row: number,
): Region {
  const x = column * edge;
  const y = row * edge;
  return { x, y, width: Math.min(edge, picture.width - x), height: Math.min(edge, picture.height - y) };
}
