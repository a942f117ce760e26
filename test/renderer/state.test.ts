import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Opening } from '../../renderer/components/opening.ts';
import type { App } from '../../renderer/state/app.svelte.ts';
import { loadState } from './load-state.ts';
import { albumOf, estimateOf, helloOf, jobOf, openedOf, photoOf } from './scripted-state.ts';

const picture = { width: 600, height: 400, rgba: Buffer.alloc(0) };
const photos = ['a', 'b', 'c'].map((id) => photoOf(id, `${id}.jpg`, picture));

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('the blend slider', () => {
  test('settles 150 ms after the last key: one step to undo for all of them', async () => {
    const { app, asked } = await loadState(helloOf(photos));
    for (const value of [51, 52, 53]) {
      app.blend.move(value);
      app.blend.release();
    }
    expect(asked('blend.set')).toEqual([]);
    await vi.advanceTimersByTimeAsync(150);
    expect(asked('blend.set')).toEqual([{ photos: ['a'], value: 53 }]);
  });

  test('settles with the release of the pointer, not before', async () => {
    const { app, asked } = await loadState(helloOf(photos));
    app.blend.hold();
    app.blend.move(70);
    await vi.advanceTimersByTimeAsync(1000);
    expect(asked('blend.set')).toEqual([]);
    app.blend.release();
    expect(asked('blend.set')).toEqual([{ photos: ['a'], value: 70 }]);
  });
});

describe('a blend that has not come to rest', () => {
  const b = photos[1]!;
  const steps = async (act: (app: App) => unknown) => {
    const { app, answers, requests } = await loadState(helloOf(photos));
    answers.set('album.add', () => ({ jobs: [] }));
    answers.set('export.start', () => jobOf(photos[0]!, 'running'));
    app.blend.step(3);
    await act(app);
    await vi.advanceTimersByTimeAsync(200);
    return requests.filter(({ method }) => method !== 'photo.show').map(({ method }) => method);
  };

  test('is kept before another photo is looked at, for the one it was chosen for', async () => {
    vi.stubGlobal('fetch', async () => new Response(null, { status: 404 }));
    const { app, asked } = await loadState(helloOf(photos));
    app.blend.step(3);
    app.library.step(1);
    expect(asked('blend.set')).toEqual([{ photos: ['a'], value: 53 }]);
    await app.viewer.show(b);
    await vi.advanceTimersByTimeAsync(200);
    expect(asked('blend.set')).toHaveLength(1);
    expect(app.viewer.blend).toBe(50);
  });

  test('is kept before an export, an album and an undo', async () => {
    expect(await steps((app) => app.exporting.start())).toEqual(['blend.set', 'export.start']);
    expect(await steps((app) => app.exportAlbum())).toEqual(['blend.set', 'album.add']);
    expect(await steps((app) => app.library.undo())).toEqual(['blend.set', 'blend.undo']);
  });
});

describe('photos added while the album runs', () => {
  const [a, b] = [photos[0]!, photos[1]!];
  const running = [jobOf(a, 'running')];

  test('are its own, those that are new, once they have been read', async () => {
    const hello = helloOf([a], { jobs: running, album: albumOf(running, 'running') });
    const { app, answers, asked, emit } = await loadState(hello);
    answers.set('album.add', () => ({ jobs: [] }));
    answers.set('photos.open', () => ({ photos: [a, { ...b, state: 'reading' }] }));
    await app.openForAlbum(() => app.library.open([{ id: 'g', name: 'x', kind: 'folder' }]));
    expect(asked('album.add')).toEqual([]);
    emit('photo.changed', b);
    await vi.advanceTimersByTimeAsync(20);
    expect(asked('album.add')).toEqual([{ photos: ['b'], settings: app.exporting.settings }]);
  });

  test('by dropping them on its screen are its own too', async () => {
    const hello = helloOf([a], { jobs: running, album: albumOf(running, 'running') });
    const { app, answers, asked } = await loadState(hello);
    answers.set('album.add', () => ({ jobs: [] }));
    answers.set('grant', () => ({ grants: [{ id: 'g', name: 'b.jpg', kind: 'file' }] }));
    answers.set('photos.open', () => ({ photos: [b] }));
    const dropped = { items: [{}], files: [new File(['x'], 'b.jpg')] } as unknown as DataTransfer;
    await new Opening(app).drop(dropped);
    expect(asked('album.add')).toEqual([]);
    answers.set('photos.open', () => ({ photos: [{ ...b, id: 'd' }] }));
    app.screen = 'album';
    await new Opening(app).drop(dropped);
    expect(asked('album.add').map((each) => (each as { photos: string[] }).photos)).toEqual([['d']]);
  });

  test('wait for the button where it does not run', async () => {
    const { app, answers, asked } = await loadState(helloOf([a]));
    answers.set('photos.open', () => ({ photos: [b] }));
    await app.openForAlbum(() => app.library.open([{ id: 'g', name: 'x', kind: 'folder' }]));
    expect(app.library.photos).toHaveLength(2);
    expect(asked('album.add')).toEqual([]);
  });

  test('by the export button are not there twice, unless something about them is new', async () => {
    const { app, answers, asked, emit } = await loadState(helloOf([a, b]));
    answers.set('album.add', () => ({ jobs: running }));
    await app.exportAlbum();
    emit('album.changed', { album: albumOf(running, 'running'), jobs: running });
    await app.exportAlbum();
    expect(asked('album.add').map((each) => (each as { photos: string[] }).photos)).toEqual([['a', 'b'], ['b']]);
    app.exporting.change({ format: 'png' });
    await app.exportAlbum();
    expect((asked('album.add').at(-1) as { photos: string[] }).photos).toEqual(['a', 'b']);
  });
});

describe('a photo opened with Fourfold by the system', () => {
  const opened = { grants: [{ id: 'g', name: 'b.jpg', kind: 'file' as const }] };

  test('is looked at, new or open already, on the photo screen', async () => {
    const { app, answers, emit } = await loadState(helloOf([photos[0]!]));
    for (const answered of [[photos[1]!, photos[2]!], [photos[0]!]]) {
      app.screen = 'album';
      answers.set('photos.open', () => ({ photos: answered }));
      emit('shell.opened', opened);
      await vi.advanceTimersByTimeAsync(0);
      expect(app.library.current).toEqual(answered[0]);
      expect([...app.library.selection]).toEqual([answered[0]!.id]);
      expect(app.screen).toBe('photo');
    }
    expect(app.library.photos).toHaveLength(3);
  });

  test('that cannot be opened is said', async () => {
    const { app, answers, emit } = await loadState(helloOf([photos[0]!]));
    answers.set('photos.open', () => {
      throw new Error('no');
    });
    emit('shell.opened', opened);
    await vi.advanceTimersByTimeAsync(0);
    expect(app.error?.code).toBe('unexpected');
  });
});

test('of files handed over, those that were taken open, and the refusal of the others is shown and said', async () => {
  const { app, answers, asked } = await loadState(helloOf([]));
  const error = { code: 'disk-full', sentence: 'Full.' } as const;
  answers.set('grant', () => ({ grants: [{ id: 'g', name: 'a.jpg', kind: 'file' }], error }));
  answers.set('photos.open', () => ({ photos: [photos[0]] }));
  await app.attempt(() => app.library.openFiles([new File(['x'], 'a.jpg'), new File(['x'], 'b.jpg')]));
  expect(asked('photos.open')).toEqual([{ grants: ['g'] }]);
  expect(app.library.photos).toEqual([photos[0]]);
  expect(app.error).toEqual(error);
  // Nothing is left of it after the next attempt.
  await app.attempt(async () => {});
  expect(app.error).toBeNull();
});

describe('the export', () => {
  test('asks for what the photo takes, and for the names of the next ones', async () => {
    const { app, answers, asked } = await loadState(helloOf(photos));
    answers.set('export.estimate', ({ photos: ids }: { photos: string[] }) =>
      estimateOf(photos[1]!, { seconds: ids.length * 10, names: ids.map((id) => `${id}-4x.jpg`) }),
    );
    app.library.select('b');
    app.exporting.refresh();
    await vi.advanceTimersByTimeAsync(100);
    expect(asked('export.estimate').map((each) => (each as { photos: string[] }).photos)).toEqual([
      ['b'],
      ['b', 'c', 'a'],
    ]);
    expect(app.exporting.estimate?.seconds).toBe(10);
    expect(app.exporting.estimate?.names).toEqual(['b-4x.jpg', 'c-4x.jpg', 'a-4x.jpg']);
  });

  test('asks once where there is only one photo', async () => {
    const { app, answers, asked } = await loadState(helloOf([photos[0]!]));
    answers.set('export.estimate', () => estimateOf(photos[0]!, { names: ['a-4x.jpg'] }));
    app.exporting.refresh();
    await vi.advanceTimersByTimeAsync(100);
    expect(asked('export.estimate')).toHaveLength(1);
    expect(app.exporting.estimate?.names).toEqual(['a-4x.jpg']);
  });

  test('goes to no folder after the service that was given it is gone', async () => {
    const { app, answers, emit } = await loadState(helloOf(photos));
    answers.set('shell.chooseFolder', () => ({ grant: { id: 'g', name: 'Prints', kind: 'folder' } }));
    await app.exporting.chooseFolder();
    expect(app.exporting.settings.destination).toEqual({ kind: 'folder', grant: 'g' });
    emit('restarted', null);
    await vi.advanceTimersByTimeAsync(0);
    expect(app.exporting.settings.destination).toEqual({ kind: 'host' });
    expect(app.exporting.folderName).toBeNull();
  });

  test('whose estimate failed is fine again with the next good one; a refused start stays said', async () => {
    const { app, answers } = await loadState(helloOf(photos));
    const refuse = () => {
      throw new Error('no');
    };
    const estimate = async (answer: () => unknown) => {
      answers.set('export.estimate', answer);
      app.exporting.refresh();
      await vi.advanceTimersByTimeAsync(100);
    };
    await estimate(refuse);
    expect(app.exporting.error).not.toBeNull();
    await estimate(() => estimateOf(photos[0]!));
    expect(app.exporting.error).toBeNull();
    answers.set('export.start', refuse);
    await app.exporting.start();
    await estimate(() => estimateOf(photos[0]!));
    expect(app.exporting.error).not.toBeNull();
    app.exporting.change({ format: 'png' });
    await estimate(() => estimateOf(photos[0]!));
    expect(app.exporting.error).toBeNull();
  });
});

describe('a view whose tile failed', () => {
  const failed = { code: 'result-wrong', sentence: 'The result looked wrong.' } as const;

  async function viewing() {
    vi.stubGlobal('fetch', async () => new Response(null, { status: 404 }));
    const state = await loadState(helloOf(photos));
    const { viewer } = state.app;
    state.answers.set('photo.show', () => openedOf(photos[0]!));
    state.answers.set('view.set', ({ number }: { number: number }) => ({
      ...{ number, total: 4, done: 0, seconds: 1, started: true },
    }));
    viewer.resize({ width: 400, height: 300 }, 1);
    await viewer.show(photos[0]!);
    viewer.zoomTo(1);
    viewer.enhancing.tell();
    await vi.advanceTimersByTimeAsync(100);
    const { number } = state.asked('view.set').at(-1) as { number: number };
    state.emit('view', { photo: 'a', number, done: 0, total: 4, seconds: null, error: failed });
    expect(viewer.error).toEqual(failed);
    return state;
  }

  test('says so until another view is answered', async () => {
    const { app } = await viewing();
    app.viewer.panBy(200, 0);
    app.viewer.enhancing.tell();
    await vi.advanceTimersByTimeAsync(100);
    expect(app.viewer.error).toBeNull();
  });

  test('is tried again where it is', async () => {
    const { app, asked } = await viewing();
    const { view } = app.viewer;
    const before = asked('view.set').length;
    await app.viewer.retry();
    await vi.advanceTimersByTimeAsync(100);
    expect(app.viewer.view).toEqual(view);
    expect(app.viewer.view.zoom).toBe(1);
    expect(asked('view.set')).toHaveLength(before + 1);
    expect(app.viewer.error).toBeNull();
  });
});

/** The first photo at 100 %, larger than the window. */
async function lookingAt(navigator: object = {}) {
  vi.stubGlobal('fetch', async () => new Response(null, { status: 404 }));
  const state = await loadState(helloOf(photos), navigator);
  const { viewer } = state.app;
  state.answers.set('photo.show', () => openedOf(photos[0]!));
  viewer.resize({ width: 400, height: 300 }, 1);
  await viewer.show(photos[0]!);
  viewer.zoomTo(1);
  viewer.enhancing.tell();
  return { ...state, viewer };
}

describe('what is looked at', () => {
  test('is told while it moves, and how it came to rest', async () => {
    const { viewer, asked } = await lookingAt();
    await vi.advanceTimersByTimeAsync(100);
    const before = asked('view.set').length;
    for (let step = 0; step < 20; step++) {
      viewer.panBy(8, 0);
      viewer.enhancing.tell();
      await vi.advanceTimersByTimeAsync(20);
    }
    const moving = asked('view.set').length - before;
    expect(moving).toBeGreaterThanOrEqual(5);
    expect(moving).toBeLessThanOrEqual(7);
    await vi.advanceTimersByTimeAsync(100);
    expect(asked('view.set').at(-1)).toMatchObject({ region: viewer.region });
    expect(asked('view.set').length - before).toBeLessThanOrEqual(7);
  });

  test('has a ring made around it, not on battery', async () => {
    const battery = Object.assign(new EventTarget(), { charging: false });
    const { asked } = await lookingAt({ getBattery: async () => battery });
    await vi.advanceTimersByTimeAsync(100);
    expect(asked('view.set').at(-1)).toMatchObject({ ring: false, ends: true });
    battery.charging = true;
    battery.dispatchEvent(new Event('chargingchange'));
    await vi.advanceTimersByTimeAsync(100);
    expect(asked('view.set').at(-1)).toMatchObject({ ring: true, ends: true });
  });
});

test('the overlay is about a blend that a pane shows, or about nothing', async () => {
  const { viewer } = await lookingAt();
  expect(viewer.overlayBlend).toBe(50);
  viewer.b = 'bicubic';
  viewer.a = 'crisp';
  expect(viewer.overlayBlend).toBe(100);
  viewer.setMode('single');
  expect(viewer.overlayBlend).toBeNull();
  viewer.setMode('side');
  viewer.a = 'original';
  expect(viewer.overlayBlend).toBeNull();
  viewer.setMode('four');
  expect(viewer.overlayBlend).toBe(100);
});

describe('a photo that is left', () => {
  const skipped = {
    ...{ ...photos[1]!, state: 'skipped' as const, info: undefined },
    error: { code: 'truncated', sentence: 'This photo is cut short.' } as const,
  };

  test('is not told of any more', async () => {
    const { viewer, asked } = await lookingAt();
    await viewer.show(skipped);
    await vi.advanceTimersByTimeAsync(200);
    expect(asked('view.set')).toEqual([]);
    expect(viewer.error).toEqual(skipped.error);
  });

  test('leaves no question and no error to the next one', async () => {
    const { viewer, answers } = await lookingAt();
    let answer = (_: unknown): void => {};
    answers.set(
      'view.set',
      () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    );
    await vi.advanceTimersByTimeAsync(100);
    await viewer.show(skipped);
    answer({ number: 1, total: 4, done: 0, seconds: 40, started: false });
    await vi.advanceTimersByTimeAsync(0);
    expect(viewer.error).toEqual(skipped.error);
    expect(viewer.enhancing.needsAsking).toBe(false);
    expect(viewer.enhancing.seconds).toBeNull();
  });
});

test('the recent files are what the service last told of them', async () => {
  const { app, emit } = await loadState(helloOf([]));
  const recent = [{ id: 'r1', name: 'a.jpg', folder: 'Pictures' }];
  emit('recent.changed', recent);
  expect(app.library.recent).toEqual(recent);
  emit('recent.changed', []);
  expect(app.library.recent).toEqual([]);
});

test('a device that was tested is not the one that runs; the service tells which does', async () => {
  const { app, answers, emit } = await loadState(helloOf([]));
  const { device } = app.preferences;
  const tested = { ...device, kind: 'webgpu' as const, name: 'RTX 4060', rate: 900_000 };
  answers.set('device.test', () => tested);
  answers.set('device.choose', () => tested);
  expect(await app.preferences.testDevice()).toEqual(tested);
  await app.preferences.chooseDevice('webgpu', 'auto');
  expect(app.preferences.device).toEqual(device);
  emit('device.changed', tested);
  expect(app.preferences.device).toEqual(tested);
});

test('a closed photo leaves no tiles behind', async () => {
  const { app } = await loadState(helloOf(photos));
  const { store } = app.viewer.enhancing;
  store.markMade('a', 0, 0, 50);
  await app.close(['a']);
  expect(store.isMade({ kind: 'enhanced', photo: 'a', level: 0, column: 0, row: 0, blend: 50 })).toBe(false);
  expect(app.library.photos.map((photo) => photo.id)).toEqual(['b', 'c']);
});

test('a closed photo does not come back with what was still to be told of it', async () => {
  const { app, emit } = await loadState(helloOf(photos));
  const ids = () => app.library.photos.map((photo) => photo.id);
  emit('photo.changed', photos[1]!);
  await app.close(['b']);
  await vi.advanceTimersByTimeAsync(50);
  expect(ids()).toEqual(['a', 'c']);
  emit('photo.changed', photos[0]!);
  app.library.reset([photos[2]!]);
  await vi.advanceTimersByTimeAsync(50);
  expect(ids()).toEqual(['c']);
});

test('tiles may take what the settings say, from the moment they say it', async () => {
  const { app } = await loadState(helloOf(photos));
  const { enhancing } = app.viewer;
  const edge = 4096;
  vi.stubGlobal('ImageData', class {});
  vi.stubGlobal('createImageBitmap', async () => ({ width: edge, height: edge, close: () => {} }));
  const headers = { 'x-width': '1', 'x-height': '1' };
  vi.stubGlobal('fetch', async () => new Response(new Uint8Array(4), { headers }));
  // Six of 64 MiB each: more than 256, less than the 512 of the settings.
  const tiles = [0, 1, 2, 3, 4, 5].map(
    (column) => ({ kind: 'bicubic', photo: 'a', level: 0, column, row: 0 }) as const,
  );
  enhancing.store.want(tiles, false);
  await vi.waitFor(() => expect(enhancing.store.bytes).toBe(6 * edge * edge * 4));
  enhancing.store.want([], false);
  enhancing.setMemory(128);
  expect(enhancing.store.bytes).toBe(2 * edge * edge * 4);
  enhancing.setMemory(32);
  expect(enhancing.store.bytes).toBe(edge * edge * 4);
});

test('the preview of a photo already left is not fetched', async () => {
  const { app, answers } = await loadState(helloOf(photos));
  const fetched: string[] = [];
  vi.stubGlobal('fetch', async (url: string) => {
    fetched.push(url);
    return new Response(null, { status: 404 });
  });
  answers.set('photo.show', () => openedOf(photos[0]!));
  const shown = app.viewer.show(photos[0]!);
  await Promise.all([shown, app.viewer.show(null)]);
  await new Promise((done) => setImmediate(done));
  expect(fetched).toHaveLength(1);
});

test('previews are closed when others take their place', async () => {
  const { app, answers } = await loadState(helloOf(photos));
  let bitmaps = 0;
  vi.stubGlobal('fetch', async () => new Response(new Uint8Array(4)));
  vi.stubGlobal('createImageBitmap', async () => {
    bitmaps++;
    return { width: 1, height: 1, close: () => bitmaps-- };
  });
  answers.set('photo.show', ({ photo }: { photo: string }) => openedOf(photos.find(({ id }) => id === photo)!));
  const shows = async (id: string) => {
    const before = app.viewer.preview;
    await app.viewer.show(photos.find((photo) => photo.id === id)!);
    await vi.waitFor(() => expect(app.viewer.preview).not.toBe(before));
    await new Promise((done) => setImmediate(done));
  };
  await shows('a');
  await shows('b');
  expect(bitmaps).toBe(1);
  await app.viewer.show(null);
  expect(bitmaps).toBe(0);
});
