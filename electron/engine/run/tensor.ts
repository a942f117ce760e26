import { createRaster, type PixelSource, type Raster, type Region } from '../photo/raster.ts';

/** The pixel that stands for `position` when a line of `length` pixels is continued by mirroring (edge not repeated). */
export function reflect(position: number, length: number): number {
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const inside = ((position % period) + period) % period;
  return inside < length ? inside : period - inside;
}

/**
 * The pixels of a region that may leave the picture, which is reflected there; the result has the region's size and
 * the source's channels and depth. Only the part of the picture that is needed is read.
 */
export function paddedTile(source: PixelSource, padded: Region): Raster {
  const columns = reflected(padded.x, padded.width, source.width);
  const rows = reflected(padded.y, padded.height, source.height);
  const inside = source.read({ x: columns.from, y: rows.from, width: columns.count, height: rows.count });
  if (inside.width === padded.width && inside.height === padded.height && !columns.leaves && !rows.leaves)
    return inside;
  const { channels } = source;
  const result = createRaster(padded.width, padded.height, channels, source.depth);
  const widths = padded.width * channels;
  const placed = new Map<number, number>();
  for (const [y, sourceRow] of rows.index.entries()) {
    const at = y * widths;
    const earlier = placed.get(sourceRow);
    // Reflected rows repeat earlier ones: copied whole.
    if (earlier !== undefined) result.data.copyWithin(at, earlier, earlier + widths);
    else {
      const row = sourceRow * inside.width;
      for (const [x, sourceColumn] of columns.index.entries())
        for (let c = 0; c < channels; c++)
          result.data[at + x * channels + c] = inside.data[(row + sourceColumn) * channels + c]!;
      placed.set(sourceRow, at);
    }
  }
  return result;
}

/** Along one axis: which picture pixels are needed, and for each wanted position its place among them. */
function reflected(start: number, count: number, length: number) {
  const index = new Int32Array(count);
  let low = length;
  let high = -1;
  for (let i = 0; i < count; i++) {
    const at = reflect(start + i, length);
    index[i] = at;
    if (at < low) low = at;
    if (at > high) high = at;
  }
  return {
    from: low,
    count: high - low + 1,
    index: index.map((at) => at - low),
    leaves: start < 0 || start + count > length,
  };
}
