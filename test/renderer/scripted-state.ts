import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import {
  type Album,
  DEFAULT_SETTINGS,
  type Estimate,
  type Hello,
  JOB_STATES,
  type Job,
  type JobState,
  type OpenedPhoto,
  type Photo,
} from '../../electron/contract.ts';
import { finding } from '../../electron/engine/finding.ts';
import { fixture } from '../fixture.ts';
import type { ScriptedHost, ScriptedPicture } from './scripted-host.ts';

export async function readPicture(name: string): Promise<ScriptedPicture> {
  const { data, info } = await sharp(readFileSync(fixture(name)))
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, rgba: data };
}

export function photoOf(id: string, name: string, picture: ScriptedPicture, blend: number | null = null): Photo {
  const { width, height } = picture;
  const info = { format: 'jpeg', width, height, depth: 8, hasAlpha: false, colour: 'sRGB', bytes: 240_000, frames: 1 };
  return { id, name, folder: '', state: 'ready', info: { ...info, depth: 8, notes: [] }, blend, files: [] };
}

export function openedOf(photo: Photo): OpenedPhoto {
  const { width, height } = photo.info!;
  const levels = [];
  for (let level = 2; ; level++) {
    const scale = 2 ** (level - 2);
    levels.push({ level, width: Math.ceil(width / scale), height: Math.ceil(height / scale) });
    if (Math.max(width, height) / scale <= 256) break;
  }
  return {
    id: photo.id,
    width,
    height,
    tiles: { edge: 128, columns: Math.ceil(width / 128), rows: Math.ceil(height / 128) },
    source: { edge: 256, levels },
    notes: [],
  };
}

export function jobOf(photo: Photo, state: JobState, more: Partial<Job> = {}): Job {
  return {
    id: `job-${photo.id}`,
    photo: photo.id,
    name: photo.name,
    folder: '',
    width: photo.info?.width ?? 0,
    height: photo.info?.height ?? 0,
    blend: photo.blend ?? 50,
    state,
    progress: state === 'done' ? 1 : 0,
    secondsLeft: null,
    notes: [],
    ...more,
  };
}

export function albumOf(jobs: readonly Job[], state: Album['state'], more: Partial<Album> = {}): Album {
  const counts = Object.fromEntries(
    JOB_STATES.map((each) => [each, jobs.filter((job) => job.state === each).length]),
  ) as Record<JobState, number>;
  return { state, counts: { ...counts, total: jobs.length }, secondsLeft: null, ...more };
}

export function helloOf(photos: readonly Photo[], more: Partial<Hello> = {}): Hello {
  return {
    version: '0.1.0',
    platform: 'linux',
    locale: 'en',
    capabilities: {
      edition: 'browser',
      dialogs: false,
      showFile: false,
      recent: true,
      notifications: true,
      keepAwake: true,
      beside: false,
      upload: true,
    },
    settings: { ...DEFAULT_SETTINGS, export: { ...DEFAULT_SETTINGS.export, destination: { kind: 'host' } } },
    device: {
      state: 'ready',
      kind: 'cpu',
      name: 'CPU',
      precision: 'int8',
      rate: 35_000,
      memoryBytes: 1_200_000_000,
      why: [finding('processor')],
      devices: [{ kind: 'cpu', name: 'CPU', available: true, note: null }],
    },
    photos,
    exports: [],
    album: albumOf([], 'idle'),
    jobs: [],
    recovery: null,
    banners: [],
    models: { id: 'scripted' },
    ...more,
  };
}

export const estimateOf = (photo: Photo, more: Partial<Estimate> = {}): Estimate => ({
  width: photo.info!.width * 4,
  height: photo.info!.height * 4,
  seconds: 18,
  enhanced: 0.4,
  memoryBytes: 1_200_000_000,
  freeMemoryBytes: 8e9,
  diskBytes: 90_000_000,
  freeDiskBytes: 120e9,
  fileBytes: 4_100_000,
  rough: true,
  names: [`${photo.name.replace(/\.\w+$/, '')}-4x.jpg`],
  formats: [],
  problems: [],
  ...more,
});

/** The usual answers: photos open, tiles of the view are made at once, blends are kept. */
export function answerUsually(host: ScriptedHost, hello: Hello, made: { tiles: boolean } = { tiles: true }): void {
  const byId = new Map(hello.photos.map((photo) => [photo.id, photo]));
  let settings = hello.settings;
  host.answers['photo.show'] = ({ photo }) => openedOf(byId.get(photo)!);
  host.answers['recent.list'] = () => ({ recent: [{ id: 'r1', name: 'DSC_0421.jpg', folder: 'Taipei' }] });
  host.answers['cache.size'] = () => ({ memoryBytes: 2e7, diskBytes: 3.1e8 });
  host.answers['export.estimate'] = ({ photos }) => estimateOf(byId.get(photos[0]!)!);
  host.answers['settings.set'] = (change) => (settings = { ...settings, ...change });
  host.answers['blend.set'] = ({ photos, value }) => {
    for (const id of photos) {
      byId.set(id, { ...byId.get(id)!, blend: value });
      host.emit('photo.changed', byId.get(id)!);
    }
    return null;
  };
  host.answers['view.set'] = ({ photo, number, region, blends, ends, enhance }) => {
    const opened = openedOf(byId.get(photo)!);
    const places: { column: number; row: number }[] = [];
    for (let row = 0; row < opened.tiles.rows; row++)
      for (let column = 0; column < opened.tiles.columns; column++)
        if (
          column * 128 < region.x + region.width &&
          (column + 1) * 128 > region.x &&
          row * 128 < region.y + region.height &&
          (row + 1) * 128 > region.y
        )
          places.push({ column, row });
    const all = [...new Set([...blends, ...(ends && blends.length > 0 ? [0, 100] : [])])];
    const total = places.length * blends.length;
    const started = made.tiles || enhance === 'always';
    if (started && enhance !== 'off')
      setTimeout(() => {
        for (const blend of all) for (const place of places) host.emit('tile', { photo, blend, ...place });
        host.emit('view', { photo, number, done: total, total, seconds: null });
      }, 30);
    return { number, total, done: 0, seconds: 18, started };
  };
}
