import { expect, test, vi } from 'vitest';
import { openRuntime } from '../../electron/engine/device/runtime.ts';
import { openTwinRuntime } from '../../electron/engine/device/twin-runtime.ts';
import { loadModelPair } from '../../electron/engine/network/model.ts';
import { buildGenerator } from '../../electron/engine/network/network.ts';
import { openSession } from '../../electron/engine/run/session.ts';
import { HALO, twoAtOnce } from '../../electron/engine/run/tile-runtime.ts';
import { randomNumbers, smallPair } from './small-network.ts';

const half = { width: 24, height: 20 };
const dims = [1, half.height + 2 * HALO, half.width + 2 * HALO, 3];
const row = dims[2]! * 3;

function noise(rows: number): Uint8Array {
  const next = randomNumbers(1);
  return Uint8Array.from({ length: rows * row }, () => 128 + 127 * next());
}

test('two threads give what one session gives for each half', async () => {
  const { spec, weights } = smallPair();
  const model = buildGenerator(spec, weights(0.5), { precision: 'fp32', io: 'u8', tile: half, halo: HALO });
  const input = noise(2 * half.height + 2 * HALO);
  const one = await openRuntime(model, { device: 'cpu', threads: 1, dims });
  const size = dims[1]! * row;
  const expected = [
    ...(await one.run(input.slice(0, size))),
    ...(await one.run(input.slice(half.height * row, half.height * row + size))),
  ];
  await one.close();
  const twin = await openTwinRuntime(model, { threads: 2, dims, apart: half.height });
  for (let again = 0; again < 2; again++) expect([...(await twin.run(input))]).toEqual(expected);
  await twin.close();
  await expect(twin.run(input)).rejects.toThrow('ended');
});

test('a graph that cannot be opened is told as by one session, and no thread stays', async () => {
  const before = process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length;
  const opening = openTwinRuntime(new Uint8Array(100), { threads: 2, dims, apart: half.height });
  await expect(opening).rejects.toMatchObject({ code: 'device-unavailable' });
  await expect
    .poll(() => process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length)
    .toBe(before);
});

test('an input the graph does not take is told, and the next one is taken', async () => {
  const { spec, weights } = smallPair();
  const model = buildGenerator(spec, weights(0), { precision: 'fp32', io: 'u8', tile: half, halo: HALO });
  const twin = await openTwinRuntime(model, { threads: 2, dims, apart: half.height });
  await expect(twin.run(noise(10))).rejects.toThrow();
  const result = await twin.run(noise(2 * half.height + 2 * HALO));
  expect(result.length).toBe(half.width * half.height * 2 * 16 * 3);
  await twin.close();
});

const large = { width: 2000, height: 1000 };
const wish = { models: await loadModelPair(), blend: 0.5, device: 'cpu', io: 'u8' } as const;

test('a large picture in int8 gets two tiles at once, a small one, a chosen tile or float32 does not', async () => {
  const tiles: Record<string, unknown> = {
    large: { precision: 'int8', picture: large, threads: 2 },
    small: { precision: 'int8', picture: { width: 600, height: 600 }, threads: 2 },
    chosen: { precision: 'int8', picture: large, tile: 64, threads: 2 },
    fp32: { precision: 'fp32', picture: large, threads: 2 },
    odd: { precision: 'int8', picture: large, threads: 1 },
  };
  for (const [name, more] of Object.entries(tiles)) {
    const session = await openSession({ ...wish, ...(more as { precision: 'int8' }) });
    tiles[name] = [session.tile.width, session.tile.height];
    await session.close();
  }
  expect(tiles).toEqual({ large: [224, 336], small: [200, 200], chosen: [64, 64], fp32: [252, 252], odd: [252, 252] });
});

test('inside Electron it is one at a time: worker threads with the runtime may end the process there', () => {
  const wanted = { picture: large, threads: 2 };
  expect(twoAtOnce(wanted, 'cpu', 'int8')).toBe(true);
  Object.defineProperty(process.versions, 'electron', { value: '40.0.0', configurable: true });
  try {
    expect(twoAtOnce(wanted, 'cpu', 'int8')).toBe(false);
  } finally {
    Reflect.deleteProperty(process.versions, 'electron');
  }
});

test('where no thread can be started, one session does it', async () => {
  vi.resetModules();
  vi.doMock('../../electron/engine/device/twin-runtime.ts', () => ({
    openTwinRuntime: () => Promise.reject(new Error('no threads here')),
  }));
  const { openTileRuntime } = await import('../../electron/engine/run/tile-runtime.ts');
  const { tile, runtime } = await openTileRuntime({ ...wish, picture: large, threads: 2 }, 'cpu', 'int8');
  expect(tile).toEqual({ width: 252, height: 252 });
  await runtime.close();
});
