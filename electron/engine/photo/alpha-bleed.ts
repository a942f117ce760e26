import type { PixelSource, Raster, Region } from './raster.ts';

/**
 * How far colour is spread into wholly transparent parts, in source px. More than the network sees from any pixel that
 * counts (its measured reach is under 16), so what lies beyond never shows.
 */
const REACH = 24;

/**
 * The same picture with the colour of visible pixels carried on under wholly transparent ones. What a file holds there
 * is arbitrary (black, noise); the network would mix it into the edges, as a dark fringe. Alpha stays as it is.
 * A pixel's value depends on its surroundings only, never on the region asked for.
 */
export function withBledColour(source: PixelSource): PixelSource {
  if (source.channels !== 2 && source.channels !== 4) return source;
  return {
    width: source.width,
    height: source.height,
    channels: source.channels,
    depth: source.depth,
    close: () => source.close(),
    read(region) {
      const raster = source.read(region);
      if (!hasTransparent(raster)) return raster;
      const around = grown(region, source);
      bleed(source.read(around), around, raster, region);
      return raster;
    },
  };
}

function hasTransparent({ data, channels }: Raster): boolean {
  for (let i = channels - 1; i < data.length; i += channels) if (data[i] === 0) return true;
  return false;
}

function grown({ x, y, width, height }: Region, within: { width: number; height: number }): Region {
  const left = Math.max(0, x - REACH);
  const top = Math.max(0, y - REACH);
  return {
    x: left,
    y: top,
    width: Math.min(within.width, x + width + REACH) - left,
    height: Math.min(within.height, y + height + REACH) - top,
  };
}

/** Fills `wide` ring by ring from its visible pixels, then copies the colours of its `region` into `raster`. */
function bleed(wide: Raster, around: Region, raster: Raster, region: Region): void {
  const { width, height, channels, data } = wide;
  const colours = channels - 1;
  // Ring in which a pixel got its colour: 0 visible, 1…REACH filled, 255 not yet.
  const ring = new Uint8Array(width * height).fill(255);
  let front: number[] = [];
  for (let pixel = 0; pixel < ring.length; pixel++) {
    if (data[pixel * channels + colours] !== 0) ring[pixel] = 0;
    else for (let c = 0; c < colours; c++) data[pixel * channels + c] = 0;
  }
  for (let pixel = 0; pixel < ring.length; pixel++) if (ring[pixel] === 0) reach(pixel, 1);
  for (let step = 1; step <= REACH && front.length > 0; step++) {
    const filled = front;
    front = [];
    for (const pixel of filled) fill(pixel, step);
    for (const pixel of filled) if (step < REACH) reach(pixel, step + 1);
  }
  const copy = (region.y - around.y) * width + region.x - around.x;
  for (let y = 0; y < region.height; y++) {
    for (let x = 0; x < region.width; x++) {
      const to = (y * region.width + x) * channels;
      const from = (copy + y * width + x) * channels;
      for (let c = 0; c < colours; c++) raster.data[to + c] = data[from + c]!;
    }
  }

  /** Puts the unfilled neighbours of a pixel into the next ring. */
  function reach(pixel: number, step: number): void {
    const x = pixel % width;
    const y = (pixel - x) / width;
    for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++) {
      for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++) {
        const next = v * width + u;
        if (ring[next] !== 255) continue;
        ring[next] = step;
        front.push(next);
      }
    }
  }

  /** The mean of the neighbours filled in earlier rings. */
  function fill(pixel: number, step: number): void {
    const x = pixel % width;
    const y = (pixel - x) / width;
    let count = 0;
    const sums = [0, 0, 0];
    for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++) {
      for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++) {
        const near = v * width + u;
        if (ring[near]! >= step) continue;
        count++;
        for (let c = 0; c < colours; c++) sums[c]! += data[near * channels + c]!;
      }
    }
    for (let c = 0; c < colours; c++) data[pixel * channels + c] = Math.round(sums[c]! / count);
  }
}
