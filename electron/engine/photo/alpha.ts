import type { PixelSource, Raster, Region } from './raster.ts';

/** Source pixels round a pixel that must agree before its enlarged block is set flat: what bicubic reaches. */
const REACH = 2;

/** The alpha of a region that is the same everywhere within reach of it, or undefined where it varies. */
export function flatAlpha(alpha: PixelSource, core: Region): number | undefined {
  const near = alpha.read(grown(core, REACH, alpha));
  const first = near.data[0]!;
  for (let i = 0; i < near.data.length; i += 3) if (near.data[i] !== first) return undefined;
  return first;
}

/**
 * Makes the enlarged alpha exact where the source leaves no doubt: a pixel that is wholly opaque (or wholly transparent)
 * together with all its neighbours stays so in its 4×4 block, whatever ripple the network left there. Changes `enlarged`.
 */
export function settleAlpha(alpha: PixelSource, core: Region, enlarged: Raster): void {
  const around = grown(core, REACH, alpha);
  const near = alpha.read(around);
  const full = alpha.depth === 8 ? 255 : 65535;
  for (let y = 0; y < core.height; y++)
    for (let x = 0; x < core.width; x++) {
      const value = agreed(near, core.x + x - around.x, core.y + y - around.y);
      if (value !== 0 && value !== full) continue;
      for (let row = 0; row < 4; row++) {
        const start = (y * 4 + row) * enlarged.width + x * 4;
        enlarged.data.fill(value, start, start + 4);
      }
    }
}

function agreed(near: Raster, x: number, y: number): number | undefined {
  const value = near.data[(y * near.width + x) * 3]!;
  for (let v = Math.max(0, y - REACH); v <= Math.min(near.height - 1, y + REACH); v++)
    for (let u = Math.max(0, x - REACH); u <= Math.min(near.width - 1, x + REACH); u++)
      if (near.data[(v * near.width + u) * 3] !== value) return undefined;
  return value;
}

function grown(region: Region, by: number, within: PixelSource): Region {
  const x = Math.max(0, region.x - by);
  const y = Math.max(0, region.y - by);
  return {
    x,
    y,
    width: Math.min(within.width, region.x + region.width + by) - x,
    height: Math.min(within.height, region.y + region.height + by) - y,
  };
}
