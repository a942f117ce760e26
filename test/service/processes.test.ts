import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test, vi } from 'vitest';
import { DEFAULT_SETTINGS, pixelsUrl, type Service } from '../../electron/contract.ts';
import { sharp } from '../../electron/engine/photo/imaging.ts';
import type { StartOptions } from '../../electron/service/entry.ts';
import { forkService } from '../../electron/service/fork-service.ts';
import type { Port } from '../../electron/service/port.ts';
import { superviseService } from '../../electron/service/supervisor.ts';
import { fixture } from '../fixture.ts';
import { clientOf, scratchFolder, serviceOptions } from './test-service.ts';

// The real processes with the real network, on small photos: what is tested is their deaths.

const ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

function options(folder: string): StartOptions {
  const { launchEngine: _, ...rest } = serviceOptions(folder);
  return rest;
}

/** The service in its process, and the way to kill it. */
async function begin(folder: string) {
  let port: Port | undefined;
  let launches = 0;
  let over = false;
  const service: Service = await superviseService({
    launch: async (restored) => {
      if (over) return new Promise(() => {});
      launches++;
      port = await forkService({ ...options(folder), restored });
      return port;
    },
  });
  const kill = () => port!.close();
  /** The whole program is killed: nobody starts the service again. */
  const die = () => {
    over = true;
    const gone = new Promise<void>((resolve) => port!.onClose(resolve));
    kill();
    return gone;
  };
  return { service, client: clientOf(service), kill, die, launches: () => launches };
}

async function smallPhotos(at: string, count: number): Promise<string> {
  const folder = join(at, 'holiday');
  mkdirSync(folder);
  for (let n = 1; n <= count; n++)
    await sharp({ create: { width: 192, height: 128, channels: 3, background: { r: 20 * n, g: 90, b: 60 } } })
      .jpeg()
      .toFile(join(folder, `IMG_${n}.jpg`));
  return folder;
}

test('after a crash of the service the same photos are there, the page is told, and the photo at hand goes on', async () => {
  const folder = scratchFolder();
  const { service, client, kill, launches } = await begin(folder.path);
  ends.push(folder.remove, () => service.close());
  const [photo] = await client.open(fixture('coffee.png'));
  await client.request('photo.show', { photo: photo!.id });
  await client.request('blend.set', { photos: [photo!.id], value: 70 });
  await new Promise((resolve) => setTimeout(resolve, 500));
  const restarted = client.next('restarted');
  const lost = client
    .request('device.test', { device: 'cpu', precision: 'auto' })
    .catch((error: Error) => error.message);
  kill();
  expect(await lost).toMatch(/engine-stopped/);
  await restarted;
  expect(launches()).toBe(2);
  const hello = await client.request('app.hello');
  expect(hello.photos).toMatchObject([{ id: photo!.id, name: 'coffee.png', blend: 70 }]);
  expect(hello.banners).toMatchObject([{ id: 'engine', error: { code: 'engine-stopped' } }]);
  expect(await client.request('photo.show', { photo: photo!.id })).toMatchObject({ id: photo!.id, width: 600 });
});

test('a running album goes on by itself after a crash: nothing lost, nothing done twice, no half file', async () => {
  const folder = scratchFolder();
  const { service, client, kill } = await begin(folder.path);
  ends.push(folder.remove, () => service.close());
  const photos = await client.open(await smallPhotos(folder.path, 12));
  const settings = { ...DEFAULT_SETTINGS.export, destination: { kind: 'host' } } as const;
  const some = client.next('album.changed', ({ album }) => album.counts.done >= 3);
  await client.request('album.add', { photos: photos.map(({ id }) => id), settings });
  await some;
  const restarted = client.next('restarted');
  const idle = client.next('album.changed', ({ album }) => album.state === 'idle' && album.counts.waiting === 0);
  kill();
  await restarted;
  const { album } = await idle;
  expect(album.counts).toMatchObject({ total: 12, done: 12 });
  const out = join(folder.path, 'out', 'holiday');
  expect(readdirSync(out).sort()).toEqual(photos.map(({ name }) => name.replace('.jpg', '-4x.jpg')).sort());
}, 120_000);

test('what an album could not do is still told after a crash, by the service that follows and by the next start', async () => {
  const folder = scratchFolder();
  const photos = await smallPhotos(folder.path, 2);
  writeFileSync(join(photos, 'IMG_3.jpg'), 'no photo');
  const one = await begin(folder.path);
  ends.push(folder.remove);
  const opened = await one.client.open(photos);
  const settings = { ...DEFAULT_SETTINGS.export, destination: { kind: 'host' } } as const;
  const idle = one.client.next('album.changed', ({ album }) => album.state === 'idle' && album.counts.total === 3);
  await one.client.request('album.add', { photos: opened.map(({ id }) => id), settings });
  expect((await idle).album.counts).toMatchObject({ done: 2, failed: 1 });

  const restarted = one.client.next('restarted');
  one.kill();
  await restarted;
  const after = await one.client.request('app.hello');
  expect(after.recovery).toBeNull();
  expect(after.album.counts).toMatchObject({ total: 3, done: 2, failed: 1 });
  expect(after.jobs.find(({ state }) => state === 'failed')).toMatchObject({ name: 'IMG_3.jpg' });

  await one.die();
  const two = await begin(folder.path);
  const offer = (await two.client.request('app.hello')).recovery;
  expect(offer).toMatchObject({ done: 2, total: 3, inOrder: false });
  await two.client.request('album.recover', { choice: 'resume' });
  expect((await two.client.request('app.hello')).album.counts).toMatchObject({ total: 3, done: 2, failed: 1 });
  await two.service.close();

  // Closed in order with nothing left to do, after somebody has seen it: no offer.
  const three = await begin(folder.path);
  ends.push(() => three.service.close());
  expect(await three.client.request('app.hello')).toMatchObject({ recovery: null, album: { counts: { total: 0 } } });
}, 120_000);

test('a service that dies while it starts again is started once more, and given up after the sixth death', async () => {
  const folder = scratchFolder();
  ends.push(folder.remove);
  let port: Port | undefined;
  let launches = 0;
  let failing = 1;
  let givenUp = 0;
  const service = await superviseService({
    launch: async (restored) => {
      const dies = launches++ > 0 && failing-- > 0;
      port = await forkService({ ...options(folder.path), restored, ...(dies && { stateDir: null as never }) });
      return port;
    },
    onGivenUp: () => givenUp++,
  });
  ends.push(() => service.close());
  const client = clientOf(service);
  const restarted = client.next('restarted');
  port!.close();
  await restarted;
  expect(launches).toBe(3);
  expect(await client.request('app.hello')).toMatchObject({ banners: [{ error: { code: 'engine-stopped' } }] });

  failing = Number.POSITIVE_INFINITY;
  port!.close();
  await expect(client.request('app.hello')).rejects.toThrow('engine-stopped');
  // Three deaths were before it: the first, the one at the start, and this one.
  await expect.poll(() => givenUp, { timeout: 30_000 }).toBe(1);
  expect(launches).toBe(6);
}, 60_000);

test('a photo that ends the process as soon as it is looked at is set aside after the second time', async () => {
  const folder = scratchFolder();
  const preload = new URL('./deadly-photo.ts', import.meta.url).href;
  vi.stubEnv('NODE_OPTIONS', `--import ${import.meta.resolve('tsx')} --import ${preload}`);
  ends.push(() => void vi.unstubAllEnvs());
  const { service, client, launches } = await begin(folder.path);
  ends.push(folder.remove, () => service.close());
  const bad = join(folder.path, 'deadly.jpg');
  writeFileSync(bad, 'what libvips falls over');
  const open = async () => {
    const { grants } = await client.owner('grants.add', { files: [{ path: bad }], use: 'read' });
    return client.request('photos.open', { grants: grants.map(({ id }) => id) });
  };
  for (let death = 0; death < 2; death++) {
    const restarted = client.next('restarted');
    await open().catch(() => {});
    await restarted;
  }
  const skipped = client.next('photo.changed', ({ state }) => state !== 'reading');
  const { photos } = await open();
  expect(await skipped).toMatchObject({ id: photos[0]!.id, state: 'skipped', error: { code: 'engine-stopped' } });
  const thumbnail = pixelsUrl({ kind: 'thumbnail', photo: photos[0]!.id, edge: 100 });
  const refused = await service.pixels(new Request(`http://x${thumbnail}`));
  expect(await refused.json()).toMatchObject({ code: 'engine-stopped' });
  expect(launches()).toBe(3);
}, 120_000);

test('in a utility process, where a rejection nobody handles is only warned of, a service that cannot start ends too', async () => {
  const folder = scratchFolder();
  ends.push(folder.remove);
  const child = fork(fileURLToPath(new URL('./utility-process.ts', import.meta.url)), [], {
    execArgv: ['--import', import.meta.resolve('tsx'), '--unhandled-rejections=warn'],
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
  ends.push(() => void child.kill('SIGKILL'));
  let told = '';
  child.stderr!.on('data', (text) => {
    told += text;
  });
  child.once('message', () => child.send({ type: 'start', options: { ...options(folder.path), stateDir: null } }));
  const [code] = await once(child, 'close');
  expect(code).toBe(1);
  expect(told).toMatch(/TypeError.*path/s);
}, 30_000);

test('the engine’s process ends with the service, and no scratch is left', async () => {
  const folder = scratchFolder();
  const { service, client } = await begin(folder.path);
  ends.push(folder.remove);
  await client.open(fixture('coffee.png'));
  await service.close();
  expect(readdirSync(join(folder.path, 'scratch'))).toEqual([]);
  expect(existsSync(join(folder.path, 'state', 'session.json'))).toBe(false);
});
