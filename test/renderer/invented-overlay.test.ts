import { afterEach, expect, test, vi } from 'vitest';
import { InventedOverlay } from '../../renderer/viewer/invented-overlay.ts';
import type { TileStore } from '../../renderer/viewer/tile-store.ts';
import { openedOf, photoOf } from './scripted-state.ts';

afterEach(() => vi.unstubAllGlobals());

test('with another theme the marks take its colour, those on their way too', async () => {
  const photo = openedOf(photoOf('p', 'p.jpg', { width: 256, height: 128, rgba: Buffer.alloc(0) }));
  const store = { isMade: () => true, blendsAt: () => [] } as unknown as TileStore;
  let color = '#ff4fd8';
  let open = 0;
  vi.stubGlobal('document', { documentElement: {} });
  vi.stubGlobal('getComputedStyle', () => ({ getPropertyValue: () => color }));
  vi.stubGlobal(
    'ImageData',
    class {
      readonly data: Uint8ClampedArray;
      constructor(data: Uint8ClampedArray) {
        this.data = data;
      }
    },
  );
  let made = (): void => {};
  const waits = new Promise<void>((resolve) => {
    made = resolve;
  });
  vi.stubGlobal('createImageBitmap', async ({ data }: { data: Uint8ClampedArray }) => {
    open++;
    if (open === 2) await waits;
    return { width: 1, height: 1, rgb: [...data.subarray(0, 3)], close: () => open-- };
  });
  const headers = { 'x-width': '1', 'x-height': '1' };
  vi.stubGlobal('fetch', async () => new Response(new Uint8Array([20, 0]), { headers }));
  const overlay = new InventedOverlay(() => {});
  const view = { center: { x: 128, y: 64 }, zoom: 1 };
  const colours = () =>
    overlay
      .sprites(photo, 'blend', 50, view, { width: 1024, height: 512 })
      .map(({ image }) => (image as unknown as { rgb: number[] }).rgb);
  overlay.want(store, photo, 50, view, { x: 0, y: 0, width: 256, height: 128 });
  await vi.waitFor(() => expect(colours()).toEqual([[255, 79, 216]]));
  color = '#b0008a';
  await overlay.recolour();
  made();
  await vi.waitFor(() => expect(colours()).toHaveLength(2));
  expect(colours()).toEqual([
    [176, 0, 138],
    [176, 0, 138],
  ]);
  expect(open).toBe(2);
});

test('closed, the overlay lets every bitmap go, those that still arrive too', async () => {
  const photo = openedOf(photoOf('p', 'p.jpg', { width: 256, height: 128, rgba: Buffer.alloc(0) }));
  const store = { isMade: () => true, blendsAt: () => [] } as unknown as TileStore;
  let open = 0;
  vi.stubGlobal('document', { documentElement: {} });
  vi.stubGlobal('getComputedStyle', () => ({ getPropertyValue: () => '#ff4fd8' }));
  vi.stubGlobal('ImageData', class {});
  vi.stubGlobal('createImageBitmap', async () => {
    open++;
    return { width: 1, height: 1, close: () => open-- };
  });
  let answer = (): void => {};
  const waits = new Promise<void>((resolve) => {
    answer = resolve;
  });
  vi.stubGlobal('fetch', async (url: string) => {
    if (url.includes('column=1')) await waits;
    return new Response(new Uint8Array(2), { headers: { 'x-width': '1', 'x-height': '1' } });
  });
  const overlay = new InventedOverlay(() => {});
  const view = { center: { x: 128, y: 64 }, zoom: 1 };
  overlay.want(store, photo, 50, view, { x: 0, y: 0, width: 256, height: 128 });
  await vi.waitFor(() => expect(open).toBe(1));
  overlay.close();
  expect(open).toBe(0);
  answer();
  await new Promise((done) => setTimeout(done, 20));
  expect(open).toBe(0);
});
