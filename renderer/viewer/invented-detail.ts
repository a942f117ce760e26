import type { Region } from '../../electron/contract.ts';

/** From this mean difference in luma (of 255) texture counts as invented. */
export const NOTICEABLE = 4;
/** From this one it is marked solid. */
export const STRONG = 12;

/**
 * What the service says of a tile: two bytes a source pixel. The first is |shown − Faithful| in luma averaged over the
 * 4×4 result pixels, the second how far the result, averaged back over 4×4, is from the source.
 */
export interface Invented {
  readonly region: Region;
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array;
}

/** The overlay's pixels, one for each source pixel: clear, hatched (diagonal) or solid in the given colour. RGBA. */
export function overlayPixels(
  invented: Invented,
  color: readonly [number, number, number],
): Uint8ClampedArray<ArrayBuffer> {
  const { width, height, bytes, region } = invented;
  const pixels = new Uint8ClampedArray(width * height * 4);
  for (let index = 0; index < width * height; index++) {
    const value = bytes[index * 2]!;
    if (value < NOTICEABLE) continue;
    const column = index % width;
    const row = (index - column) / width;
    // Counted from the photo's corner, so the hatching runs on from tile to tile.
    const onLine = (region.x + column + region.y + row) % 3 === 0;
    pixels.set([color[0], color[1], color[2], value >= STRONG ? 210 : onLine ? 200 : 36], index * 4);
  }
  return pixels;
}

export interface InventedShare {
  /** Share of the looked-at pixels that differ by `NOTICEABLE` or more, 0…1. */
  readonly share: number;
  /** Mean distance from the source when shrunk again, levels of 255. */
  readonly disagreement: number;
}

/** Sums tiles up over the part in view (source px); undefined when none of it is known. */
export function inventedShare(tiles: Iterable<Invented>, view: Region): InventedShare | undefined {
  let count = 0;
  let differing = 0;
  let distance = 0;
  for (const { region, width, height, bytes } of tiles) {
    const left = Math.max(0, Math.floor(view.x) - region.x);
    const top = Math.max(0, Math.floor(view.y) - region.y);
    const right = Math.min(width, Math.ceil(view.x + view.width) - region.x);
    const bottom = Math.min(height, Math.ceil(view.y + view.height) - region.y);
    for (let y = top; y < bottom; y++)
      for (let x = left, at = (y * width + left) * 2; x < right; x++, at += 2) {
        count++;
        if (bytes[at]! >= NOTICEABLE) differing++;
        distance += bytes[at + 1]!;
      }
  }
  return count === 0 ? undefined : { share: differing / count, disagreement: distance / count };
}
