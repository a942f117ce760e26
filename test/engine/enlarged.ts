import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Raster } from '../../electron/engine/photo/raster.ts';
import type { NetworkSession } from '../../electron/engine/run/session.ts';
import { paddedTile } from '../../electron/engine/run/tensor.ts';
import { planTiles } from '../../electron/engine/run/tile-plan.ts';
import { readPicture } from '../../scripts/train/picture-file.ts';
import { psnr } from '../../scripts/train/psnr.ts';
import { sourceOf } from './raster-source.ts';

/** An 8-bit RGB picture four times larger, tile by tile of the session's size. */
export async function enlarge(session: NetworkSession, picture: Raster): Promise<Raster> {
  const { width, height } = picture;
  const result = { width: 4 * width, height: 4 * height, channels: 3, depth: 8 } as const;
  const data = new Uint8Array(result.width * result.height * 3);
  for (const { core, padded } of planTiles(width, height, session.tile, session.halo).tiles) {
    const tile = await session.enhance(paddedTile(sourceOf(picture), padded));
    for (let y = 0; y < 4 * core.height; y++) {
      const row = tile.data.subarray(y * tile.width * 3, (y * tile.width + 4 * core.width) * 3);
      data.set(row, ((4 * core.y + y) * result.width + 4 * core.x) * 3);
    }
  }
  return { ...result, data };
}

/** Mean PSNR (dB) over the pairs of a folder (LR/ and HR/) that `other` has less than `session`. */
export async function psnrLost(session: NetworkSession, other: NetworkSession, folder: string): Promise<number> {
  const names = readdirSync(join(folder, 'LR'));
  let lost = 0;
  for (const name of names) {
    const low = await readPicture(join(folder, 'LR', name));
    const high = await readPicture(join(folder, 'HR', name));
    const raster: Raster = { width: low.width, height: low.height, channels: 3, depth: 8, data: low.pixels };
    const figures: number[] = [];
    for (const each of [session, other]) {
      const { width, height, data } = await enlarge(each, raster);
      figures.push(psnr({ width, height, pixels: data as Uint8Array }, high));
    }
    lost += (figures[0]! - figures[1]!) / names.length;
  }
  return lost;
}
