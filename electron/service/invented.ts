import type { Raster } from '../engine/photo/raster.ts';

/**
 * How much of a tile is invented, two bytes a source pixel: |shown − Faithful| in luma (0…255) averaged over the 4×4 result
 * pixels; then |shown averaged back over 4×4 − source| in luma. Both rounded.
 * @param shown the tile at its blend, four times `source` in each direction, 8 or 16 bits
 */
export function inventedDetail(shown: Raster, faithful: Raster, source: Raster): Uint8Array {
  const { width, height } = source;
  const out = new Uint8Array(width * height * 2);
  const lumaShown = luma(shown);
  const lumaFaithful = luma(faithful);
  const lumaSource = luma(source);
  const stride = shown.width;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      let difference = 0;
      let sum = 0;
      for (let dy = 0; dy < 4; dy++)
        for (let dx = 0; dx < 4; dx++) {
          const at = (4 * y + dy) * stride + 4 * x + dx;
          difference += Math.abs(lumaShown[at]! - lumaFaithful[at]!);
          sum += lumaShown[at]!;
        }
      const cell = y * width + x;
      out[2 * cell] = Math.round(difference / 16);
      out[2 * cell + 1] = Math.round(Math.abs(sum / 16 - lumaSource[cell]!));
    }
  return out;
}

/** Y' of BT.601, full range, in 0…255. */
function luma({ width, height, channels, depth, data }: Raster): Float32Array {
  const out = new Float32Array(width * height);
  const scale = depth === 8 ? 1 : 1 / 257;
  const colour = channels >= 3;
  for (let i = 0, from = 0; i < out.length; i++, from += channels)
    out[i] = scale * (colour ? 0.299 * data[from]! + 0.587 * data[from + 1]! + 0.114 * data[from + 2]! : data[from]!);
  return out;
}
