/** How large the result is to be, from the network's 4×. */
export type Scale = 2 | 3 | 4 | { readonly longEdge: number };

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The result's size for a source of `width` × `height`: the network's 4×, or an exact reduction from it. */
export function outputSize({ width, height }: Size, scale: Scale): Size {
  if (typeof scale === 'number') return { width: width * scale, height: height * scale };
  const factor = Math.min(4, scale.longEdge / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * factor)), height: Math.max(1, Math.round(height * factor)) };
}
