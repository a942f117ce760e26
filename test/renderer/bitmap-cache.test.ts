import { describe, expect, test } from 'vitest';
import { BitmapCache } from '../../renderer/viewer/bitmap-cache.ts';

describe('the cache of bitmaps', () => {
  const closed: string[] = [];
  const item = (name: string) => ({ name, close: () => closed.push(name) });

  test('lets the one go that was used longest ago, and closes it', () => {
    closed.length = 0;
    const cache = new BitmapCache<ReturnType<typeof item>>(100);
    cache.set('a', item('a'), 40);
    cache.set('b', item('b'), 40);
    cache.get('a');
    cache.set('c', item('c'), 40);
    expect(closed).toEqual(['b']);
    expect(cache.bytes).toBe(80);
    expect(cache.has('a')).toBe(true);
  });

  test('keeps what is on screen, even beyond the limit', () => {
    closed.length = 0;
    const cache = new BitmapCache<ReturnType<typeof item>>(50, (key) => key !== 'c');
    for (const name of ['a', 'b', 'c', 'd']) cache.set(name, item(name), 30);
    expect(closed).toEqual(['c']);
    expect(cache.size).toBe(3);
  });

  test('counts a replaced one once, and a smaller limit at once', () => {
    closed.length = 0;
    const cache = new BitmapCache<ReturnType<typeof item>>(100);
    cache.set('a', item('a1'), 40);
    cache.set('a', item('a2'), 60);
    expect([cache.bytes, ...closed]).toEqual([60, 'a1']);
    cache.setLimit(10);
    expect(cache.bytes).toBe(0);
  });
});
