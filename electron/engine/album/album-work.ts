import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import type { EnhanceEvent, EnhanceResult, PhotoSettings } from '../enhance-options.ts';
import { hashFile } from '../file-hash.ts';
import { clearLeftovers } from '../output/place.ts';
import { EngineWork, type PhotoWorkOptions } from '../photo-work.ts';
import type { AlbumPhoto, AlbumResult } from './album-state.ts';

/** What an album gives the work on one photo. */
export interface WorkSurroundings<Settings, Progress> {
  readonly signal: AbortSignal;
  /** Whether a path is the result of another photo of this album, which must not be replaced. */
  readonly isTaken: (path: string) => boolean;
  /** Every source of the album, as it is now: none of them may be written to. */
  readonly sources: readonly string[];
  /** Waits while the album is paused. */
  readonly turn: () => Promise<void>;
  readonly onProgress: (event: Progress) => void;
  /** Puts facts about the photo into the journal; they are on the disk when it returns. */
  readonly note: (facts: Partial<Omit<AlbumPhoto<Settings>, 'id' | 'source' | 'state'>>) => void;
}

/** The work on one photo, in three stages that may overlap between photos. */
export interface PhotoWork {
  readonly stage: 'prepare' | 'network' | 'finish';
  /** Set when `prepare` found there is nothing to do. */
  readonly ended?: AlbumResult | undefined;
  /** Called again when it found too little room on the disk and the photos at hand have freed theirs. */
  prepare(): Promise<void>;
  enlarge(): Promise<void>;
  finish(): Promise<{ readonly skipped: boolean; readonly result: AlbumResult }>;
  discard(): Promise<void>;
}

export type AlbumWork<Settings, Progress> = (
  photo: AlbumPhoto<Settings>,
  around: WorkSurroundings<Settings, Progress>,
) => PhotoWork;

/** What the engine needs besides the photo's own settings. */
export type EngineAround = Pick<PhotoWorkOptions, 'models' | 'network' | 'scratchDir'> &
  Partial<Pick<PhotoWorkOptions, 'tileCache'>>;

/** The main job as an album's work. */
export function engineWork(engine: EngineAround): AlbumWork<PhotoSettings, EnhanceEvent> {
  return (photo, around) => {
    let sha256: string | undefined;
    const work = new EngineWork(
      photo.source,
      {
        ...photo.settings,
        ...engine,
        isTaken: around.isTaken,
        get sources() {
          return around.sources;
        },
        signal: around.signal,
        turn: around.turn,
        placing: (file) => {
          sha256 = file.sha256;
          const { target, bytes } = file;
          around.note({ placing: { target, bytes, sha256, result: albumResult(file.result) } });
        },
      },
      (event) => {
        if (event.kind === 'decoded') {
          const { bytes, modifiedMs } = event.info;
          around.note({ identity: { bytes, modifiedMs }, target: work.target! });
        }
        around.onProgress(event);
      },
    );
    return {
      get stage() {
        return work.stage;
      },
      get ended() {
        return work.ended && albumResult(work.ended);
      },
      prepare: () => work.prepare(),
      enlarge: () => work.enlarge(),
      async finish() {
        const result = await work.finish();
        return {
          skipped: result.outcome === 'skipped',
          result: { ...albumResult(result), ...(result.outcome === 'written' && sha256 && { sha256 }) },
        };
      },
      discard: () => work.discard(),
    };
  };
}

function albumResult(result: EnhanceResult): AlbumResult {
  const { path, bytes, width, height, device, deviceName, precision, notes, timings, pixelsPerSecond } = result;
  const facts = { path, bytes, width, height, device, deviceName, precision, notes };
  return { ...facts, timings, pixelsPerSecond, seconds: timings.total };
}

/**
 * Photos as they stand after their process died. Half files go. What was under way starts over; a file that was about to
 * get its name is looked for by size and hash, and counts as done when it is there; a finished file that has vanished
 * from a folder that is still there is made again.
 */
export async function settleCrash<Settings>(photos: Iterable<AlbumPhoto<Settings>>): Promise<AlbumPhoto<Settings>[]> {
  const settled: AlbumPhoto<Settings>[] = [];
  const folders = new Set<string>();
  for (const photo of photos) {
    if (photo.target) folders.add(dirname(photo.target));
    settled.push(await settle(photo));
  }
  // Each folder once: listing one of thousands of files for each of them takes minutes.
  for (const folder of folders) clearLeftovers(folder);
  return settled;
}

async function settle<Settings>(photo: AlbumPhoto<Settings>): Promise<AlbumPhoto<Settings>> {
  const { error: _e, placing, result, ...rest } = photo;
  switch (photo.state) {
    case 'done':
      if (result && !existsSync(result.path) && existsSync(dirname(result.path))) return { ...rest, state: 'waiting' };
      return photo;
    case 'running':
    case 'paused':
    case 'waiting': {
      const path = placing && (await findPlaced(placing));
      if (!path) return { ...rest, state: 'waiting' };
      return { ...rest, state: 'done', result: { ...placing.result, path, sha256: placing.sha256 } };
    }
    default:
      return photo;
  }
}

/** The file a crash left under its final name: the target itself, or the numbered name it had to take. */
async function findPlaced({
  target,
  bytes,
  sha256,
}: NonNullable<AlbumPhoto<unknown>['placing']>): Promise<string | undefined> {
  const folder = dirname(target);
  const extension = extname(target);
  const stem = basename(target, extension);
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    if (!name.startsWith(stem) || extname(name) !== extension) continue;
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found?.isFile() && found.size === bytes && (await hashFile(path)) === sha256) return path;
  }
  return undefined;
}
