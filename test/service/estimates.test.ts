import { beforeEach, describe, expect, test, vi } from 'vitest';
import { type EstimateWish, estimateExport } from '../../electron/service/estimates.ts';
import { scaleOf } from '../../electron/service/export-settings.ts';

const machine = vi.hoisted(() => ({ memory: 0, disks: new Map<string, number>() }));
vi.mock('../../electron/engine/resources.ts', () => ({
  freeMemory: () => machine.memory,
  freeDisk: async (path: string) => machine.disks.get(path),
}));

const GB = 1e9;
const SCRATCH = '/scratch';

beforeEach(() => {
  machine.memory = 64 * GB;
  machine.disks = new Map([
    [SCRATCH, 1000 * GB],
    ['/photos', 1000 * GB],
  ]);
});

const wish = (width = 4000, height = 3000): EstimateWish => ({
  path: '/photos/a.png',
  info: {
    ...{ format: 'png', width, height, depth: 8, hasAlpha: false, colour: 'sRGB', bytes: 1, frames: 1, notes: [] },
  },
  settings: { blend: 0.5, format: 'png' },
  enhanced: 0,
});
const estimateOf = (...wishes: EstimateWish[]) => estimateExport(wishes, 10_000, SCRATCH);

describe('what stands in the way of an export', () => {
  test('is nothing where there is room', async () => {
    const { problems, memoryBytes, freeMemoryBytes } = await estimateOf(wish());
    expect(problems).toEqual([]);
    expect(freeMemoryBytes).toBe(64 * GB);
    expect(memoryBytes).toBeGreaterThan(0);
  });

  test('is memory as soon as one byte more is needed than is free', async () => {
    const { memoryBytes: needed } = await estimateOf(wish());
    machine.memory = needed;
    expect((await estimateOf(wish())).problems).toEqual([]);
    machine.memory = needed - 1;
    const { problems } = await estimateOf(wish());
    expect(problems).toMatchObject([{ code: 'memory-short', params: { needed, free: needed - 1 } }]);
    expect(problems[0]!.sentence).toContain(`needs ${(needed / GB).toFixed(1)} GB`);
  });

  test('is memory for the largest photo, not for all of them together', async () => {
    const { memoryBytes: needed } = await estimateOf(wish());
    machine.memory = needed;
    expect((await estimateOf(wish(), wish(), wish(100, 100))).problems).toEqual([]);
  });

  test('is the scratch disk where the unfinished picture does not fit', async () => {
    const { diskBytes } = await estimateOf(wish());
    machine.disks.set(SCRATCH, diskBytes);
    expect((await estimateOf(wish())).problems).toEqual([]);
    machine.disks.set(SCRATCH, diskBytes - 5);
    expect((await estimateOf(wish())).problems).toMatchObject([{ code: 'disk-full', params: { missing: 5 } }]);
  });

  test('is the disk of the results only where a quarter of the rough figure does not fit', async () => {
    const { fileBytes, freeDiskBytes } = await estimateOf(wish());
    expect(freeDiskBytes).toBe(1000 * GB);
    machine.disks.set('/photos', Math.ceil(fileBytes / 4));
    expect((await estimateOf(wish())).problems).toEqual([]);
    const free = Math.floor(fileBytes / 5);
    machine.disks.set('/photos', free);
    const { problems } = await estimateOf(wish());
    expect(problems).toMatchObject([{ code: 'disk-full', params: { missing: fileBytes - free } }]);
    // All files of an album lie there, one after another.
    machine.disks.set('/photos', Math.ceil(fileBytes / 4));
    expect((await estimateOf(wish(), wish())).problems).toMatchObject([{ code: 'disk-full' }]);
  });

  test('is not a disk that tells nothing of itself', async () => {
    machine.disks = new Map();
    expect(await estimateOf(wish())).toMatchObject({ problems: [], freeDiskBytes: null });
  });
});

test('the size asked for: a factor, a long edge, or paper at so many dots an inch', () => {
  expect(scaleOf({ kind: 'scale', scale: 3 })).toBe(3);
  expect(scaleOf({ kind: 'long-edge', pixels: 1234 })).toEqual({ longEdge: 1234 });
  expect(scaleOf({ kind: 'print', centimetres: 25.4, dpi: 300 })).toEqual({ longEdge: 3000 });
  // 29.7 cm are 11.69 in: 1753.9 px at 150 dpi.
  expect(scaleOf({ kind: 'print', centimetres: 29.7, dpi: 150 })).toEqual({ longEdge: 1754 });
});
