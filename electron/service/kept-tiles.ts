import type { TileCache } from '../engine/enhance-options.ts';
import type { Depth, Raster, Region } from '../engine/raster.ts';
import { VIEW_TILE } from './opened-photos.ts';
import type { TileKey, TileStore } from './tile-store.ts';

/**
 * The viewer's kept tiles as an export takes them: on the viewer's grid, so that the file holds exactly the pixels that
 * were shown, and what an export makes the viewer need not make again.
 * @param models hash of the models and the precision, without the depth
 */
export function keptTiles(store: TileStore, source: string, models: string): TileCache {
  const keyOf = (core: Region, blend: number, depth: Depth): TileKey | undefined => {
    if (core.x % VIEW_TILE !== 0 || core.y % VIEW_TILE !== 0) return undefined;
    if (core.width > VIEW_TILE || core.height > VIEW_TILE) return undefined;
    const [column, row] = [core.x / VIEW_TILE, core.y / VIEW_TILE];
    return { source, models: `${models}-${depth}`, blend: Math.round(blend * 100), column, row };
  };
  return {
    async get({ core, blend, depth }): Promise<Raster | undefined> {
      const key = keyOf(core, blend, depth);
      const kept = key && (await store.get(key));
      // A cut tile at an edge must be this edge's: otherwise it belongs to another grid.
      return kept && kept.width === core.width * 4 && kept.height === core.height * 4 ? kept : undefined;
    },
    put({ core, blend, depth }, raster) {
      const key = keyOf(core, blend, depth);
      if (key) store.put(key, raster);
    },
  };
}
