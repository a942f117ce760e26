import type { PixelAddress } from '../../electron/contract.ts';

/**
 * Path and query of a pixel request at the page's own origin. (The contract's own function is not imported: the page
 * takes types from it only, so that no schema library is shipped in it.)
 */
export function pixelsUrl({ kind, ...query }: PixelAddress): string {
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined);
  return `/pixels/${kind}?${pairs.map(([key, value]) => `${key}=${value}`).join('&')}`;
}

export const thumbnailUrl = (photo: string, edge: number): string => pixelsUrl({ kind: 'thumbnail', photo, edge });
