import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { DEFAULT_SETTINGS } from '../../electron/contract.ts';
import { createRaster, type Raster } from '../../electron/engine/photo/raster.ts';
import { CrashWatch } from '../../electron/service/crash-watch.ts';
import { OpenedPhotos } from '../../electron/service/opened-photos.ts';
import { Previews } from '../../electron/service/previews.ts';
import { readSettings, writeSettings } from '../../electron/service/settings-file.ts';
import { type TileKey, TileStore } from '../../electron/service/tile-store.ts';
import { fixture } from '../fixture.ts';
import { openTestService, scratchFolder } from './test-service.ts';

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});
function folder(): string {
  const { path, remove } = scratchFolder();
  ends.push(remove);
  return path;
}

const key = (column: number): TileKey => ({ source: 'abc', models: 'm-cpu-8', blend: 50, column, row: 0 });
/** 3,000 bytes of samples, 3,020 on the disk. */
function tile(value: number, depth: 8 | 16 = 8): Raster {
  const raster = createRaster(depth === 8 ? 1000 : 500, 1, 3, depth);
  raster.data.fill(value);
  return raster;
}
const open = async (path: string, memoryBytes = 1e6, diskBytes = 1e6) => {
  const store = new TileStore({ folder: path, memoryBytes, diskBytes });
  await store.ready;
  return store;
};

describe('kept tiles', () => {
  test('come back as they went in, at either depth, also after a restart', async () => {
    const path = folder();
    const store = await open(path);
    store.put(key(1), tile(7));
    store.put(key(2), tile(60_000, 16));
    await store.close();
    const again = await open(path);
    expect(again.has(key(1))).toBe(true);
    expect(await again.get(key(1))).toEqual(tile(7));
    expect(await again.get(key(2))).toEqual(tile(60_000, 16));
    expect(again.has({ ...key(1), blend: 51 })).toBe(false);
    expect(again.has({ ...key(1), models: 'other-cpu-8' })).toBe(false);
  });

  test('memory stays under its limit and the disk under its own, oldest use out first', async () => {
    const path = folder();
    const store = await open(path, 7000, 10_000);
    for (let column = 0; column < 6; column++) {
      store.put(key(column), tile(column));
      await store.ready;
      await store.get(key(0));
      expect(store.size.memoryBytes).toBeLessThanOrEqual(7000);
    }
    await store.close();
    expect(store.size.diskBytes).toBeLessThanOrEqual(10_000);
    expect(store.has(key(0))).toBe(true);
    expect(store.has(key(1))).toBe(false);
    expect(readdirSync(join(path, 'abc')).length).toBe(3);
  });

  test('a half-written or foreign file is no tile', async () => {
    const path = folder();
    const store = await open(path);
    store.put(key(1), tile(7));
    await store.close();
    const [name] = readdirSync(join(path, 'abc'));
    truncateSync(join(path, 'abc', name!), 500);
    writeFileSync(join(path, 'abc', 'x.tile.new'), 'half');
    const again = await open(path);
    expect(await again.get(key(1))).toBeUndefined();
    expect(again.has(key(1))).toBe(false);
    expect(existsSync(join(path, 'abc', 'x.tile.new'))).toBe(false);
  });

  test('are cleared between two that are written: none is left that nobody knows, none is known that is gone', async () => {
    const path = folder();
    const store = await open(path, 1e6, 1e6);
    const clearing: Promise<void>[] = [];
    for (let round = 0; round < 20; round++) {
      for (let column = 0; column < 10; column++) store.put(key(100 * round + column), tile(round));
      clearing.push(store.clear());
      store.put(key(100 * round + 50), tile(round));
      await new Promise((resolve) => setTimeout(resolve, round % 4));
    }
    await Promise.all(clearing);
    await store.close();
    const files = existsSync(join(path, 'abc')) ? readdirSync(join(path, 'abc')) : [];
    expect(store.size).toEqual({ memoryBytes: 0, diskBytes: 3020 * files.length });
    expect(files.length).toBe(1);
    expect(store.has(key(1950))).toBe(true);
  });

  test('that can neither be read nor taken away end nothing', async () => {
    const path = folder();
    const store = await open(path);
    store.put(key(1), tile(7));
    await store.close();
    // A folder in the tile's place, which `rm` of a file refuses.
    const [name] = readdirSync(join(path, 'abc'));
    rmSync(join(path, 'abc', name!));
    mkdirSync(join(path, 'abc', name!, 'x'), { recursive: true });
    expect(await store.get(key(1))).toBeUndefined();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(store.has(key(1))).toBe(false);
  });

  test('without a disk it goes on in memory', async () => {
    const path = join(folder(), 'file');
    writeFileSync(path, 'a file where the folder should be');
    const store = await open(path);
    store.put(key(1), tile(7));
    await store.ready;
    expect(await store.get(key(1))).toEqual(tile(7));
  });
});

describe('settings', () => {
  test('come back; a wrong entry alone takes its default', () => {
    const path = join(folder(), 'settings.json');
    writeSettings(path, { ...DEFAULT_SETTINGS, albumBlend: 70, theme: 'dark' });
    const text = JSON.parse(readFileSync(path, 'utf8'));
    writeFileSync(path, JSON.stringify({ ...text, theme: 'purple', unknown: 1 }));
    expect(readSettings(path)).toEqual({ settings: { ...DEFAULT_SETTINGS, albumBlend: 70 } });
  });

  test.each(['', '{"albumBlend": 7', '[]', 'null', '\0\0\0'])(
    'an unreadable file (%j) is put aside and said',
    async (text) => {
      const path = folder();
      const file = join(path, 'state', 'settings.json');
      mkdirSync(join(path, 'state'));
      writeFileSync(file, text);
      const { service, client } = await openTestService(path);
      const hello = await client.request('app.hello');
      expect(hello.settings).toEqual(DEFAULT_SETTINGS);
      expect(hello.banners).toMatchObject([
        { id: 'settings', error: { code: 'settings-unreadable' }, actions: ['settings'] },
      ]);
      expect(readFileSync(join(path, 'state', 'settings.bad'), 'utf8')).toBe(text);
      await client.request('settings.set', { theme: 'light' });
      expect(readSettings(file).settings.theme).toBe('light');
      await service.close();
    },
  );

  test('that cannot be written hold all the same, and it is said once', async () => {
    const path = folder();
    // A folder where the file belongs: no system writes over it, whoever asks.
    mkdirSync(join(path, 'state', 'settings.json', 'x'), { recursive: true });
    const { service, client } = await openTestService(path);
    await client.request('banner.dismiss', { banner: 'settings' });
    const told: string[] = [];
    client.onEvent('settings.changed', ({ theme }) => told.push(theme));
    expect(await client.request('settings.set', { theme: 'dark' })).toMatchObject({ theme: 'dark' });
    const { banners } = await client.request('app.hello');
    expect(banners).toMatchObject([{ id: 'settings', error: { code: 'target-unwritable' } }]);
    await client.request('banner.dismiss', { banner: 'settings' });
    await client.request('blend.album', { value: 30 });
    expect(await client.request('device.choose', { device: 'cpu', precision: 'auto' })).toMatchObject({ kind: 'cpu' });
    expect(told).toEqual(['dark', 'dark', 'dark']);
    const hello = await client.request('app.hello');
    expect(hello.settings).toMatchObject({ theme: 'dark', albumBlend: 30, device: 'cpu' });
    expect(hello.banners).toEqual([]);
    expect(readdirSync(join(path, 'state')).filter((name) => name.endsWith('.new'))).toEqual([]);
    rmSync(join(path, 'state', 'settings.json'), { recursive: true });
    await client.request('settings.set', { theme: 'light' });
    expect(readSettings(join(path, 'state', 'settings.json')).settings).toMatchObject({
      theme: 'light',
      albumBlend: 30,
    });
    await service.close();
  });
});

test('a decoded photo whose scratch file cannot be taken away is put away all the same', async () => {
  const photos = new OpenedPhotos(folder());
  const path = fixture('coffee.png');
  const { decoded } = await photos.get('0', path);
  const close = async () => {
    await decoded.pixels.close();
    throw new Error('EBUSY: resource busy or locked, unlink');
  };
  Object.assign(decoded, { close });
  for (const id of ['1', '2', '3']) await photos.get(id, path);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(photos.peek('0')).toBeUndefined();
  await photos.close();
});

test('recent files are told whenever they change, whoever changed them', async () => {
  const path = folder();
  const { service, client } = await openTestService(path);
  const told: string[][] = [];
  client.onEvent('recent.changed', (recent) => told.push(recent.map(({ name }) => name)));
  await client.open(fixture('coffee.png'));
  await client.open(fixture('chelsea.png'));
  mkdirSync(join(path, 'empty'));
  await client.open(join(path, 'empty'));
  expect((await client.request('recent.list')).recent.map(({ name }) => name)).toEqual(['chelsea.png', 'coffee.png']);
  await client.request('recent.clear');
  expect(told).toEqual([['coffee.png'], ['chelsea.png', 'coffee.png'], []]);
  await service.close();
});

test('a photo that was at hand when the process died twice is set aside, until it is asked for again', async () => {
  const path = join(folder(), 'crashes.json');
  const never = () => new Promise<void>(() => {});
  for (let death = 0; death < 2; death++) {
    const watch = new CrashWatch(path);
    watch.check('/a.jpg');
    void watch.around('/a.jpg', never);
    await watch.around('/good.jpg', async () => {});
  }
  const watch = new CrashWatch(path);
  expect(() => watch.check('/a.jpg')).toThrow(/engine stopped/);
  expect(() => watch.check('/good.jpg')).not.toThrow();
  watch.forgive('/a.jpg');
  expect(await watch.around('/a.jpg', async () => 'read')).toBe('read');
});

test('another file in the place of one that was set aside is not blamed for it', async () => {
  const path = join(folder(), 'crashes.json');
  const photo = join(folder(), 'a.jpg');
  writeFileSync(photo, 'bad');
  for (let death = 0; death < 2; death++) {
    void new CrashWatch(path).around(photo, () => new Promise<void>(() => {}));
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(() => new CrashWatch(path).check(photo)).toThrow(/engine stopped/);
  writeFileSync(photo, 'better');
  expect(() => new CrashWatch(path).check(photo)).not.toThrow();
});

test('a photo at hand beside the one that ends the process is not set aside with it', async () => {
  const path = join(folder(), 'crashes.json');
  const never = () => new Promise<void>(() => {});
  const first = new CrashWatch(path);
  void first.around('/bad.jpg', never, 'header');
  void first.around('/good.jpg', never, 'header');

  const second = new CrashWatch(path);
  const order: string[] = [];
  const good = second.around('/good.jpg', async () => void order.push('good'), 'header');
  const bad = () => {
    order.push('bad');
    return never();
  };
  void second.around('/bad.jpg', bad, 'header');
  await good;
  await new Promise((resolve) => setImmediate(resolve));
  expect(order).toEqual(['good', 'bad']);

  const third = new CrashWatch(path);
  await expect(third.around('/bad.jpg', never, 'header')).rejects.toThrow(/engine stopped/);
  expect(await third.around('/good.jpg', async () => 'read', 'header')).toBe('read');
});

test('a photo whose header can be read is still set aside when its pixels end the process', async () => {
  const path = join(folder(), 'crashes.json');
  for (let death = 0; death < 2; death++) {
    const watch = new CrashWatch(path);
    await watch.around('/a.jpg', async () => {}, 'header');
    void watch.around('/a.jpg', () => new Promise<void>(() => {}));
    await new Promise((resolve) => setImmediate(resolve));
  }
  const watch = new CrashWatch(path);
  expect(() => watch.check('/a.jpg')).toThrow(/engine stopped/);
  expect(await watch.around('/a.jpg', async () => 'read', 'preview')).toBe('read');
});

test('a photo whose thumbnail ended the process twice has none, and is opened all the same', async () => {
  const path = join(folder(), 'crashes.json');
  const coffee = fixture('coffee.png');
  for (let death = 0; death < 2; death++) {
    void new CrashWatch(path).around(coffee, () => new Promise(() => {}), 'preview');
    await new Promise((resolve) => setImmediate(resolve));
  }
  const watch = new CrashWatch(path);
  await expect(new Previews(watch).get(coffee, 64)).rejects.toThrow(/engine stopped/);
  expect(() => watch.check(coffee)).not.toThrow();
});

test('an end in order is no photo’s death', async () => {
  const path = join(folder(), 'crashes.json');
  for (let end = 0; end < 2; end++) {
    const watch = new CrashWatch(path);
    const reading = watch.around('/a.jpg', () => new Promise<void>((resolve) => setTimeout(resolve, 5)));
    watch.close();
    await reading;
    void watch.around('/b.jpg', () => new Promise<void>(() => {}));
  }
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ deaths: {}, busy: [] });
});
