import { InferenceSession, Tensor } from 'onnxruntime-node';
import { FourfoldError } from './errors.ts';
import type { ModelPair } from './model.ts';
import { buildGenerator, INPUT, OUTPUT } from './network.ts';
import type { Precision } from './precision.ts';
import type { Raster } from './raster.ts';
import { physicalCores } from './threads.ts';
import { fitCore, type Size } from './tile-plan.ts';

export type { Precision } from './precision.ts';
export type DeviceKind = 'cpu' | 'webgpu' | 'cuda' | 'dml' | 'coreml';

export interface SessionOptions {
  readonly models: ModelPair;
  /** 0 SRResNet … 1 SRGAN. */
  readonly blend: number;
  readonly device: DeviceKind | 'auto';
  readonly precision: Precision | 'auto';
  /** Edge of the core in source pixels, or its size; default by device and precision. */
  readonly tile?: number | Size;
  /** The picture it is for: the core is then made to fit it, so that little is enlarged beyond its edges. */
  readonly picture?: Size;
  /** CPU threads; default the physical cores. */
  readonly threads?: number;
  /** `u8` for 8-bit rasters, `f32` for 16-bit ones. */
  readonly io: 'u8' | 'f32';
  readonly signal?: AbortSignal;
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
  /** Why this device and precision. */
  readonly why: string;
  /** RGB (core + 2·halo) → RGB 4·core, same depth: 8 with `u8`, 16 with `f32`. */
  enhance(padded: Raster): Promise<Raster>;
  close(): Promise<void>;
}

export type OpenSession = typeof openSession;

export const HALO = 12;
const STRIP = 64;

/** Makes a session on a device; the device really used is in the result. */
export async function openSession(options: SessionOptions): Promise<NetworkSession> {
  const { models, blend, io } = options;
  if (options.device !== 'auto' && options.device !== 'cpu')
    throw new FourfoldError(
      'device-unavailable',
      `The device "${options.device}" cannot be used here. Choose another.`,
    );
  const largest = typeof options.tile === 'object' ? options.tile : square(options.tile ?? 256);
  const tile = options.picture ? fitCore(options.picture, largest) : largest;
  const model = buildGenerator(models.spec, models.weights(blend), {
    precision: 'fp32',
    io,
    halo: HALO,
    tile,
    strip: STRIP,
  });
  options.signal?.throwIfAborted();
  const session = await InferenceSession.create(model, {
    executionProviders: ['cpu'],
    graphOptimizationLevel: 'all',
    intraOpNumThreads: options.threads ?? physicalCores(),
    interOpNumThreads: 1,
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  });
  const dims = [1, tile.height + 2 * HALO, tile.width + 2 * HALO, 3];
  return {
    device: 'cpu',
    deviceName: 'CPU',
    precision: 'fp32',
    blend,
    tile,
    halo: HALO,
    why: 'The processor, in full precision.',
    async enhance(padded) {
      const result = await session.run({ [INPUT]: toTensor(padded, dims, io) });
      return toRaster(result[OUTPUT]!, tile);
    },
    close: () => session.release(),
  };
}

function square(edge: number): Size {
  return { width: edge, height: edge };
}

function toTensor({ width, height, channels, depth, data }: Raster, dims: number[], io: 'u8' | 'f32'): Tensor {
  if (height !== dims[1] || width !== dims[2] || channels !== 3 || depth !== (io === 'u8' ? 8 : 16))
    throw new RangeError(
      `Expected a ${dims[2]}×${dims[1]} RGB raster for ${io} but received ${width}×${height}, ${channels} channels, ${depth} bits.`,
    );
  if (io === 'u8') return new Tensor('uint8', data as Uint8Array, dims);
  return new Tensor(
    'float32',
    Float32Array.from(data, (value) => value / 65535),
    dims,
  );
}

function toRaster({ data }: Tensor, tile: Size): Raster {
  const shape = { width: 4 * tile.width, height: 4 * tile.height, channels: 3 as const };
  if (data instanceof Uint8Array) return { ...shape, depth: 8, data };
  // Clipped to 0…1 in the graph; NaN becomes 0 and is found out as black.
  const samples = Uint16Array.from(data as Float32Array, (value) => value * 65535 + 0.5);
  return { ...shape, depth: 16, data: samples };
}
