import type { Picture } from './bicubic.ts';

/** A rectangle of a picture, which must lie inside it. */
export function cropPicture(picture: Picture, left: number, top: number, width: number, height: number): Picture {
  if (left < 0 || top < 0 || left + width > picture.width || top + height > picture.height)
    throw new RangeError(
      `Expected a part of ${picture.width} × ${picture.height} but received ${width} × ${height} at ${left}, ${top}.`,
    );
  const pixels = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const from = ((y + top) * picture.width + left) * 3;
    pixels.set(picture.pixels.subarray(from, from + width * 3), y * width * 3);
  }
  return { width, height, pixels };
}
