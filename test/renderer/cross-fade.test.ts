import { describe, expect, test } from 'vitest';
import { crossFade, isExact } from '../../renderer/viewer/cross-fade.ts';
import { inventedShare, overlayPixels } from '../../renderer/viewer/invented-detail.ts';

describe('fading while the slider moves', () => {
  test('shows the value itself where it is made', () => {
    const layers = crossFade([0, 50, 100], 50);
    expect(layers).toEqual([{ blend: 50, alpha: 1 }]);
    expect(isExact(layers, 50)).toBe(true);
  });

  test('fades the nearest on both sides', () => {
    expect(crossFade([0, 40, 60, 100], 45)).toEqual([
      { blend: 40, alpha: 1 },
      { blend: 60, alpha: 0.25 },
    ]);
  });

  test('shows the one there is, and says it is not exact', () => {
    expect(crossFade([100], 30)).toEqual([{ blend: 100, alpha: 1 }]);
    expect(isExact(crossFade([100], 30), 30)).toBe(false);
    expect(crossFade([], 30)).toEqual([]);
  });
});

describe('invented detail', () => {
  const tile = (values: readonly number[]) => ({
    region: { x: 0, y: 0, width: 4, height: 1 },
    ...{ width: 4, height: 1, bytes: Uint8Array.from(values.flatMap((value) => [value, 2])) },
  });

  test('is counted from 4 levels on, over what is in view', () => {
    expect(inventedShare([tile([0, 3, 4, 200])], { x: 0, y: 0, width: 4, height: 1 })).toEqual({
      share: 0.5,
      disagreement: 2,
    });
    expect(inventedShare([tile([0, 3, 4, 200])], { x: 2, y: 0, width: 2, height: 1 })?.share).toBe(1);
    expect(inventedShare([], { x: 0, y: 0, width: 1, height: 1 })).toBeUndefined();
  });

  test('is clear below 4, hatched to 12, solid above', () => {
    const alpha = [...overlayPixels(tile([3, 4, 11, 12]), [255, 0, 255])].filter((_, index) => index % 4 === 3);
    expect(alpha[0]).toBe(0);
    expect(alpha[3]).toBeGreaterThan(Math.max(alpha[1]!, alpha[2]!));
    expect(Math.min(alpha[1]!, alpha[2]!)).toBeGreaterThan(0);
  });
});
