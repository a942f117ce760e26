import { basename, join } from 'node:path';
import {
  type AnswerMessage,
  type Capabilities,
  type Checked,
  checkParams,
  checkRequest,
  type EventMessage,
  type Events,
  type OpenedPhoto,
  type OwnerMethod,
  type PageMethod,
  type Photo,
  type Results,
  type Service,
  SHELL_METHODS,
} from '../contract.ts';
import type { EnhanceEvent } from '../engine/enhance-options.ts';
import { FourfoldError, toPlainError } from '../engine/errors.ts';
import { NetworkPool } from '../engine/network-pool.ts';
import { openScratchFolder } from '../engine/scratch-folder.ts';
import { fourfoldVersion } from '../engine/version.ts';
import { AlbumQueue } from './album-queue.ts';
import { Banners } from './banners.ts';
import { Blends } from './blends.ts';
import { CrashWatch } from './crash-watch.ts';
import { DeviceDesk } from './device-desk.ts';
import { EngineClient } from './engine-client.ts';
import { engineStopped } from './engine-stopped.ts';
import { estimateExport } from './estimates.ts';
import { photoSettings } from './export-settings.ts';
import { ExportedFiles } from './exported-files.ts';
import { Exports } from './exports.ts';
import { Grants } from './grants.ts';
import { keptTiles } from './kept-tiles.ts';
import { Lane, RANK } from './lane.ts';
import { MISSING_MODELS, modelFacts } from './model-facts.ts';
import { hashFile, type Opened, OpenedPhotos, VIEW_TILE } from './opened-photos.ts';
import { PhotoList } from './photo-list.ts';
import { answerPixels, SOURCE_TILE } from './pixels.ts';
import type { Port } from './port.ts';
import { Previews } from './previews.ts';
import { Recents } from './recents.ts';
import { SessionFile } from './session-file.ts';
import { SettingsDesk } from './settings-desk.ts';
import { TileStore } from './tile-store.ts';
import { Viewer } from './viewer.ts';

export interface ServiceOptions {
  /** Settings, the album's journal, recent files. */
  readonly stateDir: string;
  /** Kept tiles. */
  readonly cacheDir: string;
  readonly capabilities: Capabilities;
  /** BCP 47 tag of the system. */
  readonly locale: string;
  readonly modelsDir?: string;
  readonly scratchRoot?: string;
  /** Where the browser edition's results go. */
  readonly outputDir?: string;
  /** Settings kept by somebody else (the shell's store), who hears of changes by `settings.changed`; else a file in `stateDir`. */
  readonly settings?: { readonly initial: unknown; readonly bad?: boolean };
  /** The process before this one died: open photos are taken up again, a running album goes on. */
  readonly restored?: boolean;
  /** Starts the engine's process. */
  readonly launchEngine: () => Port | Promise<Port>;
}

/** A method whose result is null may simply return nothing. */
// biome-ignore lint/suspicious/noConfusingVoidType: a method that returns nothing has this type
type Answer<R> = null extends R ? R | undefined | void : R;
type Methods = {
  [M in PageMethod | OwnerMethod]: (params: Checked<M>) => Answer<Results[M]> | Promise<Answer<Results[M]>>;
};

/** The contract carried out over the engine. */
export async function createService(options: ServiceOptions): Promise<Service> {
  const { stateDir, capabilities, outputDir } = options;
  const listeners = new Set<(message: EventMessage) => void>();
  const emit = <E extends keyof Events>(event: E, data: Events[E]) => {
    for (const listener of listeners) listener({ event, data } as EventMessage);
  };
  const scratch = await openScratchFolder(options.scratchRoot);
  const banners = new Banners((list) => emit('banners', list));
  const settings = new SettingsDesk(options, (value) => emit('settings.changed', value));
  if (settings.bad) banners.set('settings', settings.bad, ['settings']);
  const models = await modelFacts(options.modelsDir).catch((error: unknown) => {
    banners.set('models', toPlainError(error));
    return MISSING_MODELS;
  });

  const lane = new Lane();
  const engine = new EngineClient({
    lane,
    launch: options.launchEngine,
    onRun: (facts, pixels, seconds) => desk.ran(facts, pixels, seconds),
    onCrash: () => banners.set('engine', engineStopped().toPlain(), ['retry']),
  });
  const desk: DeviceDesk = new DeviceDesk({
    ...{ engine, models, settings: () => settings.value },
    onChange: (state) => {
      emit('device.changed', state);
      const lost = state.error?.code === 'device-lost';
      banners.set('device', state.error, lost ? ['use-cpu', 'retry'] : []);
    },
  });
  const store = new TileStore({ folder: options.cacheDir, ...settings.cacheLimits });
  const session = new SessionFile(join(stateDir, 'session.json'));
  const grants = new Grants();
  const recents = new Recents(join(stateDir, 'recent.json'));
  const watch = new CrashWatch(join(stateDir, 'crashes.json'));
  const photos = new PhotoList((photo) => {
    emit('photo.changed', photo);
    remember();
  });
  const previews = new Previews();
  const opened = new OpenedPhotos(scratch.path);
  const blends = new Blends(photos, {
    get: () => settings.value.albumBlend,
    set: (albumBlend) => void settings.change({ albumBlend }),
  });
  const viewer = new Viewer({
    ...{ store, engine, lane, desk, models, settings: () => settings.value },
    onTile: (tile) => emit('tile', tile),
    onView: (view) => emit('view', view),
  });
  const files = new ExportedFiles(outputDir === undefined ? undefined : (id) => `/download/${id}`);
  const heard = (event: EnhanceEvent) => {
    if (event.kind === 'session' && event.after)
      desk.replaced({ ...event, tile: { width: 0, height: 0 }, halo: 0, blend: 0, ...noSession }, event.after);
  };
  const tilesFor = (source: string) => keptTiles(store, source, `${models.id}-${desk.signature}`);
  const shared = { models, files, scratchDir: scratch.path, onEvent: heard };
  const onFile: (photo: string, file: Photo['files'][number]) => void = (photo, file) => photos.addFile(photo, file);
  const exporting = new NetworkPool({ models, openSession: engine.opener(RANK.export, true) });
  const exports = new Exports({
    ...{ ...shared, onFile, network: exporting, onChange: (job) => emit('export.changed', job) },
    tiles: async (path) => {
      await desk.ready;
      return tilesFor(await hashFile(path));
    },
  });
  const batch = new NetworkPool({ models, openSession: engine.opener(RANK.batch) });
  const album = new AlbumQueue({
    ...{ ...shared, onFile, watch, network: batch, journal: join(stateDir, 'album.jsonl'), rate: () => desk.rate },
    tiles: ({ tile }, path) => {
      const source = sources.get(path);
      return tile === VIEW_TILE && source !== undefined ? tilesFor(source) : undefined;
    },
    onChange: (change) => {
      emit('album.changed', change);
      banners.set('album', change.album.pausedBy, ['resume']);
      remember();
    },
  });
  /** Hashes of the photos the viewer has worked on: these have tiles to reuse. */
  const sources = new Map<string, string>();

  const remember = () => session.write(() => ({ photos: photos.kept, albumRunning: album.state.state === 'running' }));
  if (options.restored) {
    photos.restore(session.read().photos);
    banners.set('engine', engineStopped().toPlain(), ['retry']);
  }

  const decoded = async (id: string): Promise<Opened> => {
    const { path } = photos.get(id);
    const open = opened.peek(id) ?? watch.around(path, () => opened.get(id, path));
    const result = await open;
    await opened.get(id, path);
    sources.set(path, result.source);
    return result;
  };
  const place = () => ({ grants, hostFolder: outputDir, app: settings.value });
  const enhancedShare = async (id: string): Promise<number> => {
    const open = await opened.peek(id)?.catch(() => undefined);
    if (!open) return 0;
    const blend = blends.of(id);
    let kept = 0;
    for (let row = 0; row < open.rows; row++)
      for (let column = 0; column < open.columns; column++)
        if (store.has(viewer.key(open, { blend, column, row }))) kept++;
    return kept / (open.columns * open.rows);
  };
  const ready = (ids: readonly string[]) => ids.map((id) => photos.get(id)).filter(({ photo }) => photo.info);
  const redevice = async () => {
    viewer.reset();
    await Promise.all([exporting.close(), batch.close()]);
    banners.set('device', undefined);
    return desk.restart();
  };

  const methods: Methods = {
    'app.hello': () => {
      viewer.clear();
      return {
        ...{ version: fourfoldVersion(), platform: process.platform, locale: options.locale, capabilities },
        ...{ settings: settings.value, device: desk.state, photos: photos.photos, exports: exports.jobs },
        ...{ album: album.state, jobs: album.jobs, recovery: album.recovery, banners: banners.list },
        models: { id: models.id, about: 'SRResNet (Faithful) and SRGAN (Crisp), trained by Fourfold from scratch.' },
      };
    },
    'banner.dismiss': ({ banner }) => {
      banners.set(banner, undefined);
    },

    'photos.open': async ({ grants: ids }) => {
      const granted = ids.map((id) => grants.take(id, 'read'));
      if (capabilities.recent) recents.add(granted.filter(({ kind }) => kind === 'file').map(({ path }) => path));
      const added = await photos.open(granted);
      remember();
      return { photos: added };
    },
    'photos.list': () => ({ photos: photos.photos }),
    'photos.close': async ({ photos: ids }) => {
      for (const id of ids) {
        if (viewer.photo === id) viewer.clear();
        await opened.drop(id);
        photos.remove(id);
      }
      remember();
    },
    'photo.show': async ({ photo }) => {
      try {
        const open = await decoded(photo);
        void viewer.warm(blends.of(photo), open.pixels.depth);
        return describe(photo, open);
      } catch (error) {
        const { path: _, ...plain } = toPlainError(error);
        if (photos.has(photo) && plain.code !== 'cancelled') photos.change(photo, { error: plain });
        throw error;
      }
    },
    'recent.list': () => ({ recent: capabilities.recent ? recents.list : [] }),
    'recent.open': async ({ recent }) => {
      const path = recents.path(recent);
      return { photos: await photos.open([{ path, name: basename(path), kind: 'file', use: 'read', folder: '' }]) };
    },
    'recent.clear': () => {
      recents.clear();
    },

    'view.set': async (view) => viewer.set(view, await decoded(view.photo)),
    'view.clear': () => {
      viewer.clear();
    },

    'blend.set': ({ photos: ids, value }) => {
      blends.set(ids, value);
    },
    'blend.album': ({ value }) => {
      blends.setAlbum(value);
    },
    'blend.undo': () => wrap(blends.undo()),
    'blend.redo': () => wrap(blends.redo()),

    'export.estimate': async ({ photos: ids, settings: wanted }) => {
      const wishes = ready(ids).map(async (listed, index) => ({
        path: listed.path,
        info: listed.photo.info!,
        settings: photoSettings(listed, wanted, place(), blends.of(listed.photo.id), index + 1),
        enhanced: await enhancedShare(listed.photo.id),
      }));
      return estimateExport(await Promise.all(wishes), desk.rate, scratch.path);
    },
    'export.start': ({ photo, settings: wanted }) => {
      const listed = photos.get(photo);
      const blend = blends.of(photo);
      const chosen = { ...photoSettings(listed, wanted, place(), blend, 1), tile: VIEW_TILE };
      return exports.start(listed, chosen, blend);
    },
    'export.cancel': ({ job }) => {
      exports.cancel(job);
    },
    'export.dismiss': ({ job }) => {
      exports.dismiss(job);
    },

    'album.add': async ({ photos: ids, settings: wanted }) => {
      const listed = ids.map((id) => photos.get(id));
      const wishes = listed.map((one, index) => {
        const { id, name, folder, info } = one.photo;
        const blend = blends.of(id);
        const size = { width: info?.width ?? 0, height: info?.height ?? 0 };
        const tile = sources.has(one.path) ? { tile: VIEW_TILE } : {};
        const chosen = { ...photoSettings(one, wanted, place(), blend, index + 1), ...tile };
        return { source: one.path, settings: { ...chosen, row: { photo: id, name, folder, ...size, blend } } };
      });
      await desk.ready;
      return { jobs: await album.add(wishes) };
    },
    'album.list': () => ({ album: album.state, jobs: album.jobs }),
    'album.pause': () => album.pause(),
    'album.resume': () => album.resume(),
    'album.cancel': ({ jobs }) => album.cancel(jobs),
    'album.retry': ({ jobs }) => album.retry(jobs),
    'album.clear': () => album.clear(),
    'album.recover': ({ choice }) => {
      if (choice === 'discard') album.discard();
      else
        photos.restore(
          album.recover().map(({ source, row }) => ({
            ...{ id: row.photo, path: source, name: row.name, folder: row.folder, blend: null },
          })),
        );
      emit('album.recovery', null);
    },

    'device.choose': async (choice) => {
      settings.change(choice);
      return redevice();
    },
    'device.test': ({ device, precision }) => desk.test(device, precision),

    'settings.set': async (change) => {
      const before = settings.value;
      const after = settings.change(change);
      store.setLimits(settings.cacheLimits.memoryBytes, settings.cacheLimits.diskBytes);
      if (before.device !== after.device || before.precision !== after.precision) void redevice();
      return after;
    },
    'cache.size': () => store.size,
    'cache.clear': async () => {
      previews.clear();
      await store.clear();
    },

    'grants.add': async ({ files: given, use }) => ({
      grants: await Promise.all(given.map(({ path, name, folder }) => grants.add(path, use, name, folder))),
    }),
    'files.path': ({ file }) => ({ path: files.path(file) ?? photos.get(file).path }),
    'service.close': async () => {
      await close();
    },
  };

  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= (async () => {
      viewer.clear();
      await Promise.all([exports.close(), album.close()]);
      await engine.close();
      await opened.close();
      await store.close();
      session.clear();
      await scratch.remove();
    })();
    return closing;
  };

  await store.ready;
  try {
    await album.open();
    if (options.restored && session.read().albumRunning) album.recover();
  } catch (error) {
    banners.set('album', toPlainError(error));
  }
  void desk.ready;

  return {
    answer: (message, from) => answer(methods, message, from),
    onEvent(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    pixels: (request) => answerPixels({ photos, opened, previews, store, viewer }, request),
    close,
  };
}

async function answer(methods: Methods, message: unknown, from: 'page' | 'owner'): Promise<AnswerMessage> {
  let id = 0;
  try {
    const request = checkRequest(message);
    id = request.id;
    const checked = checkParams(request.method, request.params, from);
    if ('wrong' in checked) throw new FourfoldError('wrong-use', `${checked.wrong}. Nothing was changed.`);
    if (Object.hasOwn(SHELL_METHODS, request.method))
      throw new FourfoldError('wrong-use', 'This edition of Fourfold cannot do that. Nothing was changed.');
    const method = methods[request.method as PageMethod | OwnerMethod];
    return { id, result: (await method(checked.value as never)) ?? null };
  } catch (error) {
    const plain = error instanceof Error && error.name === 'ValiError' ? notAMessage(error) : toPlainError(error);
    // Paths stay on this side; a page sees the name.
    return { id, error: plain.path === undefined ? plain : { ...plain, path: basename(plain.path) } };
  }
}

function notAMessage(cause: Error) {
  return new FourfoldError('wrong-use', 'This is no message Fourfold knows. Nothing was changed.', { cause }).toPlain();
}

function wrap(photos: string[] | null): { photos: string[] } | null {
  return photos && { photos };
}

function describe(id: string, { decoded, pyramid, columns, rows }: Opened): OpenedPhoto {
  const { width, height } = decoded.pixels;
  return {
    ...{ id, width, height, tiles: { edge: VIEW_TILE, columns, rows } },
    source: { edge: SOURCE_TILE, levels: pyramid.levels },
    notes: decoded.info.notes,
  };
}

/** The desk asks a session only for its facts. */
const noSession = { enhance: async () => Promise.reject(new Error('not a session')), close: async () => {} };
