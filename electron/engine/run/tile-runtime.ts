import type { DeviceKind } from '../device/device-kind.ts';
import { openRuntime, type RuntimeSession } from '../device/runtime.ts';
import { physicalCores } from '../device/threads.ts';
import { openTwinRuntime } from '../device/twin-runtime.ts';
import { FourfoldError } from '../errors.ts';
import { type Ranges, rangesOf } from '../network/calibration.ts';
import type { ModelPair } from '../network/model.ts';
import { buildGenerator } from '../network/network.ts';
import type { Precision } from '../network/precision.ts';
import { rangeNames } from '../network/range-outputs.ts';
import { fitCore, type Size, sizeOf } from './tile-plan.ts';

/**
 * Measured on the shipped weights, tile against whole, levels of 255 on noise, the worst of blends 0 and 1: halo 12 → 3,
 * 13 → 2, 14 → 1; on photos and flat grey 1 with any of them. Weights trained on larger crops look further: with those
 * before them, of crops of 24, 12 was enough.
 */
export const HALO = 14;

/** 256² in strips of 64 rows takes 0.5 GB in float32; 192² measured 6 % slower (more halo), 384² no faster. */
const TILE: Readonly<Record<DeviceKind, number>> = { cpu: 256, webgpu: 160, cuda: 512, dml: 256, coreml: 256 };
/** Of each of two sessions: memory goes with its square, 0.67 GB with 192², 0.84 GB with 256²; speed with the halo's share. */
const TWIN_TILE = 240;
const STRIP = 64;
/** Source pixels from which two sessions (twin-runtime.ts) pay: the second takes 0.3 s to make, and saves 6 % of the time. */
const LARGE = 1e6;

/** A runtime and the core it takes at once. */
export interface TileRuntime {
  readonly tile: Size;
  readonly runtime: RuntimeSession;
}

/** The part of a session's wishes that decides its graph and its tile. */
export interface TileWish {
  readonly models: ModelPair;
  /** 0 SRResNet … 1 SRGAN. */
  readonly blend: number;
  /** Edge of the core in source pixels, or its size; default by device and precision. */
  readonly tile?: number | Size;
  /** The picture it is for: the core is then made to fit it, so that little is enlarged beyond its edges. */
  readonly picture?: Size;
  /** CPU threads; default the physical cores. */
  readonly threads?: number;
  /** `u8` for 8-bit rasters, `f32` for 16-bit ones. */
  readonly io: 'u8' | 'f32';
}

/**
 * The blended generator on a device, for tiles of one size.
 * @throws FourfoldError as `openRuntime`
 */
export async function openTileRuntime(wish: TileWish, device: DeviceKind, precision: Precision): Promise<TileRuntime> {
  return (await openTwin(wish, device, precision)) ?? (await openSingle(wish, device, precision));
}

/** The core a session opened for this wish takes, where there is memory for it. */
export function coreFor(
  wish: Pick<TileWish, 'picture' | 'tile' | 'threads'>,
  device: DeviceKind,
  precision: Precision,
): Size {
  const { picture } = wish;
  if (picture && twoAtOnce(wish, device, precision)) return twinCore(picture);
  return singleCore(wish, device);
}

function singleCore({ picture, tile }: Pick<TileWish, 'picture' | 'tile'>, device: DeviceKind): Size {
  const largest = sizeOf(tile ?? TILE[device]);
  return picture ? fitCore(picture, largest) : largest;
}

/** Two tiles, one above the other. */
function twinCore(picture: Size): Size {
  return fitCore(picture, { width: TWIN_TILE, height: 2 * TWIN_TILE }, 2);
}

async function openSingle(wish: TileWish, device: DeviceKind, precision: Precision): Promise<TileRuntime> {
  const { models, blend, io, threads } = wish;
  const tile = singleCore(wish, device);
  const model = buildTile(models, blend, precision, io, tile, device);
  const dims = dimsOf(tile);
  return { tile, runtime: await openRuntime(model, { device, dims, ...(threads !== undefined && { threads }) }) };
}

/** Whether two tiles at once pay: for a picture that takes longer than a second session to make, where nobody chose the tile. */
export function twoAtOnce(
  { picture, tile, threads = physicalCores() }: Pick<TileWish, 'picture' | 'tile' | 'threads'>,
  device: DeviceKind,
  precision: Precision,
): boolean {
  // Inside Electron the runtime in a worker thread may end the process (microsoft/onnxruntime#20084); nothing catches that.
  if (process.versions.electron) return false;
  if (device !== 'cpu' || precision !== 'int8' || threads % 2 > 0) return false;
  return tile === undefined && picture !== undefined && picture.width * picture.height >= LARGE;
}

/** `undefined` where one session is to do it. */
async function openTwin(wish: TileWish, device: DeviceKind, precision: Precision): Promise<TileRuntime | undefined> {
  const { models, blend, io, picture, threads = physicalCores() } = wish;
  if (!picture || !twoAtOnce(wish, device, precision)) return undefined;
  const tile = twinCore(picture);
  const half = { width: tile.width, height: tile.height / 2 };
  const model = buildTile(models, blend, precision, io, half, device);
  try {
    return { tile, runtime: await openTwinRuntime(model, { threads, dims: dimsOf(half), apart: half.height }) };
  } catch (error) {
    // A program that cannot start threads still enlarges photos, a little more slowly.
    if (error instanceof FourfoldError) throw error;
    return undefined;
  }
}

/** Shape of the input that a core of this size needs. */
export function dimsOf({ width, height }: Size): number[] {
  return [1, height + 2 * HALO, width + 2 * HALO, 3];
}

export function buildTile(
  models: ModelPair,
  blend: number,
  precision: Precision,
  io: 'u8' | 'f32',
  tile: Size,
  device: DeviceKind,
): Uint8Array {
  const ranges = precision === 'int8' ? calibratedRanges(models, blend) : undefined;
  return buildGenerator(models.spec, models.weights(blend), {
    ...{ precision, io, tile, halo: HALO },
    ...(device === 'cpu' && { strip: STRIP }),
    ...(ranges && { ranges }),
  });
}

/** Undefined too when the calibration is of an earlier kind, without all that is needed now. */
export function calibratedRanges({ manifest, id, spec }: ModelPair, blend: number): Ranges | undefined {
  const ranges = rangesOf(manifest.calibration, id, blend);
  return ranges && rangeNames(spec).every((name) => ranges[name]) ? ranges : undefined;
}
