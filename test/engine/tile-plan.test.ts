import { describe, expect, test } from 'vitest';
import { fitCore, planTiles } from '../../electron/engine/run/tile-plan.ts';

describe.each([
  [1, 1],
  [3, 2000],
  [255, 257],
  [256, 256],
  [1000, 700],
])('a %i×%i picture', (width, height) => {
  const plan = planTiles(width, height, { width: 256, height: 128 }, 12);

  test('every pixel is in one core', () => {
    const seen = new Uint8Array(width * height);
    for (const { core } of plan.tiles)
      for (let y = core.y; y < core.y + core.height; y++)
        for (let x = core.x; x < core.x + core.width; x++) seen[y * width + x]! += 1;
    expect(seen.every((count) => count === 1)).toBe(true);
  });

  test('padded regions have one size and the core at the halo', () => {
    for (const { core, padded } of plan.tiles)
      expect(padded).toEqual({ x: core.x - 12, y: core.y - 12, width: 280, height: 152 });
  });

  test('tiles are numbered row after row', () => {
    for (const [i, { index, column, row }] of plan.tiles.entries()) {
      expect(index).toBe(i);
      expect(row * plan.columns + column).toBe(i);
    }
  });
});

test('sizes that make no sense are refused', () => {
  expect(() => planTiles(0, 5, { width: 8, height: 8 }, 0)).toThrow('positive whole size but received 0');
  expect(() => planTiles(5, 5, { width: 8.5, height: 8 }, 0)).toThrow('8.5');
  expect(() => planTiles(5, 5, { width: 8, height: 8 }, -1)).toThrow('halo');
});

test.each([
  [
    { width: 4000, height: 3000 },
    { width: 252, height: 252 },
  ],
  [
    { width: 1, height: 1 },
    { width: 4, height: 4 },
  ],
  [
    { width: 256, height: 257 },
    { width: 256, height: 132 },
  ],
  [
    { width: 3, height: 2000 },
    { width: 4, height: 252 },
  ],
])('%o gets cores that fit', (picture, core) => expect(fitCore(picture, { width: 256, height: 256 })).toEqual(core));

test('a fitted core never needs more tiles than the largest', () => {
  const largest = { width: 256, height: 256 };
  for (let width = 1; width < 1200; width += 7) {
    const core = fitCore({ width, height: width }, largest);
    expect(core.width).toBeLessThanOrEqual(256);
    expect(Math.ceil(width / core.width)).toBeLessThanOrEqual(Math.ceil(width / 256));
  }
});
