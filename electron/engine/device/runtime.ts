import { InferenceSession, Tensor } from 'onnxruntime-node';
import { FourfoldError } from '../errors.ts';
import { INPUT, OUTPUT } from '../network/network.ts';
import { DEVICE_TITLE, type DeviceKind } from './device-kind.ts';
import { physicalCores } from './threads.ts';

/** One graph on one device; the only place that calls the runtime. */
export interface RuntimeSession {
  /** NHWC samples in, NHWC samples out: uint8, or float32 0…1, as the graph was built. */
  run(samples: Uint8Array | Float32Array): Promise<Uint8Array | Float32Array>;
  close(): Promise<void>;
}

export interface RuntimeOptions {
  readonly device: DeviceKind;
  /** CPU threads; default the physical cores. */
  readonly threads?: number;
  /** Shape of the input: [1, height, width, 3]. */
  readonly dims: readonly number[];
}

/** @throws FourfoldError `device-memory`, `device-lost` or `device-unavailable` */
export async function openRuntime(
  model: Uint8Array,
  { device, threads, dims }: RuntimeOptions,
): Promise<RuntimeSession> {
  const session = await InferenceSession.create(model, {
    executionProviders: device === 'cpu' ? ['cpu'] : [device, 'cpu'],
    // The fused NCHWc and integer kernels exist at this level only.
    graphOptimizationLevel: 'all',
    intraOpNumThreads: threads ?? physicalCores(),
    interOpNumThreads: 1,
    // Kept between tiles of the one shape: without it a run spends 7 % on page faults.
    enableCpuMemArena: true,
    // Threads that wait by spinning take the cores from the decoder and the interface.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
    logSeverityLevel: 3,
  }).catch((error: unknown) => {
    throw deviceError(error, device, 'device-unavailable');
  });
  return {
    async run(samples) {
      const type = samples instanceof Uint8Array ? 'uint8' : 'float32';
      const input = new Tensor(type as 'uint8', samples as Uint8Array, dims);
      const result = await session.run({ [INPUT]: input }).catch((error: unknown) => {
        throw deviceError(error, device, device === 'cpu' ? undefined : 'device-lost');
      });
      return result[OUTPUT]!.data as Uint8Array | Float32Array;
    },
    close: () => session.release(),
  };
}

const MEMORY_WORDS =
  /out of memory|bad_alloc|failed to allocate|allocat\w* .*fail|insufficient memory|E_OUTOFMEMORY|OOM/i;
const LOST_WORDS =
  /device (is |was )?(lost|removed|hung)|DXGI_ERROR|context lost|cudaErrorDevice|VK_ERROR_DEVICE_LOST/i;

/** The runtime's words as one of our errors; `otherwise` is what an unknown failure of this device means. */
export function deviceError(
  error: unknown,
  device: DeviceKind,
  otherwise: 'device-unavailable' | 'device-lost' | undefined,
): unknown {
  if (error instanceof FourfoldError) return error;
  const words = error instanceof Error ? error.message : String(error);
  const context = { cause: error, params: { device: DEVICE_TITLE[device] } };
  if (MEMORY_WORDS.test(words))
    return new FourfoldError(
      'device-memory',
      `The memory of ${DEVICE_TITLE[device]} ran out. Finished tiles are kept; choose smaller tiles or another device.`,
      context,
    );
  const code = LOST_WORDS.test(words) ? 'device-lost' : otherwise;
  if (code === 'device-lost')
    return new FourfoldError(
      code,
      `${capital(DEVICE_TITLE[device])} stopped. Finished tiles are kept; try again, or choose the processor (--device cpu).`,
      context,
    );
  return code === 'device-unavailable' ? unavailable(device, words, error) : error;
}

export function unavailable(device: DeviceKind, reason: string, cause?: unknown): FourfoldError {
  return new FourfoldError(
    'device-unavailable',
    `${capital(DEVICE_TITLE[device])} cannot be used on this machine (${reason}). No photo was touched; choose --device auto or cpu.`,
    { cause, params: { device: DEVICE_TITLE[device] } },
  );
}

function capital(text: string): string {
  return text[0]!.toUpperCase() + text.slice(1);
}
