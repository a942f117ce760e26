import { describe, expect, test } from 'vitest';
import { enhancedLevel, sourceLevel, tilesIn } from '../../renderer/viewer/tile-grid.ts';

const grid = { width: 1000, height: 700, edge: 128 };

describe('the tiles of a view', () => {
  test('cover it, the one nearest its centre first', () => {
    const view = { x: 300, y: 200, width: 300, height: 200 };
    const tiles = tilesIn(grid, view);
    expect(tiles[0]).toMatchObject({ column: 3, row: 2 });
    expect(tiles).toHaveLength(3 * 3);
    const far = tiles.map(({ region }) => Math.hypot(region.x + 64 - 450, region.y + 64 - 300));
    expect(far).toEqual(far.toSorted((a, b) => a - b));
  });

  test('are cut at the edge of the photo, and none lies outside', () => {
    const tiles = tilesIn(grid, { x: 900, y: 650, width: 500, height: 500 });
    expect(tiles.map(({ region }) => region)).toEqual([{ x: 896, y: 640, width: 104, height: 60 }]);
    expect(tilesIn(grid, { x: 5, y: 5, width: 0, height: 10 })).toEqual([]);
  });

  test('the level is the smallest that is sharp enough', () => {
    expect([1, 0.67, 0.5, 0.33, 0.25].map(enhancedLevel)).toEqual([0, 0, 1, 1, 2]);
    expect([1, 0.25, 0.2, 0.125, 0.1, 0.0625].map((zoom) => sourceLevel(zoom, 9))).toEqual([0, 0, 0, 1, 1, 2]);
    expect(sourceLevel(0.001, 3)).toBe(2);
  });
});
