import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type TileAddress, TileStore } from '../../renderer/viewer/tile-store.ts';

const enhanced = (column: number, more: Partial<TileAddress> = {}): TileAddress =>
  ({ ...{ kind: 'enhanced', photo: 'p', level: 0, column, row: 0, blend: 50 }, ...more }) as TileAddress;
const source: TileAddress = { kind: 'source', photo: 'p', level: 2, column: 0, row: 0 };

/** Pixel addresses that are answered; all others get 404. */
const there = new Set<string>();
let asked: string[] = [];
const isThere = (part: string): boolean => [...there].some((each) => part.includes(each));

beforeEach(() => {
  vi.useFakeTimers();
  there.clear();
  asked = [];
  vi.stubGlobal('fetch', async (url: string) => {
    asked.push(url);
    if (!isThere(url)) return new Response(null, { status: 404 });
    return new Response(new Uint8Array(4), { headers: { 'x-width': '1', 'x-height': '1', 'x-space': 'srgb' } });
  });
  vi.stubGlobal('ImageData', class {});
  vi.stubGlobal('createImageBitmap', async () => ({ width: 1, height: 1, close: () => {} }));
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const storeOf = () => new TileStore({ limitBytes: 2 ** 20, space: 'srgb', onChange: () => {} });
const settle = (ms = 0) => vi.advanceTimersByTimeAsync(ms);

describe('a tile answered 404', () => {
  test('is asked for again once the service says there are tiles of the photo', async () => {
    const store = storeOf();
    store.want([enhanced(0)], true);
    await settle();
    store.want([enhanced(0)], true);
    await settle();
    expect(asked).toHaveLength(1);
    there.add('column=0');
    store.forgetAbsent('p');
    store.want([enhanced(0)], true);
    await settle();
    expect(store.bitmap(enhanced(0))).toBeDefined();
  });

  test('is not asked for again for the sake of another photo', async () => {
    const store = storeOf();
    store.want([enhanced(0)], true);
    await settle();
    store.forgetAbsent('q');
    store.want([enhanced(0)], true);
    await settle();
    expect(asked).toHaveLength(1);
  });

  test('and made by no network is asked for by itself while it is wanted, a few times', async () => {
    const store = storeOf();
    store.want([source], false);
    await settle(300);
    expect(asked).toHaveLength(2);
    there.add('/source');
    await settle(10_000);
    expect(store.bitmap(source)).toBeDefined();
    expect(asked).toHaveLength(3);

    const lost: TileAddress = { ...source, column: 1 };
    there.clear();
    asked = [];
    store.want([lost], false);
    await settle(600_000);
    expect(asked.length).toBeGreaterThan(3);
    expect(asked.length).toBeLessThan(10);
    const before = asked.length;
    store.want([lost], false);
    await settle(0);
    expect(asked).toHaveLength(before + 1);
  });

  test('is left alone when the view has moved on', async () => {
    const store = storeOf();
    store.want([source], false);
    await settle();
    store.want([], false);
    await settle(600_000);
    expect(asked).toHaveLength(1);
  });
});

test('all that is wanted is kept, and of what no longer is 256 MiB, whatever may be used', async () => {
  const MIB = 2 ** 20;
  // 4K just above 50 %: 16×10 tiles of a blend, of bicubic and of both ends, 1 MiB each.
  const view = Array.from({ length: 640 }, (_, column) => enhanced(column));
  there.add('/enhanced');
  vi.stubGlobal('createImageBitmap', async () => ({ width: 512, height: 512, close: () => {} }));
  const store = new TileStore({ limitBytes: 512 * MIB, space: 'srgb', onChange: () => {} });
  store.want(view, true);
  await settle();
  expect(store.bytes).toBe(640 * MIB);
  const left = view.slice(0, 40);
  store.want(left, true);
  expect(store.bytes).toBe((40 + 256) * MIB);
  expect(left.every((tile) => store.bitmap(tile))).toBe(true);
  // The oldest went; what was seen last is still here.
  expect(store.bitmap(view.at(-1)!)).toBeDefined();
  store.setLimit(128 * MIB);
  expect(store.bytes).toBe(128 * MIB);
});

test('of a photo that was closed nothing is kept, and nothing still arrives', async () => {
  const store = storeOf();
  const closed: string[] = [];
  vi.stubGlobal('createImageBitmap', async () => ({ width: 1, height: 1, close: () => closed.push('tile') }));
  there.add('photo=p').add('photo=q');
  store.markMade('p', 0, 0, 50);
  const others = enhanced(0, { photo: 'q' });
  store.want([enhanced(0), others], true);
  await settle();
  store.forget('p');
  expect(closed).toEqual(['tile']);
  expect(store.bitmap(enhanced(0))).toBeUndefined();
  expect(store.isMade(enhanced(0))).toBe(false);
  expect([...store.blendsAt('p', 0, 0, 0)]).toEqual([]);
  expect(store.bitmap(others)).toBeDefined();

  const signals: AbortSignal[] = [];
  vi.stubGlobal('fetch', (_url: string, { signal }: { signal: AbortSignal }) => {
    signals.push(signal);
    return new Promise(() => {});
  });
  store.want([enhanced(1)], true);
  store.forget('p');
  expect(signals.map((signal) => signal.aborted)).toEqual([true]);
});
