import type { Finding } from './finding.ts';
import type { ModelPair } from './network/model.ts';
import type { OutputFormat } from './output/formats.ts';
import type { Scale } from './output/output-size.ts';
import type { Note, PhotoInfo } from './photo/photo.ts';
import type { Depth, Raster, Region } from './photo/raster.ts';
import type { NetworkPool } from './run/network-pool.ts';
import type { Fault } from './run/network-runner.ts';
import type { DeviceKind, OpenSession, Precision } from './run/session.ts';

/** What a user may choose for a photo; plain data, as an album's journal keeps it. */
export interface PhotoSettings {
  /** 0 SRResNet … 1 SRGAN. */
  readonly blend: number;
  /** Default 4. */
  readonly scale?: Scale;
  /** Default `same`: the source's own, PNG for a GIF. */
  readonly format?: OutputFormat | 'same';
  /** 1…100, default 92; JPEG, WebP and AVIF only. */
  readonly quality?: number;
  /** Bits a sample; default what the source has, as far as the format can hold it. */
  readonly depth?: Depth;
  readonly metadata?: 'keep' | 'no-location' | 'none';
  /** Whether the result says in XMP how it was made; default true. */
  readonly provenance?: boolean;
  readonly device?: DeviceKind | 'auto';
  readonly precision?: Precision | 'auto';
  /** Core edge of a tile, source px; default by device. */
  readonly tile?: number;
  readonly threads?: number;
  /** A file, or a folder; default the source's folder. */
  readonly output?: string;
  readonly outputIs?: 'file' | 'folder';
  /** Default `{name}-4x` (the scale's number). */
  readonly template?: string;
  /** Running number for the template's `{n}`. */
  readonly number?: number;
  readonly ifExists?: 'rename' | 'skip' | 'overwrite' | 'fail';
  /** Pixels a source may have at most. */
  readonly pixelLimit?: number;
}

/** Tiles somebody made before (the viewer), on whatever device, so that they need not be made again. */
export interface TileCache {
  /** The whole 4× region with the source's channels at the run's depth, or undefined. */
  get(key: TileKey): Raster | undefined | Promise<Raster | undefined>;
  put(key: TileKey, raster: Raster): void;
}

export interface TileKey {
  readonly core: Region;
  readonly blend: number;
  readonly depth: Depth;
}

export interface EnhanceOptions extends PhotoSettings {
  readonly models: ModelPair;
  /** Sessions kept from one photo to the next; without it a photo opens and closes its own. */
  readonly network?: NetworkPool;
  readonly openSession?: OpenSession;
  /** Folder for the decoded source and the unfinished picture; default one of its own, removed at the end. */
  readonly scratchDir?: string;
  readonly tileCache?: TileCache;
  /** Files that must not be written to, besides the source itself: the other sources of an album. */
  readonly sources?: readonly string[];
  /** Whether a path is the result of another photo of the same album: it is kept whatever `ifExists` says. */
  readonly isTaken?: (path: string) => boolean;
  /** Awaited before every tile: where a queue pauses, or the viewer goes first. */
  readonly turn?: () => Promise<void>;
  /** Told when the finished file is complete and checked, just before it gets its name. */
  readonly placing?: (file: { target: string; bytes: number; sha256: string; result: EnhanceResult }) => void;
  readonly signal?: AbortSignal;
}

export type Stage = 'decode' | 'network' | 'encode' | 'verify' | 'place';

/** Seconds spent in each stage; `session` is making the network ready, `total` the whole. */
export type Timings = Readonly<Record<Stage | 'session' | 'total', number>>;

export interface EnhanceResult {
  readonly source: string;
  readonly path: string;
  readonly outcome: 'written' | 'skipped';
  readonly bytes: number;
  readonly format: OutputFormat;
  readonly width: number;
  readonly height: number;
  readonly sourcePixels: number;
  readonly device: DeviceKind | 'none';
  readonly deviceName: string;
  readonly precision: Precision | 'none';
  readonly blend: number;
  readonly notes: readonly Note[];
  readonly timings: Timings;
  /** Source px a second in the network. */
  readonly pixelsPerSecond: number;
}

export type EnhanceEvent =
  | { readonly kind: 'stage'; readonly stage: Stage }
  | { readonly kind: 'decoded'; readonly info: PhotoInfo }
  | {
      readonly kind: 'session';
      readonly device: DeviceKind;
      readonly deviceName: string;
      readonly precision: Precision;
      readonly why: readonly Finding[];
      /** The fault another session was given up for. */
      readonly after?: Fault;
    }
  | {
      readonly kind: 'tile';
      readonly done: number;
      readonly total: number;
      /** Over the last seconds; 0 before the first tile. */
      readonly pixelsPerSecond: number;
      readonly secondsLeft: number;
    }
  | { readonly kind: 'note'; readonly note: Note }
  | { readonly kind: 'done'; readonly result: EnhanceResult };
