import { flatAlpha, settleAlpha } from '../photo/alpha.ts';
import { alphaView, collapseGrey, colourView, joinAlpha } from '../photo/channel-views.ts';
import { createRaster, type Depth, type PixelSource, type Raster, type Region } from '../photo/raster.ts';
import type { NetworkRunner } from './network-runner.ts';

/** The sample depth a run works in: 16 bits as soon as the source has them or the result wants them. */
export function runDepth(source: Depth, result: Depth): Depth {
  return source === 16 || result === 16 ? 16 : 8;
}

/**
 * The region `core` (source px, inside the picture) four times larger, with the channels of the source: what the viewer
 * shows and what the export writes. Grey goes through the network as three equal channels; alpha goes through it by
 * itself as grey, except where it is flat.
 * @param depth the runner's depth: 8 for a `u8` runner, 16 for `f32`
 */
export async function enlargeRegion(
  source: PixelSource,
  core: Region,
  runner: NetworkRunner,
  depth: Depth,
): Promise<Raster> {
  const large = await runner.enlarge(colourView(source, depth), core);
  const colour = source.channels <= 2 ? collapseGrey(large) : large;
  if (source.channels === 1 || source.channels === 3) return colour;
  return joinAlpha(colour, await enlargeAlpha(alphaView(source, depth), core, runner));
}

async function enlargeAlpha(alpha: PixelSource, core: Region, runner: NetworkRunner): Promise<Raster> {
  const flat = flatAlpha(alpha, core);
  if (flat !== undefined) {
    const same = createRaster(core.width * 4, core.height * 4, 1, alpha.depth);
    same.data.fill(flat);
    return same;
  }
  const large = collapseGrey(await runner.enlarge(alpha, core));
  settleAlpha(alpha, core, large);
  return large;
}
