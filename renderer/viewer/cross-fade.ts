/** One layer of a tile while the slider moves: the bitmap made at `blend`, drawn with `alpha`. */
export interface FadeLayer {
  readonly blend: number;
  readonly alpha: number;
}

/**
 * How to show `wanted` (0…100) from the values already made: exact where it is made; else the nearest below, and the
 * nearest above faded over it; with only one side made, that one. Fading pictures is not the network at that blend
 * (weights, not pixels, are mixed), so the caller marks it approximate.
 */
export function crossFade(made: Iterable<number>, wanted: number): FadeLayer[] {
  let below = Number.NEGATIVE_INFINITY;
  let above = Number.POSITIVE_INFINITY;
  for (const value of made) {
    if (value <= wanted && value > below) below = value;
    if (value >= wanted && value < above) above = value;
  }
  if (below === wanted) return [{ blend: wanted, alpha: 1 }];
  const hasBelow = Number.isFinite(below);
  const hasAbove = Number.isFinite(above);
  if (hasBelow && hasAbove)
    return [
      { blend: below, alpha: 1 },
      { blend: above, alpha: (wanted - below) / (above - below) },
    ];
  if (hasBelow) return [{ blend: below, alpha: 1 }];
  if (hasAbove) return [{ blend: above, alpha: 1 }];
  return [];
}

/** Whether those layers are the blend itself. */
export const isExact = (layers: readonly FadeLayer[], wanted: number): boolean =>
  layers.length === 1 && layers[0]!.blend === wanted;
