import type { PlainError } from '../errors.ts';
import type { Note } from '../photo/photo.ts';

export const PHOTO_STATES = ['waiting', 'running', 'paused', 'done', 'skipped', 'failed', 'cancelled'] as const;
export type PhotoState = (typeof PHOTO_STATES)[number];

/** How many photos are in each state; the states sum to `total`, always. */
export type AlbumCounts = Readonly<Record<PhotoState, number>> & { readonly total: number };

/** Which version of a file was worked on. */
export interface FileIdentity {
  readonly bytes: number;
  readonly modifiedMs: number;
}

/** A finished file as the journal remembers it. */
export interface AlbumFile {
  readonly path: string;
  readonly bytes: number;
  /** Hex; absent for a file that was there already (skipped). */
  readonly sha256?: string;
}

/** What really ran, and what came of it. */
export interface AlbumResult extends AlbumFile {
  readonly width: number;
  readonly height: number;
  readonly device: string;
  readonly deviceName: string;
  readonly precision: string;
  readonly seconds: number;
  /** Seconds by stage. */
  readonly timings?: Readonly<Record<string, number>>;
  /** Source px a second in the network. */
  readonly pixelsPerSecond?: number;
  readonly notes: readonly Note[];
}

/** A photo of an album. `Settings` is whatever the work needs, as plain data, since it goes through the journal. */
export interface AlbumPhoto<Settings> {
  readonly id: string;
  readonly source: string;
  readonly settings: Settings;
  readonly state: PhotoState;
  /** The source as it was when work on it began. */
  readonly identity?: FileIdentity;
  /** Where the result is to go; half files of a crash lie in its folder. */
  readonly target?: string;
  /** A file on its way to its final name; while this is set, a crash leaves open whether it got there. */
  readonly placing?: {
    readonly target: string;
    readonly bytes: number;
    readonly sha256: string;
    readonly result: AlbumResult;
  };
  readonly result?: AlbumResult;
  readonly error?: PlainError;
}

/** One line of an album's journal. */
export type AlbumEntry<Settings> =
  | { readonly kind: 'album'; readonly version: 1; readonly startedMs: number }
  | { readonly kind: 'photo'; readonly photo: AlbumPhoto<Settings> }
  | ({ readonly kind: 'change'; readonly id: string } & Partial<AlbumPhoto<Settings>>)
  | { readonly kind: 'removed'; readonly ids: readonly string[] };

/** Reads a journal's lines into photos, in the order they were added. */
export function replay<Settings>(entries: readonly AlbumEntry<Settings>[]): {
  photos: Map<string, AlbumPhoto<Settings>>;
  startedMs: number | undefined;
} {
  const photos = new Map<string, AlbumPhoto<Settings>>();
  let startedMs: number | undefined;
  for (const entry of entries) {
    if (entry.kind === 'album') startedMs = entry.startedMs;
    else if (entry.kind === 'photo') photos.set(entry.photo.id, entry.photo);
    else if (entry.kind === 'removed') for (const id of entry.ids) photos.delete(id);
    else {
      const { kind: _, ...change } = entry;
      const photo = photos.get(entry.id);
      if (photo) photos.set(entry.id, changed(photo, change));
    }
  }
  return { photos, startedMs };
}

/** A photo with a change; leaving a state also leaves what belonged to it (an error of the last try, a placing). */
export function changed<Settings>(
  photo: AlbumPhoto<Settings>,
  change: Partial<AlbumPhoto<Settings>>,
): AlbumPhoto<Settings> {
  if (change.state === undefined) return { ...photo, ...change };
  const { error: _e, placing: _p, result: _r, ...rest } = photo;
  return { ...rest, ...change };
}

export function countPhotos(photos: Iterable<{ readonly state: PhotoState }>): AlbumCounts {
  const counts = { waiting: 0, running: 0, paused: 0, done: 0, skipped: 0, failed: 0, cancelled: 0, total: 0 };
  for (const { state } of photos) {
    counts[state]++;
    counts.total++;
  }
  return counts;
}
