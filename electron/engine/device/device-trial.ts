import { type Finding, finding } from '../finding.ts';
import type { Precision } from '../network/precision.ts';
import type { DeviceKind } from './device-kind.ts';
import { difference, probePicture } from './probe-picture.ts';
import { openRuntime } from './runtime.ts';

export interface ProbeTask {
  readonly kind: DeviceKind;
  readonly dims: readonly number[];
  /** The same tile as float32 and as half-precision graphs. */
  readonly single: Uint8Array;
  readonly half: Uint8Array;
}

export interface ProbeResult {
  readonly precisions: readonly Precision[];
  readonly faster: number;
  readonly problem?: Finding;
}

/** Rounded results may differ by one level where a value lies on the edge; half precision by a few at hard edges. */
const MOST_APART: Partial<Record<Precision, { mean: number; most: number }>> = {
  fp32: { mean: 0.1, most: 2 },
  fp16: { mean: 0.5, most: 8 },
};

/** Runs the tile on the processor, then on the device in each precision; never throws. */
export async function tryDevice({ kind, dims, single, half }: ProbeTask): Promise<ProbeResult> {
  const picture = probePicture(dims[2]!, dims[1]!);
  const precisions: Precision[] = [];
  let problem: Finding | undefined;
  let best = Number.POSITIVE_INFINITY;
  let expected: Awaited<ReturnType<typeof timed>>;
  try {
    expected = await timed('cpu', single, dims, picture);
  } catch (error) {
    return { precisions, faster: 0, problem: finding('other', { words: String(error) }) };
  }
  // One after the other: two WebGPU sessions at once end the process.
  for (const [precision, model] of [
    ['fp32', single],
    ['fp16', half],
  ] as const) {
    try {
      const { samples, milliseconds } = await timed(kind, model, dims, picture);
      const { mean, most } = difference(expected.samples, samples);
      const limit = MOST_APART[precision]!;
      if (mean <= limit.mean && most <= limit.most) {
        precisions.push(precision);
        best = Math.min(best, milliseconds);
      } else problem ??= finding('wrong-numbers', { precision, apart: mean.toFixed(1) });
    } catch (error) {
      problem ??= reasonOf(error);
    }
  }
  if (precisions.length > 0) return { precisions, faster: expected.milliseconds / best };
  return { precisions, faster: 0, ...(problem && { problem }) };
}

/** The runtime's own words where a person can read them; a place in its sources says nothing. */
function reasonOf(error: unknown): Finding {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const words = cause instanceof Error ? cause.message.split('\n')[0]! : String(cause);
  return /onnxruntime_src|\.cc:\d+/.test(words)
    ? finding('driver-failed')
    : finding('other', { words: words.slice(0, 200) });
}

async function timed(kind: DeviceKind, model: Uint8Array, dims: readonly number[], picture: Uint8Array) {
  const session = await openRuntime(model, { device: kind, dims });
  try {
    // The first run compiles shaders or searches algorithms.
    await session.run(picture);
    const started = performance.now();
    const samples = await session.run(picture);
    return { samples, milliseconds: performance.now() - started };
  } finally {
    await session.close();
  }
}
