import { closeSync, openSync, readSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { type Channels, createRaster, type Depth, type PixelSource, type Raster, type Region } from './raster.ts';
import { readVipsHeader, VIPS_HEADER_BYTES } from './vips-file.ts';

/**
 * A scratch file read a region at a time, turned upright on the way: the file holds the pixels as the camera wrote
 * them, so a rotated photo costs no more memory than another. Deletes the file when closed.
 * @param orientation EXIF orientation 1…8 that the stored pixels still need.
 */
export function openScratch(path: string, orientation = 1): PixelSource {
  const fd = openSync(path, 'r');
  const header = Buffer.alloc(VIPS_HEADER_BYTES);
  readSync(fd, header, 0, VIPS_HEADER_BYTES, 0);
  const shape = readVipsHeader(header);
  if (!shape) {
    closeSync(fd);
    throw new Error(`Not a scratch picture: ${path}`);
  }
  const { channels, depth } = shape;
  const swapped = orientation >= 5;
  let open = true;

  const readStored = (region: Region): Raster => {
    const raster = createRaster(region.width, region.height, channels, depth);
    const bytes = new Uint8Array(raster.data.buffer);
    const pixel = channels * (depth / 8);
    const rowBytes = region.width * pixel;
    const whole = region.width === shape.width;
    const rows = whole ? 1 : region.height;
    const length = whole ? rowBytes * region.height : rowBytes;
    for (let row = 0; row < rows; row++) {
      const position = VIPS_HEADER_BYTES + ((region.y + row) * shape.width + region.x) * pixel;
      readFully(fd, bytes, row * rowBytes, length, position);
    }
    return raster;
  };

  return {
    width: swapped ? shape.height : shape.width,
    height: swapped ? shape.width : shape.height,
    channels,
    depth,
    read(region) {
      if (!open) throw new Error('The picture is closed.');
      checkInside(region, this);
      if (orientation <= 1) return readStored(region);
      return orient(readStored(storedRegion(region, shape.width, shape.height, orientation)), orientation);
    },
    async close() {
      if (!open) return;
      open = false;
      closeSync(fd);
      await rm(path, { force: true });
    },
  };
}

/** A raster already in memory as a source; closing it does nothing. */
export function rasterSource(raster: Raster): PixelSource {
  return {
    width: raster.width,
    height: raster.height,
    channels: raster.channels,
    depth: raster.depth,
    read: (region) => {
      checkInside(region, raster);
      return cropRaster(raster, region);
    },
    close: async () => {},
  };
}

/** A copy of a region of a raster that lies wholly inside it. */
export function cropRaster(raster: Raster, region: Region): Raster {
  const { channels, depth } = raster;
  const out = createRaster(region.width, region.height, channels, depth);
  for (let row = 0; row < region.height; row++) {
    const start = ((region.y + row) * raster.width + region.x) * channels;
    out.data.set(raster.data.subarray(start, start + region.width * channels), row * region.width * channels);
  }
  return out;
}

/** @throws RangeError when a region is empty, broken or reaches outside. */
export function checkInside({ x, y, width, height }: Region, picture: { width: number; height: number }): void {
  const whole = [x, y, width, height].every(Number.isInteger);
  if (!whole || width < 1 || height < 1 || x < 0 || y < 0 || x + width > picture.width || y + height > picture.height) {
    throw new RangeError(
      `Expected a region inside ${picture.width}×${picture.height} but received ${width}×${height} at ${x},${y}`,
    );
  }
}

function readFully(fd: number, into: Uint8Array, offset: number, length: number, position: number): void {
  let done = 0;
  while (done < length) {
    const got = readSync(fd, into, offset + done, length - done, position + done);
    if (got === 0) throw new Error('The scratch file ended early.');
    done += got;
  }
}

/** Where an upright region lies in the stored picture of `width` × `height` (stored). */
function storedRegion(region: Region, width: number, height: number, orientation: number): Region {
  const { x, y, width: w, height: h } = region;
  const left = (size: number, at: number, length: number) => size - at - length;
  switch (orientation) {
    case 2:
      return { x: left(width, x, w), y, width: w, height: h };
    case 3:
      return { x: left(width, x, w), y: left(height, y, h), width: w, height: h };
    case 4:
      return { x, y: left(height, y, h), width: w, height: h };
    case 5:
      return { x: y, y: x, width: h, height: w };
    case 6:
      return { x: y, y: left(height, x, w), width: h, height: w };
    case 7:
      return { x: left(width, y, h), y: left(height, x, w), width: h, height: w };
    case 8:
      return { x: left(width, y, h), y: x, width: h, height: w };
    default:
      return region;
  }
}

/** Turns stored pixels upright, EXIF orientation 2…8 (TIFF 6.0, tag 274: which side of the picture row 0 and column 0 are). */
export function orient(stored: Raster, orientation: number): Raster {
  if (orientation <= 1) return stored;
  const { width: sw, height: sh } = stored;
  const channels: Channels = stored.channels;
  const depth: Depth = stored.depth;
  const swapped = orientation >= 5;
  const out = createRaster(swapped ? sh : sw, swapped ? sw : sh, channels, depth);
  // Stored coordinates of the upright pixel (x, y) are linear in both: start + x·stepX + y·stepY, in samples.
  const flipX = orientation === 2 || orientation === 3 || orientation === 7 || orientation === 8;
  const flipY = orientation === 3 || orientation === 4 || orientation === 6 || orientation === 7;
  const start = ((flipY ? sh - 1 : 0) * sw + (flipX ? sw - 1 : 0)) * channels;
  const column = (flipX ? -1 : 1) * channels;
  const line = (flipY ? -1 : 1) * sw * channels;
  const stepX = swapped ? line : column;
  const stepY = swapped ? column : line;
  let to = 0;
  for (let y = 0; y < out.height; y++) {
    let from = start + y * stepY;
    for (let x = 0; x < out.width; x++, from += stepX) {
      for (let c = 0; c < channels; c++) out.data[to++] = stored.data[from + c]!;
    }
  }
  return out;
}
