import { describe, expect, test } from 'vitest';
import type { OpenedPhoto } from '../../electron/contract.ts';
import { type PaneAnswer, type PaneRequest, paneSprites } from '../../renderer/viewer/pane-sprites.ts';
import type { TileAddress, TileStore } from '../../renderer/viewer/tile-store.ts';

/** 256×128: two tiles beside each other. */
const photo: OpenedPhoto = {
  ...{ id: 'p', width: 256, height: 128, notes: [] },
  tiles: { edge: 128, columns: 2, rows: 1 },
  source: { edge: 256, levels: [{ level: 2, width: 256, height: 128 }] },
};

/** A store that has the tiles for which `has` says so, all of them long ago unless told. */
function storeOf(has: (tile: TileAddress) => boolean, arrivedAt: (tile: TileAddress) => number = () => 0): TileStore {
  return {
    bitmap: (tile: TileAddress) => (has(tile) ? { width: 512, height: 512, tile } : undefined),
    arrivedAt,
    blendsAt: (_photo: string, level: number, column: number, row: number) =>
      [0, 60, 100].filter((blend) => has({ kind: 'enhanced', photo: 'p', level, column, row, blend })),
  } as unknown as TileStore;
}

/** What a sprite shows and how strongly: 'bicubic 1', 'blend 60 at 0.5'. */
const drawn = ({ sprites }: PaneAnswer) =>
  sprites.map(({ image, alpha }) => {
    const { tile } = image as unknown as { tile: TileAddress };
    return `${tile.kind === 'enhanced' ? tile.blend : tile.kind} ${alpha}`;
  });

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
    const ends = (tile: TileAddress) => tile.kind !== 'enhanced' || tile.blend !== 60;
    const { sprites, isApproximate } = painted(ends, { blend: 25 });
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

  test('with no time to fade in a tile is there at once, and nothing asks for another frame', () => {
    const { sprites, isFading } = painted(() => true, { now: 0, fadeMs: 0 });
    expect(sprites.map(({ alpha }) => alpha)).toEqual([1, 1]);
    expect(isFading).toBe(false);
  });

  test('the exact blend fades in over the ends that stood for it, not over bicubic', () => {
    const store = storeOf(
      () => true,
      (tile) => (tile.kind === 'enhanced' && tile.blend === 60 ? 970 : 0),
    );
    const both = ['0 1', '100 0.6', '60 0.25'];
    expect(drawn(painted(() => true, { blend: 60, store }))).toEqual([...both, ...both]);
    const missing = storeOf(
      (tile) => tile.kind !== 'enhanced' || tile.blend > 0,
      (tile) => (tile.kind === 'enhanced' && tile.blend === 60 ? 970 : 0),
    );
    const one = ['100 1', '60 0.25'];
    expect(drawn(painted(() => true, { blend: 60, store: missing }))).toEqual([...one, ...one]);
  });

  test('an end that comes after the exact blend does not take the place of bicubic beneath it', () => {
    const store = storeOf(
      () => true,
      (tile) => (tile.kind === 'enhanced' ? (tile.blend === 60 ? 970 : 980) : 0),
    );
    const each = ['bicubic 1', '60 0.25'];
    expect(drawn(painted(() => true, { blend: 60, store }))).toEqual([...each, ...each]);
  });
});
