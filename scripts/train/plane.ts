import type { Picture } from './bicubic.ts';

/** One channel in memory: row-major samples, nominally 0…255. */
export interface Plane {
  readonly width: number;
  readonly height: number;
  readonly values: Float64Array;
}

/**
 * Y of BT.601 in studio range (16…235), as MATLAB's `rgb2ycbcr` and with it the super-resolution literature has it.
 * `rounded` gives whole levels, as `rgb2ycbcr` does for a picture of bytes.
 */
export function luma(picture: Picture, rounded = false): Plane {
  const { width, height, pixels } = picture;
  const values = new Float64Array(width * height);
  for (let i = 0, p = 0; i < values.length; i++, p += 3) {
    const y = 16 + (65.481 * pixels[p]! + 128.553 * pixels[p + 1]! + 24.966 * pixels[p + 2]!) / 255;
    values[i] = rounded ? Math.round(y) : y;
  }
  return { width, height, values };
}

/** The top left part of a plane. */
export function cropPlane(plane: Plane, width: number, height: number, left = 0, top = 0): Plane {
  const values = new Float64Array(width * height);
  for (let y = 0; y < height; y++) {
    const from = (y + top) * plane.width + left;
    values.set(plane.values.subarray(from, from + width), y * width);
  }
  return { width, height, values };
}

/** Without its border of `border` pixels: the networks and bicubic differ there by their edge rule, not by quality. */
export function shave(plane: Plane, border: number): Plane {
  return cropPlane(plane, plane.width - 2 * border, plane.height - 2 * border, border, border);
}
