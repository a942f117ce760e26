import { describe, expect, test } from 'vitest';
import { type Channels, createRaster, type Depth, type PixelSource } from '../../electron/engine/photo/raster.ts';
import { mirror, paddedTile } from '../../electron/engine/run/tensor.ts';

/** A picture whose samples say where they are. */
function picture(width: number, height: number, channels: Channels = 3, depth: Depth = 8): PixelSource {
  return {
    ...{ width, height, channels, depth },
    read(region) {
      const { x, y } = region;
      if (x < 0 || y < 0 || x + region.width > width || y + region.height > height) throw new RangeError('outside');
      const raster = createRaster(region.width, region.height, channels, depth);
      for (let i = 0; i < raster.data.length; i++) {
        const at = Math.floor(i / channels);
        raster.data[i] = sample(x + (at % region.width), y + Math.floor(at / region.width), i % channels);
      }
      return raster;
    },
    close: async () => {},
  };
}

const sample = (x: number, y: number, c: number) => (x * 7 + y * 13 + c * 101) & 255;

describe.each([
  [1, 1],
  [2, 1],
  [5, 3],
  [40, 30],
])('a %i×%i picture', (width, height) => {
  test.each([
    { x: -12, y: -12, width: 40, height: 36 },
    { x: width - 1, y: height - 1, width: 30, height: 30 },
    { x: 0, y: 0, width, height },
    { x: -100, y: -3, width: 20, height: 200 },
  ])('is mirrored around %o', (region) => {
    for (const channels of [1, 3, 4] as const) {
      const { data, ...shape } = paddedTile(picture(width, height, channels), region);
      expect(shape).toEqual({ width: region.width, height: region.height, channels, depth: 8 });
      for (let i = 0; i < data.length; i++) {
        const at = Math.floor(i / channels);
        const x = mirror(region.x + (at % region.width), width);
        const y = mirror(region.y + Math.floor(at / region.width), height);
        if (data[i] !== sample(x, y, i % channels)) expect.fail(`sample ${i} is ${data[i]}`);
      }
    }
  });
});

test('the edge itself is repeated', () => {
  expect([-4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6].map((i) => mirror(i, 3))).toEqual([2, 2, 1, 0, 0, 1, 2, 2, 1, 0, 0]);
  expect([-5, 0, 9].map((i) => mirror(i, 1))).toEqual([0, 0, 0]);
});

test('sixteen bits stay sixteen', () => {
  const { data } = paddedTile(picture(8, 8, 3, 16), { x: -2, y: -2, width: 12, height: 12 });
  expect(data).toBeInstanceOf(Uint16Array);
});
