import { describe, expect, test } from 'vitest';
import type { OpenedPhoto } from '../../electron/contract.ts';
import { type PaneRequest, paneSprites } from '../../renderer/viewer/pane-sprites.ts';
import type { TileAddress, TileStore } from '../../renderer/viewer/tile-store.ts';

/** 256×128: two tiles beside each other. */
const photo: OpenedPhoto = {
  ...{ id: 'p', width: 256, height: 128, notes: [] },
  tiles: { edge: 128, columns: 2, rows: 1 },
  source: { edge: 256, levels: [{ level: 2, width: 256, height: 128 }] },
};

/** A store that has the tiles for which `has` says so, all of them long ago. */
function storeOf(has: (tile: TileAddress) => boolean): TileStore {
  const image = { width: 512, height: 512 } as ImageBitmap;
  return {
    bitmap: (tile: TileAddress) => (has(tile) ? image : undefined),
    arrivedAt: () => 0,
    blendsAt: (_photo: string, level: number, column: number, row: number) =>
      [0, 100].filter((blend) => has({ kind: 'enhanced', photo: 'p', level, column, row, blend })),
  } as unknown as TileStore;
}

const painted = (has: (tile: TileAddress) => boolean, more: Partial<PaneRequest> = {}) =>
  paneSprites({
    ...{ photo, side: 'blend', blend: 0, pane: { width: 1024, height: 512 }, preview: undefined, squarePixels: false },
    view: { center: { x: 128, y: 64 }, zoom: 1 },
    store: storeOf(has),
    ...{ now: 1000, fadeMs: 120, ...more },
  });

describe('the layers of a pane', () => {
  test('the source is not painted beneath a full set of tiles', () => {
    const { sprites, done, total } = painted(() => true);
    expect(sprites).toHaveLength(2);
    expect({ done, total }).toEqual({ done: 2, total: 2 });
  });

  test('while the slider moves: both ends of each tile, nothing below', () => {
    const { sprites, isApproximate } = painted(() => true, { blend: 25 });
    expect(sprites.map(({ alpha }) => alpha)).toEqual([1, 0.25, 1, 0.25]);
    expect(isApproximate).toBe(true);
  });

  test('where a tile is missing the source is there, whole and first', () => {
    const { sprites } = painted((tile) => tile.kind === 'source' || tile.column === 0);
    expect(sprites[0]!.region.width).toBe(256);
    expect(sprites).toHaveLength(2);
  });

  test('a tile that fades in stands on bicubic, or on the source where that is missing too', () => {
    const young = { now: 60 };
    expect(painted(() => true, young).sprites.map(({ alpha }) => alpha)).toEqual([1, 0.5, 1, 0.5]);
    const without = painted((tile) => tile.kind !== 'bicubic', young);
    expect(without.sprites.map(({ alpha }) => alpha)).toEqual([1, 0.5, 0.5]);
  });
});
