import { type CheckedAddress, parsePixelsUrl } from '../contract.ts';
import { toPlainError } from '../engine/errors.ts';
import type { Raster } from '../engine/photo/raster.ts';
import { bicubic } from './bicubic.ts';
import { inventedDetail } from './invented.ts';
import { type Opened, type OpenedPhotos, VIEW_TILE } from './opened-photos.ts';
import type { PhotoList } from './photo-list.ts';
import type { Previews } from './previews.ts';
import { halve, toEightBit } from './pyramid.ts';
import type { TileStore } from './tile-store.ts';
import { toViewPixels } from './view-colour.ts';
import { tileRegion } from './view-tiles.ts';
import type { Viewer } from './viewer.ts';

/** Edge of the source pyramid's tiles, px of their level. */
export const SOURCE_TILE = 512;

export interface PixelRoom {
  readonly photos: PhotoList;
  readonly opened: OpenedPhotos;
  readonly previews: Previews;
  readonly store: TileStore;
  readonly viewer: Viewer;
}

/** Answers `GET /pixels/…` (see `PixelAddress`). Never waits for the network: what is not made yet is 404. */
export async function answerPixels(room: PixelRoom, request: Request): Promise<Response> {
  if (request.method !== 'GET') return new Response(null, { status: 405 });
  const address = parsePixelsUrl(new URL(request.url));
  if (!address) return new Response(null, { status: 400 });
  if (!room.photos.has(address.photo)) return new Response(null, { status: 404 });
  try {
    return (await draw(room, address)) ?? new Response(null, { status: 404, headers: { 'cache-control': 'no-store' } });
  } catch (error) {
    const { path: _, ...plain } = toPlainError(error);
    return Response.json(plain, { status: 500, headers: { 'cache-control': 'no-store' } });
  }
}

async function draw(room: PixelRoom, address: CheckedAddress): Promise<Response | undefined> {
  const { path } = room.photos.get(address.photo);
  if ('edge' in address) {
    const { contentType, bytes } = await room.previews.get(path, address.edge);
    return new Response(body(bytes), { headers: { 'content-type': contentType, 'cache-control': 'no-store' } });
  }
  // Only a photo that is being shown is decoded; a late request for one put away finds nothing.
  const opened = await room.opened.peek(address.photo);
  if (!opened) return undefined;
  if (address.kind === 'source') return rgba(await sourceTile(opened, address), opened, address.space);
  if (address.column >= opened.columns || address.row >= opened.rows) return undefined;
  const region = tileRegion(opened.pixels, VIEW_TILE, address.column, address.row);
  if (address.kind === 'bicubic')
    return rgba(await bicubic(opened.pixels, region, address.level === 0 ? 4 : 2), opened, address.space);
  const shown = await room.store.get(room.viewer.key(opened, address));
  if (!shown) return undefined;
  if (address.kind === 'enhanced') {
    let raster = toEightBit(shown);
    for (let level = 0; level < address.level; level++) raster = halve(raster);
    return rgba(raster, opened, address.space);
  }
  const faithful = await room.store.get(room.viewer.key(opened, { ...address, blend: 0 }));
  if (!faithful) return undefined;
  const cells = inventedDetail(shown, faithful, opened.pixels.read(region));
  return raw(cells, { 'x-width': String(region.width), 'x-height': String(region.height) });
}

async function sourceTile(
  { pyramid }: Opened,
  { level, column, row }: { level: number; column: number; row: number },
): Promise<Raster | undefined> {
  const size = pyramid.levels.find((known) => known.level === level);
  if (!size || column * SOURCE_TILE >= size.width || row * SOURCE_TILE >= size.height) return undefined;
  return pyramid.read(level, tileRegion(size, SOURCE_TILE, column, row));
}

async function rgba(
  raster: Raster | undefined,
  { colour }: Opened,
  space: 'srgb' | 'display-p3',
): Promise<Response | undefined> {
  if (!raster) return undefined;
  const pixels = await toViewPixels(raster, colour, space);
  return raw(pixels.data, {
    'x-width': String(pixels.width),
    'x-height': String(pixels.height),
    'x-space': pixels.space,
  });
}

function raw(bytes: Uint8Array, headers: Record<string, string>): Response {
  return new Response(body(bytes), {
    headers: { 'content-type': 'application/octet-stream', 'cache-control': 'no-store', ...headers },
  });
}

/** A view of exactly these bytes, in the type `Response` asks for. */
function body(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes as Uint8Array<ArrayBuffer>;
}
