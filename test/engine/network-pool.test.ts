import { expect, test } from 'vitest';
import { NetworkPool, type NetworkWish } from '../../electron/engine/run/network-pool.ts';
import type { OpenSession } from '../../electron/engine/run/session.ts';
import { coreFor } from '../../electron/engine/run/tile-runtime.ts';
import { fakeModels, fakeSessions, outOfMemory } from './fake-session.ts';
import { drawn, sourceOf } from './raster-source.ts';

interface Given {
  readonly act?: Parameters<typeof fakeSessions>[0];
  /** Widest tile there is memory for. */
  readonly memory?: number;
}

function poolOf(precision: 'int8' | 'fp32', { act, memory = Number.POSITIVE_INFINITY }: Given = {}) {
  const sessions = fakeSessions(act);
  // With the tile a session takes on the processor.
  const openSession: OpenSession = (options) => {
    const tile = coreFor(options, 'cpu', precision);
    if (tile.width > memory) throw outOfMemory();
    return sessions.open({ ...options, tile });
  };
  const pool = new NetworkPool({ models: fakeModels, openSession });
  const wish = { device: 'cpu', precision, blend: 0.5, io: 'u8', threads: 2 } as const;
  /** Sessions opened until a runner for a picture of this size was there. */
  const opened = async (width: number, height: number, more: Partial<NetworkWish> = {}) => {
    await pool.runner({ ...wish, ...more, picture: { width, height } });
    return sessions.opened.length;
  };
  return { pool, sessions, opened, wish };
}

test('one session serves photos of alike sizes, one after the other', async () => {
  const { pool, sessions, opened } = poolOf('int8');
  expect(await opened(480, 480)).toBe(1);
  expect(await opened(480, 476)).toBe(1);
  expect(await opened(480, 480, { blend: 0.6 })).toBe(2);
  await pool.close();
  expect([sessions.now, sessions.most]).toEqual([0, 1]);
});

test('a tile that would waste much on the next photo is not kept for it', async () => {
  const { pool, opened } = poolOf('fp32');
  expect(await opened(192, 192)).toBe(1);
  expect(await opened(200, 200)).toBe(2);
  // Nine small tiles, where a session of its own would take the whole picture as one.
  expect(await opened(84, 84)).toBe(3);
  expect(await opened(252, 252)).toBe(4);
  await pool.close();
});

test('a session for one tile at a time is not kept for a photo that pays for two at once', async () => {
  const int8 = poolOf('int8');
  expect(await int8.opened(480, 480)).toBe(1);
  expect(await int8.opened(1440, 960)).toBe(2);
  // Afterwards it stays, for large ones and for small ones.
  expect(await int8.opened(1440, 1440)).toBe(2);
  expect(await int8.opened(480, 476)).toBe(2);
  expect(await int8.opened(1440, 960)).toBe(2);
  await int8.pool.close();
  const fp32 = poolOf('fp32');
  expect(await fp32.opened(480, 480)).toBe(1);
  expect(await fp32.opened(1440, 960)).toBe(1);
  await fp32.pool.close();
});

test('after a fault the session that works stays, for this photo and the next', async () => {
  const { pool, sessions, opened, wish } = poolOf('fp32', {
    act({ session, run }) {
      if (session.tile.width > 100) throw outOfMemory();
      return run();
    },
  });
  const picture = { width: 192, height: 192 };
  const runner = await pool.runner({ ...wish, picture });
  const source = sourceOf(drawn(192, 192, (x, y) => x + y));
  await runner.enlarge(source, { x: 0, y: 0, ...picture });
  expect([runner.lastFault, runner.session.tile]).toEqual(['device-memory', { width: 96, height: 96 }]);
  expect(sessions.opened).toHaveLength(2);
  expect(await pool.runner({ ...wish, picture })).toBe(runner);
  expect(await opened(400, 300)).toBe(2);
  await pool.close();
  expect(sessions.now).toBe(0);
});

test('a runner whose ladder ended is not given to the next photo', async () => {
  let broken = true;
  const { pool, sessions, wish } = poolOf('fp32', {
    act({ session, run }) {
      // One fault is behind it, so that nothing but the runner's end speaks against keeping it.
      if (session.tile.width > 100 || broken) throw outOfMemory();
      return run();
    },
  });
  const picture = { width: 192, height: 192 };
  const source = sourceOf(drawn(192, 192, (x, y) => x + y));
  const first = await pool.runner({ ...wish, picture });
  await expect(first.enlarge(source, { x: 0, y: 0, ...picture })).rejects.toMatchObject({ code: 'device-memory' });
  expect(first.lastFault).toBe('device-memory');
  broken = false;
  const second = await pool.runner({ ...wish, picture });
  expect(second).not.toBe(first);
  await second.enlarge(source, { x: 0, y: 0, ...picture });
  await pool.close();
  expect([sessions.now, sessions.most]).toEqual([0, 1]);
});

test('a session that had to take a smaller tile from the start is not made again for every tile', async () => {
  const { pool, opened } = poolOf('fp32', { memory: 100 });
  expect(await opened(192, 192)).toBe(1);
  expect(await opened(192, 192)).toBe(1);
  await pool.close();
});
