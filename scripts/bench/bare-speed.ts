import { listDevices } from '../../electron/engine/device/device.ts';
import { toPlainError } from '../../electron/engine/errors.ts';
import type { GeneratorSpec } from '../../electron/engine/network/generator-spec.ts';
import type { ModelPair } from '../../electron/engine/network/model.ts';
import { createRaster } from '../../electron/engine/photo/raster.ts';
import { type DeviceKind, openSession, type Precision } from '../../electron/engine/run/session.ts';

/** The network alone: one session, one tile after the other, nothing read or written. */
export interface BareSpeed {
  readonly device: DeviceKind;
  readonly deviceName: string;
  readonly precision: Precision;
  /** The core, source px. */
  readonly tile: string;
  /** Thousands of source pixels a second, core pixels only. */
  readonly kpxPerSecond: number;
  readonly gflops: number;
  /** Processor time a thousand source pixels take, milliseconds. */
  readonly processorMsPerKpx: number;
  /** Making the session, seconds. */
  readonly openSeconds: number;
}

/** The edge of the core, or what the engine takes by itself for a large photo. */
export type TileChoice = number | 'large';
const LARGE = { width: 4096, height: 4096 };

export const PRECISIONS: readonly Precision[] = ['fp32', 'int8', 'fp16'];

/** Every precision on every device that can be had, at every tile; a combination that cannot be had is left out. */
export async function bareSpeeds(
  models: ModelPair,
  options: {
    tiles: readonly TileChoice[];
    precisions: readonly Precision[];
    devices?: readonly string[];
    seconds: number;
  },
): Promise<BareSpeed[]> {
  const speeds: BareSpeed[] = [];
  const devices = (await listDevices()).filter(
    ({ kind, available }) => available && (options.devices?.includes(kind) ?? true),
  );
  for (const { kind } of devices)
    for (const precision of options.precisions)
      for (const tile of options.tiles) {
        try {
          speeds.push(await bareSpeed(models, kind, precision, tile, options.seconds));
        } catch (error) {
          process.stderr.write(`${kind} ${precision} ${tile}: ${toPlainError(error).sentence}\n`);
          break;
        }
      }
  return speeds;
}

async function bareSpeed(
  models: ModelPair,
  device: DeviceKind,
  precision: Precision,
  tile: TileChoice,
  seconds: number,
): Promise<BareSpeed> {
  const opening = performance.now();
  const cut = tile === 'large' ? { picture: LARGE } : { tile };
  const session = await openSession({ models, blend: 0.5, device, precision, ...cut, io: 'u8' });
  const openSeconds = (performance.now() - opening) / 1000;
  try {
    const padded = createRaster(session.tile.width + 2 * session.halo, session.tile.height + 2 * session.halo, 3, 8);
    for (let i = 0; i < padded.data.length; i++) padded.data[i] = (i * 2654435761) >>> 24;
    await session.enhance(padded);
    let best = Number.POSITIVE_INFINITY;
    let runs = 0;
    const before = process.cpuUsage();
    for (const until = performance.now() + seconds * 1000; runs < 3 || performance.now() < until; runs++) {
      const from = performance.now();
      await session.enhance(padded);
      best = Math.min(best, performance.now() - from);
    }
    const { user, system } = process.cpuUsage(before);
    const pixels = runs * session.tile.width * session.tile.height;
    const perSecond = (session.tile.width * session.tile.height) / (best / 1000);
    return {
      device: session.device,
      deviceName: session.deviceName,
      precision: session.precision,
      tile: `${session.tile.width}×${session.tile.height}`,
      kpxPerSecond: perSecond / 1e3,
      gflops: (perSecond * flopPerPixel(models.spec)) / 1e9,
      processorMsPerKpx: (user + system) / pixels,
      openSeconds,
    };
  } finally {
    await session.close();
  }
}

/** Multiplications and additions for one source pixel, halo not counted. */
export function flopPerPixel(spec: GeneratorSpec): number {
  const { features: f, blocks, headKernel, outputKernel, output } = spec;
  const trunk = headKernel ** 2 * 3 * f + (2 * blocks + 1) * 9 * f * f;
  const stages = 9 * f * 4 * f * (1 + 4);
  const last = output === 'sub-pixel' ? 4 * outputKernel ** 2 * 4 * f * 12 : 16 * outputKernel ** 2 * f * 3;
  return 2 * (trunk + stages + last);
}

/** The fastest tile of each device and precision. */
export function bestOf(speeds: readonly BareSpeed[]): BareSpeed[] {
  const best = new Map<string, BareSpeed>();
  for (const speed of speeds) {
    const key = `${speed.device} ${speed.precision}`;
    if (speed.kpxPerSecond > (best.get(key)?.kpxPerSecond ?? 0)) best.set(key, speed);
  }
  return [...best.values()];
}
