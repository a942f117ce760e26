import { describe, expect, it } from 'vitest';
import { rasterSource } from '../../electron/engine/photo/pixel-source.ts';
import { createRaster, type Raster } from '../../electron/engine/photo/raster.ts';
import { NetworkRunner, type RunnerOptions } from '../../electron/engine/run/network-runner.ts';
import { deviceLost, fakeModels, fakeSessions, flat, outOfMemory, sameSamples } from './fake-session.ts';

const options = (more: Partial<RunnerOptions>): RunnerOptions => ({
  models: fakeModels,
  blend: 0.5,
  device: 'webgpu',
  precision: 'fp16',
  tile: 64,
  io: 'u8',
  ...more,
});

/** A photo-like gradient with grain: any mistake in place or order changes it. */
function picture(width: number, height: number): Raster {
  const raster = createRaster(width, height, 3, 8);
  for (let i = 0; i < raster.data.length; i++)
    raster.data[i] = (i * 7 + Math.floor(i / width) * 3 + ((i * i) % 31)) % 251;
  return raster;
}

const whole = { x: 0, y: 0, width: 100, height: 70 };

async function enlarged(more: Partial<RunnerOptions>) {
  const runner = await NetworkRunner.open(options(more));
  try {
    return { raster: await runner.enlarge(rasterSource(picture(100, 70)), whole), session: runner.session };
  } finally {
    await runner.close();
  }
}

describe('the network with its safety net', () => {
  it('gives a region four times larger whatever the tile', async () => {
    const expected = createRaster(400, 280, 3, 8);
    const source = picture(100, 70);
    for (let y = 0; y < 280; y++)
      for (let x = 0; x < 400; x++)
        for (let c = 0; c < 3; c++)
          expected.data[(y * 400 + x) * 3 + c] = source.data[((y >> 2) * 100 + (x >> 2)) * 3 + c]!;
    for (const tile of [16, 37, 64, 200]) {
      const { raster } = await enlarged({ tile, openSession: fakeSessions().open });
      expect(sameSamples(raster, expected)).toBe(true);
    }
  });

  it('halves the tile when the device’s memory runs out, and the pixels are the same', async () => {
    const calm = await enlarged({ openSession: fakeSessions().open });
    const fake = fakeSessions(({ session, run }) => {
      if (session.tile.width > 32) throw outOfMemory();
      return run();
    });
    const told: unknown[] = [];
    const { raster, session } = await enlarged({
      tile: 128,
      openSession: fake.open,
      onSession: (_, after) => told.push(after),
    });
    expect(sameSamples(raster, calm.raster)).toBe(true);
    expect(session.tile).toEqual({ width: 32, height: 32 });
    expect(session).toMatchObject({ device: 'webgpu', precision: 'fp16' });
    expect(told).toEqual([undefined, 'device-memory', 'device-memory']);
    expect(fake.now).toBe(0);
    expect(fake.most).toBe(1);
  });

  it('says so when no tile is small enough for the processor', async () => {
    const fake = fakeSessions(() => {
      throw outOfMemory();
    });
    await expect(enlarged({ openSession: fake.open, device: 'cpu' })).rejects.toMatchObject({ code: 'device-memory' });
    expect(fake.now).toBe(0);
  });

  it('opens a lost device again, then goes on with the processor', async () => {
    const calm = await enlarged({ openSession: fakeSessions().open });
    const fake = fakeSessions(({ session, tile, run }) => {
      if (session.device === 'webgpu' && tile >= 1) throw deviceLost();
      return run();
    });
    const { raster, session } = await enlarged({ openSession: fake.open });
    expect(sameSamples(raster, calm.raster)).toBe(true);
    expect(fake.opened.map(({ device }) => device)).toEqual(['webgpu', 'webgpu', 'cpu']);
    expect(session).toMatchObject({ device: 'cpu', precision: 'fp32' });
  });

  it('goes on with the processor when the lost device cannot be opened any more', async () => {
    const fake = fakeSessions(({ session, run }) => {
      if (session.device === 'webgpu') throw deviceLost();
      return run();
    });
    let opened = 0;
    const { session } = await enlarged({
      openSession: (wanted) => {
        if (wanted.device === 'webgpu' && opened++ > 0) return Promise.reject(deviceLost());
        return fake.open(wanted);
      },
    });
    expect(session.device).toBe('cpu');
  });

  it.each([
    ['black', 0],
    ['white', 255],
  ])('makes a %s tile again smaller, then on the processor', async (_, value) => {
    const calm = await enlarged({ openSession: fakeSessions().open });
    const fake = fakeSessions(({ session, run }) => (session.device === 'cpu' ? run() : flat(run(), value)));
    const { raster } = await enlarged({ openSession: fake.open });
    expect(sameSamples(raster, calm.raster)).toBe(true);
    expect(fake.opened.map(({ device, precision }) => `${device} ${precision}`)).toEqual([
      'webgpu fp16',
      'webgpu fp16',
      'cpu fp32',
    ]);
    expect(fake.opened[1]!.tile).toEqual({ width: 32, height: 32 });
  });

  it('refuses a result that stays wrong', async () => {
    const fake = fakeSessions(({ run }) => flat(run(), 0));
    await expect(enlarged({ openSession: fake.open })).rejects.toMatchObject({ code: 'result-wrong' });
    expect(fake.now).toBe(0);
  });

  it('is dead when every way out failed: says why again, and closes without a word', async () => {
    const fake = fakeSessions(({ run }) => flat(run(), 0));
    const runner = await NetworkRunner.open(options({ openSession: fake.open }));
    const source = rasterSource(picture(100, 70));
    const [first, queued] = await Promise.allSettled([runner.enlarge(source, whole), runner.enlarge(source, whole)]);
    expect(runner.dead).toBe(true);
    expect(first).toMatchObject({ reason: { code: 'result-wrong' } });
    expect(queued).toMatchObject({ reason: { code: 'result-wrong' } });
    await runner.close();
    expect(fake.now).toBe(0);
  });

  it('is dead when the next session cannot be opened', async () => {
    const fake = fakeSessions(() => {
      throw outOfMemory();
    });
    let opened = 0;
    const runner = await NetworkRunner.open(
      options({ openSession: (wanted) => (opened++ ? Promise.reject(new TypeError('a bug')) : fake.open(wanted)) }),
    );
    await expect(runner.enlarge(rasterSource(picture(100, 70)), whole)).rejects.toThrow('a bug');
    expect(runner.dead).toBe(true);
    await runner.close();
    expect(fake.now).toBe(0);
  });

  it('passes other errors on untouched', async () => {
    const fake = fakeSessions(() => {
      throw new TypeError('a bug');
    });
    await expect(enlarged({ openSession: fake.open })).rejects.toThrow('a bug');
    expect(fake.opened).toHaveLength(1);
  });

  it('runs one tile at a time, in the order of the calls', async () => {
    let busy = 0;
    const order: number[] = [];
    const fake = fakeSessions(async ({ tile, run }) => {
      expect(busy++).toBe(0);
      await new Promise((done) => setTimeout(done, 5));
      busy--;
      order.push(tile);
      return run();
    });
    const runner = await NetworkRunner.open(options({ openSession: fake.open }));
    const source = rasterSource(picture(100, 70));
    const core = { x: 0, y: 0, width: 20, height: 20 };
    await Promise.all([runner.enlarge(source, core), runner.enlarge(source, core), runner.enlarge(source, core)]);
    expect(order).toEqual([0, 1, 2]);
    await runner.close();
  });
});
