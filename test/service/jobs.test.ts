import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import {
  DEFAULT_SETTINGS,
  type Events,
  type ExportSettings,
  JOB_STATES,
  type Job,
  pixelsUrl,
  type View,
} from '../../electron/contract.ts';
import { sharp } from '../../electron/engine/photo/imaging.ts';
import { fixture } from '../fixture.ts';
import { type FakeEngineOptions, fakeEngine } from './fake-engine.ts';
import { openTestService, type Refused, scratchFolder } from './test-service.ts';

const ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
const settings: ExportSettings = { ...DEFAULT_SETTINGS.export, format: 'png', destination: { kind: 'host' } };

async function begin(options: FakeEngineOptions = {}, folder = scratchFolder()) {
  const engine = fakeEngine(options);
  const { service, client } = await openTestService(folder.path, engine);
  ends.push(folder.remove, () => service.close());
  return { service, client, engine, folder, out: join(folder.path, 'out') };
}
type Test = Awaited<ReturnType<typeof begin>>;

/** A folder of small photos of different colours, some of them no photos. */
async function smallPhotos(at: string, count: number, bad: readonly number[] = []): Promise<string> {
  const folder = join(at, 'holiday');
  mkdirSync(join(folder, 'day 2'), { recursive: true });
  for (let n = 1; n <= count; n++) {
    const path = join(folder, n % 2 ? '' : 'day 2', `IMG_${n}.jpg`);
    if (bad.includes(n)) writeFileSync(path, `no photo ${n}`);
    else
      await sharp({ create: { width: 150, height: 40, channels: 3, background: { r: 10 * n, g: 90, b: 60 } } })
        .jpeg()
        .toFile(path);
  }
  return folder;
}

/** Everything told about the album, each state checked: the counts add up and are those of the rows. */
function watchAlbum({ client }: Test): { rows: Map<string, Job>; told: Events['album.changed'][] } {
  const rows = new Map<string, Job>();
  const told: Events['album.changed'][] = [];
  client.onEvent('album.changed', (change) => {
    for (const job of change.jobs) rows.set(job.id, job);
    for (const id of change.removed ?? []) rows.delete(id);
    told.push(change);
    const { total, ...states } = change.album.counts;
    expect(JOB_STATES.reduce((sum, state) => sum + states[state], 0)).toBe(total);
    for (const state of JOB_STATES)
      expect([...rows.values()].filter((job) => job.state === state).length, state).toBe(states[state]);
  });
  return { rows, told };
}
const ended = ({ album }: Events['album.changed']) => album.state === 'idle';

test('an export is the settled viewer, byte for byte, and makes no kept tile again', async () => {
  const { client, service, engine, out } = await begin();
  const [photo] = await client.open(fixture('chelsea.png'));
  await client.request('photo.show', { photo: photo!.id });
  const complete = client.next('view', ({ done, total }) => done === total);
  const region = { x: 0, y: 0, width: 451, height: 300 };
  const view: View = { photo: photo!.id, number: 1, region, blends: [50], enhance: 'always', ends: false };
  expect((await client.request('view.set', view)).total).toBe(12);
  await complete;
  const estimate = await client.request('export.estimate', { photos: [photo!.id], settings });
  expect(estimate).toMatchObject({ width: 1804, height: 1200, enhanced: 1, names: ['chelsea-4x.png'], problems: [] });
  const done = client.next('export.changed', ({ state }) => state !== 'running' && state !== 'waiting');
  await client.request('export.start', { photo: photo!.id, settings });
  const job = await done;
  expect(job).toMatchObject({ state: 'done', progress: 1, file: { name: 'chelsea-4x.png' } });
  expect(engine.runs.length).toBe(12);
  const whole = await sharp(join(out, 'chelsea-4x.png')).raw().toBuffer({ resolveWithObject: true });
  expect(whole.info).toMatchObject({ width: 1804, height: 1200, channels: 3 });
  for (const [column, row] of [
    [0, 0],
    [1, 1],
    [3, 2],
  ] as const) {
    const url = pixelsUrl({ kind: 'enhanced', photo: photo!.id, level: 0, column, row, blend: 50 });
    const tile = await service.pixels(new Request(`http://x${url}`));
    const [width, height] = ['x-width', 'x-height'].map((name) => Number(tile.headers.get(name))) as [number, number];
    const data = new Uint8Array(await tile.arrayBuffer());
    let different = 0;
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        for (let c = 0; c < 3; c++)
          if (data[(y * width + x) * 4 + c] !== whole.data[((row * 512 + y) * 1804 + column * 512 + x) * 3 + c])
            different++;
    expect(different).toBe(0);
  }
});

test('an album works on a photo that was viewed in the viewer’s grid, and keeps what was shown', async () => {
  const { client, engine } = await begin();
  // 451 px would fit into cores of 116 as well: another grid, whose tiles must not be mixed with the viewer's.
  const [photo] = await client.open(fixture('chelsea.png'));
  await client.request('photo.show', { photo: photo!.id });
  const complete = client.next('view', ({ done, total }) => done === total);
  const region = { x: 0, y: 0, width: 100, height: 100 };
  const view: View = { photo: photo!.id, number: 1, region, blends: [50], enhance: 'always', ends: false, ring: false };
  await client.request('view.set', view);
  await complete;
  const idle = client.next('album.changed', ended);
  await client.request('album.add', { photos: [photo!.id], settings });
  expect((await idle).album.counts.done).toBe(1);
  expect(engine.runs.length).toBe(12);
  const whole = { x: 0, y: 0, width: 451, height: 300 };
  expect(await client.request('view.set', { ...view, number: 2, region: whole })).toMatchObject({
    total: 12,
    done: 12,
  });
});

test('a photo saved over since it was viewed is made anew: no tile of the old one, and none kept as the old one’s', async () => {
  const { client, folder, out } = await begin();
  const path = join(folder.path, 'edited.png');
  const grey = (level: number) =>
    sharp({ create: { width: 256, height: 128, channels: 3, background: { r: level, g: level, b: level } } })
      .png()
      .toBuffer();
  writeFileSync(path, await grey(40));
  const show = async (number: number) => {
    const [photo] = await client.open(path);
    await client.request('photo.show', { photo: photo!.id });
    const region = { x: 0, y: 0, width: 128 * number, height: 128 };
    const complete = client.next('view', ({ done, total }) => done === total);
    const view: View = { photo: photo!.id, number, region, blends: [0], enhance: 'always', ends: false, ring: false };
    return { photo: photo!.id, complete, view: await client.request('view.set', view) };
  };
  const { photo, complete } = await show(1);
  await complete;
  writeFileSync(path, await grey(200));
  await client.request('blend.set', { photos: [photo], value: 0 });
  const idle = client.next('album.changed', ended);
  await client.request('album.add', { photos: [photo], settings });
  expect((await idle).album.counts.done).toBe(1);
  const { channels } = await sharp(join(out, 'edited-4x.png')).stats();
  expect(channels.map(({ min, max }) => [min, max])).toEqual(Array(channels.length).fill([200, 200]));
  await client.request('photos.close', { photos: [photo] });
  writeFileSync(path, await grey(40));
  expect((await show(2)).view).toMatchObject({ total: 2, done: 1 });
});

test('what an export made, the viewer shows without making it again', async () => {
  const { client, engine } = await begin();
  const [photo] = await client.open(fixture('chelsea.png'));
  const done = client.next('export.changed', ({ state }) => state === 'done');
  await client.request('export.start', { photo: photo!.id, settings });
  await done;
  expect(engine.runs.length).toBe(12);
  await client.request('photo.show', { photo: photo!.id });
  const region = { x: 0, y: 0, width: 451, height: 300 };
  const view: View = { photo: photo!.id, number: 1, region, blends: [50], enhance: 'always' };
  expect(await client.request('view.set', view)).toMatchObject({ total: 12, done: 12 });
});

test('an export is cancelled between two tiles and leaves nothing', async () => {
  const { client, out } = await begin({ tileMs: 50 });
  const [photo] = await client.open(fixture('chelsea.png'));
  const begun = client.next('export.changed', ({ progress }) => progress > 0);
  const { id } = await client.request('export.start', { photo: photo!.id, settings });
  await begun;
  const cancelled = client.next('export.changed', ({ state }) => state === 'cancelled');
  await client.request('export.cancel', { job: id });
  await cancelled;
  expect(readdirSync(out).filter((name) => !name.startsWith('.'))).toEqual([]);
  await client.request('export.dismiss', { job: id });
  expect((await client.request('app.hello')).exports).toEqual([]);
});

test('an export of a photo that has moved says so', async () => {
  const { client, folder } = await begin();
  const path = join(folder.path, 'gone.png');
  copyFileSync(fixture('chelsea.png'), path);
  const [photo] = await client.open(path);
  rmSync(path);
  const failed = client.next('export.changed', ({ state }) => state === 'failed');
  await client.request('export.start', { photo: photo!.id, settings });
  expect((await failed).error).toMatchObject({ code: 'source-missing', path: 'gone.png' });
});

test('an impossible format says why before anything starts; a folder that was not granted is refused', async () => {
  const { client, folder } = await begin();
  const wide = join(folder.path, 'wide.png');
  await sharp({ create: { width: 5000, height: 20, channels: 3, background: 'navy' } })
    .png()
    .toFile(wide);
  const [photo] = await client.open(wide);
  const estimate = await client.request('export.estimate', {
    photos: [photo!.id],
    settings: { ...settings, format: 'webp' },
  });
  expect(estimate.problems).toMatchObject([{ code: 'format-limit' }]);
  expect(estimate.formats.filter(({ problem }) => problem).map(({ format }) => format)).toEqual(['webp', 'avif']);
  const elsewhere = { ...settings, destination: { kind: 'folder', grant: photo!.id } } as const;
  const refused = (await client
    .request('export.start', { photo: photo!.id, settings: elsewhere })
    .catch((e) => e)) as Refused;
  expect(refused.plain.code).toBe('not-granted');
  const read = await client.owner('grants.add', { files: [{ path: folder.path }], use: 'read' });
  const again = { ...settings, destination: { kind: 'folder', grant: read.grants[0]!.id } } as const;
  await expect(client.request('export.start', { photo: photo!.id, settings: again })).rejects.toThrow(/not-granted/);
});

test('an album: every photo done or accounted for, the tree kept, one bad photo stops nothing', async () => {
  const now = await begin();
  const { client, folder, out } = now;
  const photos = await client.open(await smallPhotos(folder.path, 7, [3]));
  expect(photos.map(({ state }) => state).filter((state) => state === 'skipped').length).toBe(1);
  const { rows, told } = watchAlbum(now);
  const idle = client.next('album.changed', ended);
  await client.request('album.add', { photos: photos.map(({ id }) => id), settings });
  await idle;
  expect(told.at(-1)!.album.counts).toMatchObject({ total: 7, done: 6, failed: 1, waiting: 0, running: 0 });
  const failed = [...rows.values()].find(({ state }) => state === 'failed')!;
  expect(failed).toMatchObject({ name: 'IMG_3.jpg', error: { code: 'not-a-picture', path: 'IMG_3.jpg' } });
  const made = readdirSync(out, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.png'));
  expect(made.sort()).toEqual(
    [1, 2, 4, 5, 6, 7].map((n) => join('holiday', n % 2 ? '' : 'day 2', `IMG_${n}-4x.png`)).sort(),
  );
  await client.request('album.clear');
  expect((await client.request('album.list')).jobs).toEqual([]);
});

test('an engine that cannot be started pauses the album, fails no photo, and resume completes', async () => {
  let isBroken = false;
  const now = await begin({ diesOpening: () => isBroken });
  const { client, folder } = now;
  const photos = await client.open(await smallPhotos(folder.path, 5));
  watchAlbum(now);
  const idle = client.next('album.changed', ({ album }) => album.state === 'idle' && album.counts.done === 5);
  const paused = client.next('album.changed', ({ album }) => album.state === 'paused');
  isBroken = true;
  await client.request('album.add', { photos: photos.map(({ id }) => id), settings });
  const { album } = await paused;
  expect(album.pausedBy).toMatchObject({ code: 'engine-unavailable' });
  expect(album.counts).toMatchObject({ total: 5, done: 0, failed: 0 });
  isBroken = false;
  await client.request('album.resume');
  await idle;
});

test('the banner of a paused album, put away, stays away while the reason lasts; the same one later is news', async () => {
  let isBroken = true;
  const now = await begin({ diesOpening: () => isBroken });
  const { client, folder } = now;
  const photos = await client.open(await smallPhotos(folder.path, 3));
  watchAlbum(now);
  const ids = photos.map(({ id }) => id);
  const bannersNow = async () => (await client.request('app.hello')).banners.filter(({ id }) => id === 'album');
  const pauses = () => client.next('album.changed', ({ album }) => album.state === 'paused');
  let paused = pauses();
  await client.request('album.add', { photos: ids.slice(0, 2), settings });
  await paused;
  expect(await bannersNow()).toMatchObject([{ error: { code: 'engine-unavailable' }, actions: ['resume'] }]);
  await client.request('banner.dismiss', { banner: 'album' });
  const longer = client.next('album.changed', ({ album }) => album.state === 'paused' && album.counts.total === 3);
  await client.request('album.add', { photos: ids.slice(2), settings });
  await longer;
  expect(await bannersNow()).toEqual([]);
  paused = pauses();
  await client.request('album.resume');
  await paused;
  expect(await bannersNow()).toMatchObject([{ error: { code: 'engine-unavailable' } }]);
  isBroken = false;
  const idle = client.next('album.changed', ({ album }) => album.state === 'idle' && album.counts.done === 3);
  await client.request('album.resume');
  await idle;
  expect(await bannersNow()).toEqual([]);
});

test('pause stops within one tile and resume completes; photos may be added meanwhile; cancel keeps what is done', async () => {
  const now = await begin({ tileMs: 30 });
  const { client, folder, engine } = now;
  const photos = await client.open(await smallPhotos(folder.path, 8));
  const ids = photos.map(({ id }) => id);
  watchAlbum(now);
  const first = client.next('album.changed', ({ album }) => album.counts.done >= 1);
  await client.request('album.add', { photos: ids.slice(0, 5), settings });
  await first;
  const paused = client.next('album.changed', ({ album }) => album.state === 'paused');
  await client.request('album.pause');
  await paused;
  await client.request('album.add', { photos: ids.slice(5), settings });
  await new Promise((resolve) => setTimeout(resolve, 60));
  const before = engine.runs.length;
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(engine.runs.length).toBe(before);
  const more = client.next('album.changed', ({ album }) => album.counts.done >= 3);
  await client.request('album.resume');
  await more;
  const idle = client.next('album.changed', ended);
  await client.request('album.cancel', {});
  const { album } = await idle;
  expect(album.counts.done).toBeGreaterThanOrEqual(3);
  expect(album.counts.done + album.counts.cancelled).toBe(8);
});

test('what waits or runs with the very same settings is not added again, whoever asks; ended rows and other wishes are', async () => {
  const now = await begin({ tileMs: 300 });
  const { client, folder } = now;
  const photos = await client.open(await smallPhotos(folder.path, 3));
  const ids = photos.map(({ id }) => id);
  const add = async (wanted: string[], chosen = settings) =>
    (await client.request('album.add', { photos: wanted, settings: chosen })).jobs.map(({ id }) => id);
  const rows = await add(ids);
  expect(rows.length).toBe(3);
  expect(await add([ids[2]!, ids[1]!, ids[1]!])).toEqual([rows[2], rows[1]]);
  await client.request('album.pause');
  await client.request('album.cancel', { jobs: [rows[0]!] });
  const again = await add(ids);
  expect(again.slice(1)).toEqual(rows.slice(1));
  expect(rows).not.toContain(again[0]);
  const numbered = { ...settings, template: '{name} {n}' };
  const [one] = await add([ids[1]!], numbered);
  expect(await add([ids[1]!], numbered)).toEqual([one]);
  expect(await add([ids[2]!, ids[1]!], numbered)).not.toContain(one);
  await client.request('blend.set', { photos: [ids[1]!], value: 80 });
  expect(rows).not.toContain((await add([ids[1]!]))[0]);
  expect((await client.request('album.list')).jobs.length).toBe(8);
});

test('viewing goes before the album, between two tiles', async () => {
  const now = await begin({ tileMs: 40 });
  const { client, folder, engine } = now;
  const photos = await client.open(await smallPhotos(folder.path, 8));
  const [chelsea] = await client.open(fixture('chelsea.png'));
  await client.request('photo.show', { photo: chelsea!.id });
  const first = client.next('album.changed', ({ album }) => album.counts.done >= 1);
  const idle = client.next('album.changed', ended);
  await client.request('album.add', { photos: photos.map(({ id }) => id), settings });
  await first;
  const before = engine.runs.length;
  const complete = client.next('view', ({ done, total }) => done === total);
  const region = { x: 0, y: 0, width: 384, height: 256 };
  const view: View = {
    photo: chelsea!.id,
    number: 1,
    region,
    blends: [73],
    enhance: 'always',
    ends: false,
    ring: false,
  };
  await client.request('view.set', view);
  await complete;
  const between = engine.runs.slice(before);
  // At most the tile that was running when the view was set.
  expect(between.filter(({ blend }) => blend === 50).length).toBeLessThanOrEqual(1);
  expect(between.filter(({ blend }) => blend === 73).length).toBe(6);
  await idle;
});

test('what a former run left is offered; done photos are not made again', async () => {
  const folder = scratchFolder();
  ends.push(folder.remove);
  const one = await begin({ tileMs: 25 }, { ...folder, remove: () => {} });
  const photos = await one.client.open(await smallPhotos(folder.path, 6));
  const some = one.client.next('album.changed', ({ album }) => album.counts.done >= 2);
  await one.client.request('album.add', { photos: photos.map(({ id }) => id), settings });
  await some;
  await one.service.close();
  const made = readdirSync(one.out, { recursive: true }).length;

  const two = await begin({}, { ...folder, remove: () => {} });
  const { recovery, album } = await two.client.request('app.hello');
  expect(recovery).toMatchObject({ total: 6, inOrder: true });
  expect(recovery!.done).toBeGreaterThanOrEqual(2);
  expect(recovery!.rows.map(({ name }) => name)).toContain('IMG_1.jpg');
  expect(album.counts.total).toBe(0);
  const { told } = watchAlbum(two);
  const idle = two.client.next('album.changed', ended);
  await two.client.request('album.recover', { choice: 'resume' });
  await idle;
  expect(told.at(-1)!.album.counts).toMatchObject({ total: 6, done: 6 });
  expect((await two.client.request('photos.list')).photos.length).toBe(6);
  expect(made).toBeLessThan(readdirSync(two.out, { recursive: true }).length);
  expect(readdirSync(join(two.out, 'holiday')).filter((name) => name.includes('(')).length).toBe(0);
  await two.service.close();
  const three = await begin({}, { ...folder, remove: () => {} });
  expect((await three.client.request('app.hello')).recovery).toBeNull();
});

test('a recovered photo opens at the blend its row was exported with', async () => {
  const folder = scratchFolder();
  ends.push(folder.remove);
  const one = await begin({ tileMs: 25 }, { ...folder, remove: () => {} });
  const photos = await one.client.open(await smallPhotos(folder.path, 4));
  const own = photos.find(({ name }) => name === 'IMG_1.jpg')!;
  await one.client.request('blend.set', { photos: [own.id], value: 80 });
  const some = one.client.next('album.changed', ({ album }) => album.counts.done >= 1);
  await one.client.request('album.add', { photos: photos.map(({ id }) => id), settings });
  await some;
  await one.service.close();

  const two = await begin({}, { ...folder, remove: () => {} });
  await two.client.request('album.recover', { choice: 'resume' });
  const restored = (await two.client.request('photos.list')).photos;
  expect(restored.map(({ name, blend }) => [name, blend]).sort()).toEqual([
    ['IMG_1.jpg', 80],
    ['IMG_2.jpg', null],
    ['IMG_3.jpg', null],
    ['IMG_4.jpg', null],
  ]);
});

test('adding photos while a former run is offered takes it up: the offer goes, its rows are open photos', async () => {
  const folder = scratchFolder();
  ends.push(folder.remove);
  const one = await begin({ tileMs: 25 }, { ...folder, remove: () => {} });
  const photos = await one.client.open(await smallPhotos(folder.path, 4));
  const some = one.client.next('album.changed', ({ album }) => album.counts.done >= 1);
  await one.client.request('album.add', { photos: photos.map(({ id }) => id), settings });
  await some;
  await one.service.close();

  const two = await begin({}, { ...folder, remove: () => {} });
  expect((await two.client.request('app.hello')).recovery).toMatchObject({ total: 4 });
  // One of them was opened anew in the meantime, and has another id.
  const [own] = await two.client.open(fixture('chelsea.png'), join(folder.path, 'holiday', 'IMG_1.jpg'));
  const offer = two.client.next('album.recovery');
  const idle = two.client.next('album.changed', ({ album }) => album.state === 'idle' && album.counts.done === 5);
  await two.client.request('album.add', { photos: [own!.id], settings });
  expect(await offer).toBeNull();
  await idle;
  const hello = await two.client.request('app.hello');
  expect(hello.recovery).toBeNull();
  expect(hello.photos.length).toBe(5);
  expect(hello.jobs.map(({ photo }) => photo).sort()).toEqual(hello.photos.map(({ id }) => id).sort());
});

test('a second Fourfold on the same queue is told so', async () => {
  const one = await begin();
  const photos = await one.client.open(await smallPhotos(one.folder.path, 1));
  await one.client.request('album.add', { photos: [photos[0]!.id], settings });
  const two = await begin({}, { ...one.folder, remove: () => {} });
  expect((await two.client.request('app.hello')).banners).toMatchObject([
    { id: 'album', error: { code: 'queue-in-use' } },
  ]);
});

test('a blend of its own, the album’s for the others, and undo over both', async () => {
  const { client, folder } = await begin();
  const photos = await client.open(await smallPhotos(folder.path, 3));
  const [a, b] = photos.map(({ id }) => id) as [string, string];
  const values = async () => {
    const hello = await client.request('app.hello');
    return [hello.settings.albumBlend, ...hello.photos.map(({ blend }) => blend)];
  };
  await client.request('blend.set', { photos: [a, b], value: 80 });
  await client.request('blend.set', { photos: [b], value: 0 });
  await client.request('blend.album', { value: 30 });
  expect(await values()).toEqual([30, 80, 0, null]);
  expect(await client.request('blend.undo')).toEqual({ photos: [] });
  expect(await client.request('blend.undo')).toEqual({ photos: [b] });
  expect(await values()).toEqual([50, 80, 80, null]);
  await client.request('blend.redo');
  await client.request('blend.set', { photos: [a], value: null });
  expect(await client.request('blend.redo')).toBeNull();
  expect(await values()).toEqual([50, null, 0, null]);
});

test('a source is never written to, and its bytes stay as they were', async () => {
  const { client, folder } = await begin();
  const own = join(folder.path, 'coffee.png');
  copyFileSync(fixture('coffee.png'), own);
  const before = readFileSync(own);
  const [photo] = await client.open(own);
  const failed = client.next('export.changed', ({ state }) => state === 'failed' || state === 'done');
  const over = { ...settings, template: '{name}', destination: { kind: 'beside' }, ifExists: 'overwrite' } as const;
  await client.request('export.start', { photo: photo!.id, settings: over });
  expect(await failed).toMatchObject({ state: 'failed', error: { code: 'target-is-source' } });
  expect(readFileSync(own).equals(before)).toBe(true);
});
