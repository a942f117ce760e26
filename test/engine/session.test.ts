import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listDevices } from '../../electron/engine/device/device.ts';
import { deviceError } from '../../electron/engine/device/runtime.ts';
import { VerdictStore } from '../../electron/engine/device/verdict-store.ts';
import { sentencesOf } from '../../electron/engine/finding.ts';
import { loadModelPair } from '../../electron/engine/network/model.ts';
import { int8IsGood } from '../../electron/engine/network/precision.ts';
import { createRaster, type Raster } from '../../electron/engine/photo/raster.ts';
import { openSession } from '../../electron/engine/run/session.ts';
import { drawn } from './raster-source.ts';
import { smallPair } from './small-network.ts';

const cache = mkdtempSync(join(tmpdir(), 'fourfold-cache-'));
beforeAll(() => {
  process.env.FOURFOLD_CACHE = cache;
});
afterAll(() => {
  delete process.env.FOURFOLD_CACHE;
  rmSync(cache, { recursive: true, force: true });
});

const small = { models: smallPair(), blend: 0, device: 'cpu', precision: 'fp32' } as const;

test('the session says what it is', async () => {
  const session = await openSession({ ...small, io: 'u8', tile: 16, picture: { width: 20, height: 9 } });
  expect(session).toMatchObject({
    device: 'cpu',
    precision: 'fp32',
    blend: 0,
    halo: 14,
    tile: { width: 12, height: 12 },
  });
  expect(session.deviceName).not.toBe('');
  await session.close();
});

test('sixteen bits in, sixteen out, finer than eight', async () => {
  const picture = drawn(44, 44, (x, y) => 90 + x + y);
  const sixteen: Raster = { ...picture, depth: 16, data: Uint16Array.from(picture.data, (value) => value * 257) };
  const eight = await openSession({ ...small, io: 'u8', tile: 16 });
  const fine = await openSession({ ...small, io: 'f32', tile: 16 });
  const [low, high] = [await eight.enhance(picture), await fine.enhance(sixteen)];
  await Promise.all([eight.close(), fine.close()]);
  expect(high).toMatchObject({ width: 64, height: 64, depth: 16 });
  for (const [i, value] of high.data.entries()) expect(Math.abs(value / 257 - low.data[i]!)).toBeLessThanOrEqual(0.502);
  expect([...high.data].some((value) => value % 257 !== 0)).toBe(true);
});

test('a tile of another size or depth is refused', async () => {
  const session = await openSession({ ...small, io: 'u8', tile: 16 });
  await expect(session.enhance(createRaster(45, 44, 3, 8))).rejects.toThrow('Expected a 44×44 RGB raster');
  await expect(session.enhance(createRaster(44, 44, 3, 16))).rejects.toThrow('16 bits');
  await expect(session.enhance(createRaster(44, 44, 4, 8))).rejects.toThrow('4 channels');
  await session.close();
});

describe('precision', () => {
  test('auto takes int8 or fp32 by a probe that is remembered, and says why', async () => {
    const models = await loadModelPair();
    const options = { models, blend: 0.5, device: 'cpu', precision: 'auto', io: 'u8', tile: 32 } as const;
    const session = await openSession(options);
    expect(['int8', 'fp32']).toContain(session.precision);
    expect(sentencesOf(session.why)).toMatch(/^On the processor\. int8: [\d.]+ × as fast as fp32/);
    await session.close();
    const again = await openSession(options);
    expect(again.why).toEqual(session.why);
    await again.close();
  });

  test.each([
    [{ apart: 0.5, faster: 2.9 }, true],
    [{ apart: 30, faster: 2.9 }, false],
    [{ apart: 0.5, faster: 1.05 }, false],
  ])('%o', (verdict, good) => expect(int8IsGood(verdict)).toBe(good));

  test('the processor has no half precision: refused, not replaced', async () => {
    const options = { ...small, precision: 'fp16', io: 'u8' } as const;
    await expect(openSession(options)).rejects.toMatchObject({ code: 'device-unavailable' });
  });
});

describe('devices', () => {
  test('the processor is always there, by name', async () => {
    const processor = (await listDevices(small.models)).find(({ kind }) => kind === 'cpu');
    expect(processor).toMatchObject({ available: true });
  });

  const foreign = process.platform === 'win32' ? 'coreml' : 'dml';
  test(`a named device that cannot be had (${foreign}) is an error with words`, async () => {
    await expect(openSession({ ...small, device: foreign, io: 'u8' })).rejects.toMatchObject({
      code: 'device-unavailable',
      message: expect.stringContaining('choose --device auto or cpu'),
    });
  });

  test.each([
    ['Failed to allocate memory for requested buffer of size 268435456', 'device-memory'],
    ['std::bad_alloc', 'device-memory'],
    ['DXGI_ERROR_DEVICE_REMOVED', 'device-lost'],
    ['something else', 'device-lost'],
  ])('the runtime says "%s": %s', (words, code) => {
    expect(deviceError(new Error(words), 'webgpu', 'device-lost')).toMatchObject({ code });
  });

  test('an unknown failure of the processor is passed on as it is', () => {
    const error = new Error('something else');
    expect(deviceError(error, 'cpu', undefined)).toBe(error);
  });
});

describe('the store of verdicts', () => {
  test('keeps what it is told, also for the next process', () => {
    new VerdictStore(cache).write('a|b', { good: true });
    expect(new VerdictStore(cache).read('a|b')).toEqual({ good: true });
    new VerdictStore(cache).write('a|b', undefined);
    expect(new VerdictStore(cache).read('a|b')).toBeUndefined();
  });

  test('a damaged file or a folder that cannot be written costs nothing but another measurement', () => {
    const folder = mkdtempSync(join(tmpdir(), 'fourfold-cache-'));
    writeFileSync(join(folder, 'verdicts.json'), '{"half');
    expect(new VerdictStore(folder).read('a')).toBeUndefined();
    chmodSync(folder, 0o500);
    const store = new VerdictStore(join(folder, 'verdicts.json', 'below a file'));
    store.write('a', 1);
    expect(store.read('a')).toBe(1);
    chmodSync(folder, 0o700);
    rmSync(folder, { recursive: true });
  });
});
