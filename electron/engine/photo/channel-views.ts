import { createRaster, type Depth, type PixelSource, type Raster, type Region } from './raster.ts';

/**
 * The colour of a photo as the network takes it: three channels at the wanted depth. Grey is replicated, alpha left out,
 * 8 bits spread over 16 by ·257 (so that 255 becomes 65535).
 */
export function colourView(source: PixelSource, depth: Depth): PixelSource {
  if (source.channels === 3 && source.depth === depth) return source;
  return view(source, depth, (raster) => {
    const step = raster.channels;
    const second = step >= 3 ? 1 : 0;
    const third = step >= 3 ? 2 : 0;
    return (from) => [from * step, from * step + second, from * step + third];
  });
}

/** The alpha of a photo as a grey triple, so that the same network enlarges it. */
export function alphaView(source: PixelSource, depth: Depth): PixelSource {
  if (source.channels !== 2 && source.channels !== 4) throw new RangeError('Expected a source with alpha');
  return view(source, depth, (raster) => {
    const step = raster.channels;
    return (from) => [from * step + step - 1, from * step + step - 1, from * step + step - 1];
  });
}

type Pick = (pixel: number) => readonly [number, number, number];

function view(source: PixelSource, depth: Depth, pick: (raster: Raster) => Pick): PixelSource {
  return {
    width: source.width,
    height: source.height,
    channels: 3,
    depth,
    read(region: Region): Raster {
      const raster = source.read(region);
      const triple = createRaster(region.width, region.height, 3, depth);
      const at = pick(raster);
      const spread = depth === raster.depth ? 1 : 257;
      const narrow = depth < raster.depth;
      for (let pixel = 0; pixel < region.width * region.height; pixel++) {
        const from = at(pixel);
        for (let channel = 0; channel < 3; channel++) {
          const value = raster.data[from[channel]!]!;
          triple.data[pixel * 3 + channel] = narrow ? Math.round(value / 257) : value * spread;
        }
      }
      return triple;
    },
    close: async () => {},
  };
}

/** The mean of the three channels: how a replicated grey comes back from the network. */
export function collapseGrey(raster: Raster): Raster {
  const grey = createRaster(raster.width, raster.height, 1, raster.depth);
  for (let pixel = 0; pixel < raster.width * raster.height; pixel++) {
    const from = pixel * 3;
    grey.data[pixel] = Math.round((raster.data[from]! + raster.data[from + 1]! + raster.data[from + 2]!) / 3);
  }
  return grey;
}

/** Colour (1 or 3 channels) and alpha (1 channel) of the same size, interleaved. */
export function joinAlpha(colour: Raster, alpha: Raster): Raster {
  const channels = colour.channels === 1 ? 2 : 4;
  const joined = createRaster(colour.width, colour.height, channels, colour.depth);
  for (let pixel = 0; pixel < colour.width * colour.height; pixel++) {
    for (let channel = 0; channel < colour.channels; channel++)
      joined.data[pixel * channels + channel] = colour.data[pixel * colour.channels + channel]!;
    joined.data[pixel * channels + channels - 1] = alpha.data[pixel]!;
  }
  return joined;
}

/** The same picture in 8 or 16 bits, rounded to the nearest. */
export function atDepth(raster: Raster, depth: Depth): Raster {
  if (raster.depth === depth) return raster;
  const other = createRaster(raster.width, raster.height, raster.channels, depth);
  const { data } = raster;
  if (depth === 8) for (let i = 0; i < data.length; i++) other.data[i] = Math.round(data[i]! / 257);
  else for (let i = 0; i < data.length; i++) other.data[i] = data[i]! * 257;
  return other;
}
