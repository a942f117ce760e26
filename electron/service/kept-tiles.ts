import type { TileCache } from '../engine/enhance-options.ts';
import type { Depth, Raster, Region } from '../engine/photo/raster.ts';
import { VIEW_TILE } from './opened-photos.ts';
import type { TileKey, TileStore } from './tile-store.ts';
import { tileRegion } from './view-tiles.ts';

/**
 * The viewer's kept tiles as an export takes them: on the viewer's grid, so that the file holds exactly the pixels that
 * were shown, and what an export makes the viewer need not make again.
 * @param models hash of the models, device and precision, without the depth; asked for every tile, since another device may
 *   be chosen in the middle of a picture
 * @param picture the source's size: a region of another grid must neither be taken nor kept
 */
export function keptTiles(
  store: TileStore,
  source: string,
  models: () => string,
  picture: { readonly width: number; readonly height: number },
): TileCache {
  const keyOf = (core: Region, blend: number, depth: Depth): TileKey | undefined => {
    const [column, row] = [Math.floor(core.x / VIEW_TILE), Math.floor(core.y / VIEW_TILE)];
    const own = tileRegion(picture, VIEW_TILE, column, row);
    if (own.x !== core.x || own.y !== core.y || own.width !== core.width || own.height !== core.height)
      return undefined;
    return { source, models: `${models()}-${depth}`, blend: Math.round(blend * 100), column, row };
  };
  return {
    async get({ core, blend, depth }): Promise<Raster | undefined> {
      const key = keyOf(core, blend, depth);
      return key && store.get(key);
    },
    put({ core, blend, depth }, raster) {
      const key = keyOf(core, blend, depth);
      if (key) store.put(key, raster);
    },
  };
}
