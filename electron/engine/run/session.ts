import { chooseDevice, type DeviceChoice } from '../device/device.ts';
import { DEVICE_TITLE, type DeviceKind } from '../device/device-kind.ts';
import { int8Verdict } from '../device/int8-probe.ts';
import { VerdictStore } from '../device/verdict-store.ts';
import { FourfoldError } from '../errors.ts';
import { type Finding, finding } from '../finding.ts';
import { int8IsGood, type Precision } from '../network/precision.ts';
import type { Raster } from '../photo/raster.ts';
import { type Size, sizeOf } from './tile-plan.ts';
import { buildTile, calibratedRanges, dimsOf, HALO, openTileRuntime, type TileWish } from './tile-runtime.ts';

export type { DeviceKind } from '../device/device-kind.ts';
export type { Precision } from '../network/precision.ts';

export interface SessionOptions extends TileWish {
  readonly device: DeviceKind | 'auto';
  readonly precision: Precision | 'auto';
}

export interface NetworkSession {
  readonly device: DeviceKind;
  /** The device by name, as a person knows it. */
  readonly deviceName: string;
  readonly precision: Precision;
  readonly blend: number;
  /** The core every tile must have, in source pixels. */
  readonly tile: Size;
  /** Source pixels that must be given round the core. */
  readonly halo: number;
  /** Why this device, and where it was a choice, why this precision. */
  readonly why: readonly Finding[];
  /** RGB (core + 2·halo) → RGB 4·core, same depth: 8 with `u8`, 16 with `f32`. */
  enhance(padded: Raster): Promise<Raster>;
  close(): Promise<void>;
}

export type OpenSession = typeof openSession;

/** Core of the tile that int8 is tried on. */
const PROBE = 64;

/** Makes a session on a device; the device really used is in the result. */
export async function openSession(options: SessionOptions): Promise<NetworkSession> {
  const { models, blend, io } = options;
  const store = new VerdictStore();
  const chosen = await chooseDevice(options.device, options.precision, models, store);
  const { precision, why } = await choosePrecision(options, chosen, store);
  const { kind: device } = chosen;
  const { tile, runtime } = await openTileRuntime(options, device, precision);
  return {
    device,
    deviceName: chosen.name,
    precision,
    blend,
    tile,
    halo: HALO,
    why,
    async enhance(padded) {
      return toRaster(await runtime.run(toSamples(padded, dimsOf(tile), io)), tile);
    },
    close: () => runtime.close(),
  };
}

async function choosePrecision(
  { precision, models, blend, io }: SessionOptions,
  device: DeviceChoice,
  store: VerdictStore,
): Promise<{ precision: Precision; why: readonly Finding[] }> {
  if (device.kind !== 'cpu') return { precision: device.precision, why: [device.why] };
  const calibrated = calibratedRanges(models, blend) !== undefined;
  if (precision === 'fp16' || (precision === 'int8' && !calibrated))
    throw new FourfoldError(
      'device-unavailable',
      precision === 'fp16'
        ? 'The processor has no half precision. No photo was touched; choose --precision auto, fp32 or int8.'
        : 'These weights were not calibrated for int8. No photo was touched; choose --precision auto or fp32, or run train:calibrate.',
      { params: { device: DEVICE_TITLE.cpu } },
    );
  const because = (precision: Precision, reason: Finding) => ({ precision, why: [device.why, reason] });
  if (precision !== 'auto') return because(precision, finding('precision-asked', { precision }));
  if (io === 'f32') return because('fp32', finding('photo-deep'));
  if (!calibrated) return because('fp32', finding('not-calibrated'));
  const tile = sizeOf(PROBE);
  const edge = PROBE + 2 * HALO;
  const build = (tried: Precision) => buildTile(models, blend, tried, 'u8', tile, 'cpu');
  const verdict = await int8Verdict({ model: models.id, dims: [1, edge, edge, 3], build }, store);
  const measured = { times: verdict.faster.toFixed(1), apart: verdict.apart.toFixed(1) };
  return int8IsGood(verdict)
    ? because('int8', finding('int8-better', measured))
    : because('fp32', finding('int8-worse', measured));
}

function toSamples(raster: Raster, dims: number[], io: 'u8' | 'f32'): Uint8Array | Float32Array {
  const { width, height, channels, depth, data } = raster;
  if (height !== dims[1] || width !== dims[2] || channels !== 3 || depth !== (io === 'u8' ? 8 : 16))
    throw new RangeError(
      `Expected a ${dims[2]}×${dims[1]} RGB raster for ${io} but received ${width}×${height}, ${channels} channels, ${depth} bits.`,
    );
  return io === 'u8' ? (data as Uint8Array) : Float32Array.from(data, (value) => value / 65535);
}

function toRaster(samples: Uint8Array | Float32Array, tile: Size): Raster {
  const shape = { width: 4 * tile.width, height: 4 * tile.height, channels: 3 as const };
  if (samples instanceof Uint8Array) return { ...shape, depth: 8, data: samples };
  // Clipped to 0…1 in the graph; NaN becomes 0 and is found out as black.
  const data = new Uint16Array(samples.length);
  for (let i = 0; i < data.length; i++) data[i] = samples[i]! * 65535 + 0.5;
  return { ...shape, depth: 16, data };
}
