import { afterEach, expect, test } from 'vitest';
import { type Events, type PixelAddress, pixelsUrl, type View } from '../../electron/contract.ts';
import { decodePhoto } from '../../electron/engine/photo/decode.ts';
import { fixture } from '../fixture.ts';
import { type FakeEngineOptions, fakeEngine, heldRun } from './fake-engine.ts';
import { openTestService, scratchFolder } from './test-service.ts';

const ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** A service with hubble (1000×872, so 8×7 tiles) decoded and shown. */
async function begin(options: FakeEngineOptions = {}) {
  const folder = scratchFolder();
  const engine = fakeEngine(options);
  const { service, client } = await openTestService(folder.path, engine);
  ends.push(folder.remove, () => service.close());
  const [photo] = await client.open(fixture('hubble_deep_field.jpg'));
  const shown = await client.request('photo.show', { photo: photo!.id });
  const tiles: Events['tile'][] = [];
  client.onEvent('tile', (tile) => tiles.push(tile));
  let number = 0;
  const view = (change: Partial<View>) =>
    client.request('view.set', {
      ...{ photo: photo!.id, number: ++number, region: { x: 0, y: 0, width: 1000, height: 872 } },
      ...{ blends: [50], enhance: 'always', ends: false, ring: false, ...change },
    });
  const complete = () => client.next('view', ({ done, total, number: at }) => at === number && done === total);
  const get = (address: Omit<PixelAddress, 'photo'>) =>
    service.pixels(new Request(`http://x${pixelsUrl({ ...address, photo: photo!.id } as PixelAddress)}`));
  return { service, client, engine, photo: photo!, shown, tiles, view, complete, get, folder };
}

const places = (tiles: readonly Events['tile'][]) => tiles.map(({ column, row }) => `${column},${row}`);

test('the middle of the view comes first, then outward', async () => {
  const { view, complete, tiles } = await begin();
  const done = complete();
  expect(await view({ region: { x: 256, y: 256, width: 384, height: 384 } })).toMatchObject({ total: 9, done: 0 });
  await done;
  expect(places(tiles)[0]).toBe('3,3');
  expect(new Set(places(tiles).slice(1, 5))).toEqual(new Set(['2,3', '4,3', '3,2', '3,4']));
});

test('what scrolled away is never begun; the running tile is finished and kept', async () => {
  const { hold, begun, release } = heldRun(1);
  const { view, complete, tiles, engine } = await begin({ hold });
  await view({ region: { x: 0, y: 0, width: 512, height: 512 } });
  await begun;
  const done = complete();
  await view({ region: { x: 896, y: 768, width: 100, height: 100 } });
  release();
  await done;
  expect(engine.runs.length).toBe(2);
  expect(places(tiles)).toEqual([expect.stringMatching(/^[12],[12]$/), '7,6']);
});

test('a view that comes late with an older number changes nothing; after a new page numbers start anew', async () => {
  const { view, complete, tiles, client } = await begin();
  const done = complete();
  await view({ region: { x: 0, y: 0, width: 10, height: 10 } });
  await done;
  const late = { number: 0, region: { x: 500, y: 500, width: 10, height: 10 } };
  await view(late);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  expect(places(tiles)).toEqual(['0,0']);
  const made = client.next('tile');
  await client.request('app.hello');
  await view(late);
  expect(await made).toMatchObject({ column: 3, row: 3 });
});

test('the loupe goes before the view; both ends and the ring after it', async () => {
  const { view, client, tiles } = await begin();
  const ring = new Promise<void>((resolve) => {
    client.onEvent('tile', () => tiles.length === 4 + 8 && resolve());
  });
  const region = { x: 390, y: 390, width: 100, height: 100 };
  await view({
    region,
    ends: true,
    ring: true,
    loupe: { region: { x: 0, y: 0, width: 60, height: 60 }, blends: [50] },
  });
  await ring;
  expect(tiles.slice(0, 4).map(({ column, row, blend }) => `${column},${row} ${blend}`)).toEqual([
    '0,0 50',
    '3,3 50',
    '3,3 0',
    '3,3 100',
  ]);
  expect(places(tiles.slice(4))).not.toContain('3,3');
});

/** Resolves when the service knows how fast its device is. */
async function measured(client: Awaited<ReturnType<typeof begin>>['client']) {
  while ((await client.request('app.hello')).device.rate === null) await new Promise((go) => setTimeout(go, 20));
}

test('a slow device waits to be asked; the loupe does not', async () => {
  const { view, tiles, client, engine } = await begin({ tileMs: 300 });
  await measured(client);
  const answer = await view({ enhance: 'auto' });
  expect(answer).toMatchObject({ total: 56, started: false });
  expect(answer.seconds).toBeGreaterThan(10);
  const made = client.next('tile');
  await view({ enhance: 'auto', loupe: { region: { x: 0, y: 0, width: 60, height: 60 }, blends: [50] } });
  await made;
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(places(tiles)).toEqual(['0,0']);
  expect(engine.runs.length).toBe(1);
});

test('a view that comes before the device is measured gets the tile in its middle at once, which is the measurement', async () => {
  const { view, tiles, client, engine } = await begin({ tileMs: 300, openMs: 1500 });
  expect((await client.request('app.hello')).device.rate).toBeNull();
  const [answer, second] = await Promise.all([view({ enhance: 'auto' }), view({ enhance: 'auto' })]);
  // The device is slow, so the rest still waits to be asked, and one tile is measured for both views.
  for (const { started, done, seconds } of [answer, second]) {
    expect({ started, done }).toEqual({ started: false, done: 1 });
    expect(seconds).toBeGreaterThan(10);
  }
  expect(places(tiles)).toEqual(['3,3']);
  await new Promise((resolve) => setTimeout(resolve, 700));
  expect(engine.runs.length).toBe(1);
  expect(engine.probes()).toBe(0);
});

test('kept tiles are not made again, and come at every size', async () => {
  const { view, complete, get, engine } = await begin();
  const region = { x: 0, y: 0, width: 100, height: 100 };
  let done = complete();
  await view({ region });
  await done;
  done = complete();
  expect(await view({ region })).toMatchObject({ done: 1, total: 1 });
  expect(engine.runs.length).toBe(1);
  for (const [level, size] of [512, 256, 128].entries()) {
    const response = await get({ kind: 'enhanced', level, column: 0, row: 0, blend: 50 } as never);
    expect(response.headers.get('x-width')).toBe(String(size));
  }
});

test('tiles are the whole picture: cut at the edges, equal to the engine’s own result', async () => {
  const { view, complete, get, photo, folder } = await begin();
  const done = complete();
  await view({ region: { x: 990, y: 860, width: 10, height: 12 }, blends: [0] });
  await done;
  const response = await get({ kind: 'enhanced', level: 0, column: 7, row: 6, blend: 0 } as never);
  expect([response.headers.get('x-width'), response.headers.get('x-height')]).toEqual([
    String(4 * 104),
    String(4 * 104),
  ]);
  const data = new Uint8Array(await response.arrayBuffer());
  const decoded = await decodePhoto(fixture(photo.name), {
    scratchDir: folder.path,
  });
  const { data: pixel } = decoded.pixels.read({ x: 999, y: 871, width: 1, height: 1 });
  await decoded.close();
  expect([...data.slice(-4, -1)]).toEqual([...pixel]);
});

test('the invented-detail map: nothing at Faithful, half the checkerboard’s height at Crisp, unknown until both are made', async () => {
  const { view, complete, get } = await begin();
  const map = async (blend: number) => get({ kind: 'invented', column: 3, row: 3, blend } as never);
  const region = { x: 400, y: 400, width: 50, height: 50 };
  let done = complete();
  await view({ region, blends: [100] });
  await done;
  expect((await map(100)).status).toBe(404);
  done = complete();
  await view({ region, blends: [0, 100] });
  await done;
  const at100 = new Uint8Array(await (await map(100)).arrayBuffer());
  expect(at100.length).toBe(128 * 128 * 2);
  // The fake raises every second pixel by 4 levels at 100: 2 on average, and as much away from the source.
  // (Less where the source is white already.)
  const invented = [...at100].filter((_, index) => index % 2 === 0);
  expect(Math.max(...invented)).toBe(2);
  expect(invented.filter((value) => value === 2).length).toBeGreaterThan(0.95 * invented.length);
  const at0 = new Uint8Array(await (await map(0)).arrayBuffer());
  expect(at0.every((value) => value === 0)).toBe(true);
});

test('a crash of the engine costs one run of one tile; the second in a row is told and the next view goes on', async () => {
  const crashes = new Set([2, 4, 5]);
  const { view, complete, client, engine } = await begin({ fault: (run) => (crashes.has(run) ? 'crash' : undefined) });
  let done = complete();
  await view({ region: { x: 0, y: 0, width: 256, height: 100 } });
  await done;
  expect(engine.launches()).toBe(2);
  const failed = client.next('view', ({ error }) => error !== undefined);
  await view({ region: { x: 512, y: 512, width: 50, height: 50 } });
  expect((await failed).error?.code).toBe('engine-stopped');
  done = complete();
  await view({ region: { x: 512, y: 512, width: 50, height: 50 } });
  await done;
  expect((await client.request('app.hello')).banners.map(({ id }) => id)).toContain('engine');
});

test('a lost device: the work goes on, the chip warns with the words of text 19', async () => {
  const { view, complete, client } = await begin({
    device: 'cuda',
    fault: (run) => (run <= 2 ? 'device-lost' : undefined),
  });
  const done = complete();
  await view({ region: { x: 0, y: 0, width: 100, height: 100 } });
  await done;
  const { device, banners } = await client.request('app.hello');
  expect(device).toMatchObject({ state: 'warning', kind: 'cpu', name: 'Fake CPU', error: { code: 'device-lost' } });
  expect(banners).toMatchObject([{ id: 'device', actions: ['use-cpu', 'retry'] }]);
});
