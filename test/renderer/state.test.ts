import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { loadState } from './load-state.ts';
import { helloOf, photoOf } from './scripted-state.ts';

const picture = { width: 600, height: 400, rgba: Buffer.alloc(0) };
const photos = ['a', 'b', 'c'].map((id) => photoOf(id, `${id}.jpg`, picture));

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('the blend slider', () => {
  test('settles 150 ms after the last key: one step to undo for all of them', async () => {
    const { app, asked } = await loadState(helloOf(photos));
    for (const value of [51, 52, 53]) {
      app.blend.move(value);
      app.blend.release();
    }
    expect(asked('blend.set')).toEqual([]);
    await vi.advanceTimersByTimeAsync(150);
    expect(asked('blend.set')).toEqual([{ photos: ['a'], value: 53 }]);
  });

  test('settles with the release of the pointer, not before', async () => {
    const { app, asked } = await loadState(helloOf(photos));
    app.blend.hold();
    app.blend.move(70);
    await vi.advanceTimersByTimeAsync(1000);
    expect(asked('blend.set')).toEqual([]);
    app.blend.release();
    expect(asked('blend.set')).toEqual([{ photos: ['a'], value: 70 }]);
  });
});
