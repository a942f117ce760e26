import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { DEFAULT_SETTINGS, type Events, type ExportSettings, type View } from '../../electron/contract.ts';
import { sharp } from '../../electron/engine/photo/imaging.ts';
import { type FakeEngineOptions, fakeEngine } from './fake-engine.ts';
import { openTestService, scratchFolder } from './test-service.ts';

const ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
const settings: ExportSettings = { ...DEFAULT_SETTINGS.export, format: 'png', destination: { kind: 'host' } };

async function begin(options: FakeEngineOptions, folder = scratchFolder()) {
  const engine = fakeEngine(options);
  const { service, client } = await openTestService(folder.path, engine);
  ends.push(folder.remove, () => service.close());
  return { client, engine, folder };
}

async function flatPhoto(at: string, name: string, width = 150, height = 40): Promise<string> {
  const path = join(at, name);
  await sharp({ create: { width, height, channels: 3, background: { r: 20, g: 90, b: 60 } } })
    .jpeg()
    .toFile(path);
  return path;
}
const done =
  (count: number) =>
  ({ album }: Events['album.changed']) =>
    album.state === 'idle' && album.counts.done === count;

test('an album that paused because its device is gone goes on with the one chosen then', async () => {
  let isGone = false;
  const { client, engine, folder } = await begin({ device: 'cuda', driverGone: () => isGone });
  await client.request('device.choose', { device: 'cuda', precision: 'auto' });
  const photos = await client.open(await flatPhoto(folder.path, 'a.jpg'), await flatPhoto(folder.path, 'b.jpg'));
  isGone = true;
  const paused = client.next('album.changed', ({ album }) => album.state === 'paused');
  await client.request('album.add', { photos: photos.map(({ id }) => id), settings });
  expect((await paused).album.pausedBy).toMatchObject({ code: 'device-unavailable' });
  await client.request('device.choose', { device: 'cpu', precision: 'auto' });
  const idle = client.next('album.changed', done(2));
  await client.request('album.resume');
  await idle;
  expect(engine.runs.every(({ device }) => device === 'cpu')).toBe(true);
});

test('another device holds for the photo at hand too, from its next tile on', async () => {
  const { client, engine, folder } = await begin({ device: 'cuda', tileMs: 20 });
  const [photo] = await client.open(await flatPhoto(folder.path, 'large.jpg', 640, 640));
  const begun = client.next('album.changed', ({ jobs }) => jobs.some(({ progress }) => progress > 0));
  const idle = client.next('album.changed', done(1));
  await client.request('album.add', { photos: [photo!.id], settings });
  await begun;
  await client.request('device.choose', { device: 'cpu', precision: 'auto' });
  await idle;
  const devices = engine.runs.map(({ device }) => device).join(' ');
  expect(devices).toMatch(/^(cuda )+(cpu ?)+$/);
});

test('a device that an old journal names does not count any more', async () => {
  const folder = scratchFolder();
  const source = await flatPhoto(folder.path, 'a.jpg');
  const row = { photo: 'old', name: 'a.jpg', folder: '', width: 150, height: 40, blend: 50 };
  const kept = { blend: 0.5, format: 'png', output: join(folder.path, 'out'), outputIs: 'folder', device: 'cuda', row };
  mkdirSync(join(folder.path, 'state'));
  writeFileSync(
    join(folder.path, 'state', 'album.jsonl'),
    [
      { kind: 'album', version: 1, startedMs: 1 },
      { kind: 'photo', photo: { id: 'p1', source, settings: kept, state: 'waiting' } },
    ]
      .map((entry) => `${JSON.stringify(entry)}\n`)
      .join(''),
  );
  let isGone = false;
  const { client } = await begin({ device: 'cuda', driverGone: () => isGone }, folder);
  await client.request('device.choose', { device: 'cpu', precision: 'auto' });
  isGone = true;
  const over = client.next('album.changed', ({ album }) => album.state === 'paused' || done(1)({ album, jobs: [] }));
  await client.request('album.recover', { choice: 'resume' });
  expect((await over).album).toMatchObject({ state: 'idle', counts: { done: 1 } });
});

/** Looks at a photo whose first tile takes the device away twice, so that the CPU makes it. */
async function loseDevice(options: FakeEngineOptions = {}) {
  const now = await begin({ device: 'cuda', fault: (run) => (run <= 2 ? 'device-lost' : undefined), ...options });
  const { client, folder } = now;
  const [photo] = await client.open(await flatPhoto(folder.path, 'a.jpg', 600, 300));
  await client.request('photo.show', { photo: photo!.id });
  let number = 0;
  const look = async (x: number, blend = 50) => {
    const region = { x, y: 0, width: 120, height: 300 };
    const view: View = {
      photo: photo!.id,
      number: ++number,
      region,
      blends: [blend],
      enhance: 'always',
      ends: false,
      ring: false,
    };
    const complete = client.next('view', (told) => told.number === view.number && told.done === told.total);
    await client.request('view.set', view);
    await complete;
  };
  const told = client.next('banners', (banners) => banners.length > 0);
  await look(0);
  expect(await told).toMatchObject([{ id: 'device', error: { code: 'device-lost' }, actions: ['use-cpu', 'retry'] }]);
  return { ...now, look };
}

test('a dismissed banner about the device stays away while the device only gets slower; the chip still knows', async () => {
  let tileMs = 1;
  const { client, look } = await loseDevice({ tileMs: () => tileMs });
  await client.request('banner.dismiss', { banner: 'device' });
  const slower = client.next('device.changed');
  tileMs = 60;
  await look(260);
  await slower;
  const { banners, device } = await client.request('app.hello');
  expect(banners).toEqual([]);
  expect(device).toMatchObject({ state: 'warning', kind: 'cpu', error: { code: 'device-lost' } });
});

test('the device that failed is named beside the one that took over', async () => {
  const { client } = await loseDevice();
  const { device } = await client.request('app.hello');
  const params = { device: 'Fake GPU', kind: 'cuda' };
  expect(device).toMatchObject({ kind: 'cpu', name: 'Fake CPU', error: { code: 'device-lost', params } });
});

test('what took over makes the other blends, exports and albums too, until somebody chooses', async () => {
  const { client, engine, folder, look } = await loseDevice();
  const before = engine.runs.length;
  await look(0, 100);
  const [other] = await client.open(await flatPhoto(folder.path, 'b.jpg'));
  const idle = client.next('album.changed', done(1));
  await client.request('album.add', { photos: [other!.id], settings });
  await idle;
  const devices = engine.runs.slice(before).map(({ device }) => device);
  expect(devices.length).toBeGreaterThan(1);
  expect(new Set(devices)).toEqual(new Set(['cpu']));
});

test('choosing the lost device again tries it anew, and everything goes back to it', async () => {
  const { client, engine, look } = await loseDevice();
  const before = engine.runs.length;
  expect(engine.runs.at(-1)!.device).toBe('cpu');
  const chosen = await client.request('device.choose', { device: 'auto', precision: 'auto' });
  expect(chosen).toMatchObject({ state: 'ready', kind: 'cuda' });
  expect(chosen.error).toBeUndefined();
  expect(engine.forgotten()).toBe(1);
  expect((await client.request('app.hello')).banners).toEqual([]);
  await look(260);
  expect(engine.runs.slice(before).every(({ device }) => device === 'cuda')).toBe(true);
});
