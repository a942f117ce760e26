import { basename } from 'node:path';
import type { Capabilities, Checked, Events, OpenedPhoto, OwnerMethod, PageMethod, Results } from '../contract.ts';
import { toPlainError } from '../engine/errors.ts';
import type { ModelPair } from '../engine/network/model.ts';
import type { ScratchFolder } from '../engine/output/scratch-folder.ts';
import type { NetworkPool } from '../engine/run/network-pool.ts';
import { fourfoldVersion } from '../engine/version.ts';
import type { AlbumQueue } from './album-queue.ts';
import type { Banners } from './banners.ts';
import type { Blends } from './blends.ts';
import type { CrashWatch } from './crash-watch.ts';
import type { DeviceDesk } from './device-desk.ts';
import { estimateExport } from './estimates.ts';
import { photoSettings } from './export-settings.ts';
import type { ExportedFiles } from './exported-files.ts';
import type { Exports } from './exports.ts';
import type { Grants } from './grants.ts';
import { type Opened, type OpenedPhotos, VIEW_TILE } from './opened-photos.ts';
import type { PhotoList } from './photo-list.ts';
import { SOURCE_TILE } from './pixels.ts';
import type { Previews } from './previews.ts';
import type { Recents } from './recents.ts';
import type { SettingsDesk } from './settings-desk.ts';
import type { TileStore } from './tile-store.ts';
import type { ViewedSources } from './viewed-sources.ts';
import type { Viewer } from './viewer.ts';

/** Everything the methods work with. */
export interface ServiceRoom {
  readonly album: AlbumQueue;
  readonly banners: Banners;
  readonly batch: readonly NetworkPool[];
  readonly blends: Blends;
  readonly capabilities: Capabilities;
  readonly close: () => Promise<void>;
  readonly desk: DeviceDesk;
  readonly emit: <E extends keyof Events>(event: E, data: Events[E]) => void;
  readonly exporting: NetworkPool;
  readonly exports: Exports;
  readonly files: ExportedFiles;
  readonly grants: Grants;
  readonly locale: string;
  readonly models: ModelPair;
  readonly opened: OpenedPhotos;
  readonly outputDir: string | undefined;
  readonly photos: PhotoList;
  readonly previews: Previews;
  readonly recents: Recents;
  /** Notes what is open, for a restart after a crash. */
  readonly remember: () => void;
  readonly scratch: ScratchFolder;
  readonly settings: SettingsDesk;
  readonly store: TileStore;
  readonly viewed: ViewedSources;
  readonly viewer: Viewer;
  readonly watch: CrashWatch;
}

/** A method whose result is null may simply return nothing. */
// biome-ignore lint/suspicious/noConfusingVoidType: a method that returns nothing has this type
type Answer<R> = null extends R ? R | undefined | void : R;
export type Methods = {
  [M in PageMethod | OwnerMethod]: (params: Checked<M>) => Answer<Results[M]> | Promise<Answer<Results[M]>>;
};

/** Each request of the contract, over the service's parts. */
export function serviceMethods(room: ServiceRoom): Methods {
  const { album, banners, batch, blends, capabilities, desk, emit, exporting, exports, files, grants, models } = room;
  const { opened, outputDir, photos, previews, recents, remember, scratch, settings, store } = room;
  const { viewed, viewer, watch } = room;

  const decoded = async (id: string): Promise<Opened> => {
    const { path } = photos.get(id);
    const open = opened.peek(id) ?? watch.around(path, () => opened.get(id, path));
    const result = await open;
    await opened.get(id, path);
    viewed.add(path, result);
    return result;
  };
  const place = () => ({ grants, hostFolder: outputDir });
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
  /** Goes on with what a former run left; its photos are open again. */
  const takeUp = () => {
    const { albumBlend } = settings.value;
    photos.restore(
      album.recover().map(({ source, row: { photo: id, name, folder, blend } }) => ({
        ...{ id, path: source, name, folder },
        // What is shown is what was written, or will be.
        blend: blend === albumBlend ? null : blend,
      })),
    );
    emit('album.recovery', null);
  };
  const redevice = async () => {
    viewer.reset();
    await Promise.all([exporting, ...batch].map((pool) => pool.close()));
    banners.set('device', undefined);
    return desk.restart();
  };

  return {
    'app.hello': () => {
      viewer.clear();
      return {
        ...{ version: fourfoldVersion(), platform: process.platform, locale: room.locale, capabilities },
        ...{ settings: settings.value, device: desk.state, photos: photos.photos, exports: exports.jobs },
        ...{ album: album.state, jobs: album.jobs, recovery: album.recovery, banners: banners.list },
        models: { id: models.id },
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
        // Opened again it is asked for again.
        if (photos.has(id)) watch.forgive(photos.get(id).path);
        photos.remove(id);
      }
      remember();
    },
    'photo.show': async ({ photo }) => {
      try {
        await photos.readAgain(photo);
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
        const tile = viewed.hash(one.path) !== undefined ? { tile: VIEW_TILE } : {};
        const chosen = { ...photoSettings(one, wanted, place(), blend, index + 1), ...tile };
        return { source: one.path, settings: { ...chosen, row: { photo: id, name, folder, ...size, blend } } };
      });
      await desk.ready;
      await album.open();
      if (album.recovery) takeUp();
      return { jobs: album.add(wishes) };
    },
    'album.list': () => ({ album: album.state, jobs: album.jobs }),
    'album.pause': () => album.pause(),
    'album.resume': () => album.resume(),
    'album.cancel': ({ jobs }) => album.cancel(jobs),
    'album.retry': ({ jobs }) => album.retry(jobs),
    'album.clear': () => album.clear(),
    'album.recover': ({ choice }) => {
      if (choice === 'resume') return takeUp();
      album.discard();
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
      await room.close();
    },
  };
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
