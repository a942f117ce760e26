import { join } from 'node:path';
import type { Capabilities, EventMessage, Events, Photo, Service } from '../contract.ts';
import type { EnhanceEvent } from '../engine/enhance-options.ts';
import { toPlainError } from '../engine/errors.ts';
import { openScratchFolder } from '../engine/output/scratch-folder.ts';
import { AlbumQueue } from './album-queue.ts';
import { answer } from './answer.ts';
import { Banners } from './banners.ts';
import { Blends } from './blends.ts';
import { ChosenDevicePool } from './chosen-device-pool.ts';
import { CrashWatch } from './crash-watch.ts';
import { DeviceDesk } from './device-desk.ts';
import { EngineClient } from './engine-client.ts';
import { engineStopped } from './engine-stopped.ts';
import { ExportedFiles } from './exported-files.ts';
import { Exports } from './exports.ts';
import { Grants } from './grants.ts';
import { keptTiles } from './kept-tiles.ts';
import { Lane, RANK } from './lane.ts';
import { serviceMethods } from './methods.ts';
import { MISSING_MODELS, modelFacts } from './model-facts.ts';
import { OpenedPhotos, sourceHash, VIEW_TILE } from './opened-photos.ts';
import { PhotoList } from './photo-list.ts';
import { answerPixels } from './pixels.ts';
import type { Port } from './port.ts';
import { Previews } from './previews.ts';
import { Recents } from './recents.ts';
import { SessionFile } from './session-file.ts';
import { SettingsDesk } from './settings-desk.ts';
import { TileStore } from './tile-store.ts';
import { ViewedSources } from './viewed-sources.ts';
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

/** The contract carried out over the engine. */
export async function createService(options: ServiceOptions): Promise<Service> {
  const { stateDir, capabilities, outputDir } = options;
  const listeners = new Set<(message: EventMessage) => void>();
  const emit = <E extends keyof Events>(event: E, data: Events[E]) => {
    for (const listener of listeners) listener({ event, data } as EventMessage);
  };
  const scratch = await openScratchFolder(options.scratchRoot);
  const banners = new Banners((list) => emit('banners', list));
  const settings = new SettingsDesk(options, {
    onChange: (value) => emit('settings.changed', value),
    onFault: (error) => banners.set('settings', error),
  });
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
      banners.follow('device', state.error, lost ? ['use-cpu', 'retry'] : []);
    },
  });
  // Begun before everything else, because a photo opened at once waits for it: the engine makes its first session.
  void desk.ready;
  const store = new TileStore({ folder: options.cacheDir, ...settings.cacheLimits });
  const session = new SessionFile(join(stateDir, 'session.json'));
  const grants = new Grants();
  const recents = new Recents(join(stateDir, 'recent.json'), (recent) => emit('recent.changed', recent));
  const watch = new CrashWatch(join(stateDir, 'crashes.json'));
  const photos = new PhotoList(watch, (photo) => {
    emit('photo.changed', photo);
    remember();
  });
  const previews = new Previews(watch);
  const opened = new OpenedPhotos(scratch.path);
  const blends = new Blends(photos, {
    get: () => settings.value.albumBlend,
    set: (albumBlend) => void settings.change({ albumBlend }),
  });
  const viewer = new Viewer({
    ...{ store, engine, lane, desk, models },
    onTile: (tile) => emit('tile', tile),
    onView: (view) => emit('view', view),
  });
  const files = new ExportedFiles(outputDir === undefined ? undefined : (id) => `/download/${id}`);
  const heard = (event: EnhanceEvent) => {
    if (event.kind === 'session') desk.replaced(event, event.after);
  };
  const tilesFor = (source: string, picture: { width: number; height: number }) =>
    keptTiles(store, source, () => `${models.id}-${desk.signature}`, picture);
  const shared = { models, files, scratchDir: scratch.path, onEvent: heard };
  const onFile: (photo: string, file: Photo['files'][number]) => void = (photo, file) => photos.addFile(photo, file);
  const pool = (openSession: ReturnType<EngineClient['opener']>) =>
    new ChosenDevicePool({ models, openSession }, () => desk.wish);
  const exporting = pool(engine.opener(RANK.export, true));
  const exports = new Exports({
    ...{ ...shared, onFile, network: exporting, onChange: (job) => emit('export.changed', job) },
    tiles: async (path, size) => {
      await desk.chosen;
      return tilesFor(await sourceHash(path), size);
    },
  });
  // Photos the viewer has tiles of are worked on in its grid, the others in tiles made to measure.
  const measured = pool(engine.opener(RANK.batch));
  const gridded = pool(engine.opener(RANK.batch, true));
  const batch = [measured, gridded];
  const album = new AlbumQueue({
    ...{
      ...shared,
      onFile,
      watch,
      network: { measured, gridded },
      journal: join(stateDir, 'album.jsonl'),
      rate: () => desk.rate,
      photoAt: (path) => photos.idOf(path),
    },
    tiles: ({ tile, row }, path) => {
      const source = viewed.hash(path);
      return tile === VIEW_TILE && source !== undefined ? tilesFor(source, row) : undefined;
    },
    onChange: (change) => {
      emit('album.changed', change);
      banners.follow('album', album.pausedBy, ['resume']);
      remember();
    },
  });
  const viewed = new ViewedSources();

  const remember = () => session.write(() => ({ photos: photos.kept, albumRunning: album.state.state === 'running' }));
  if (options.restored) {
    photos.restore(session.read().photos);
    banners.set('engine', engineStopped().toPlain(), ['retry']);
  }

  const methods = serviceMethods({
    ...{
      album,
      banners,
      batch,
      blends,
      capabilities,
      close: () => close(),
      desk,
      emit,
      exporting,
      exports,
      files,
      grants,
    },
    ...{ locale: options.locale, models, opened, outputDir, photos, previews, recents, remember, scratch, settings },
    ...{ store, viewed, viewer, watch },
  });

  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= (async () => {
      // First, because whoever waits for the rest may lose patience: what is cut short from here on was asked for.
      session.clear();
      watch.close();
      viewer.clear();
      await Promise.all([exports.close(), album.close()]);
      await engine.close();
      await opened.close();
      await store.close();
      await scratch.remove();
    })();
    return closing;
  };

  await store.ready;
  try {
    await album.open(options.restored, !session.crashed);
    if (options.restored && session.read().albumRunning) album.recover();
  } catch (error) {
    banners.set('album', toPlainError(error));
  }

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
