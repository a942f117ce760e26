import { cpus } from 'node:os';
import { env } from 'onnxruntime-node';
import type { Int8Verdict } from '../network/precision.ts';
import { processorName } from './device-name.ts';
import { difference, probePicture } from './probe-picture.ts';
import { openRuntime } from './runtime.ts';
import type { VerdictStore } from './verdict-store.ts';

/** What the probe needs: the graph of one small tile in both precisions. */
export interface Int8Probe {
  /** Of the weights; another pair is measured again. */
  readonly model: string;
  readonly dims: readonly [1, number, number, 3];
  build(precision: 'fp32' | 'int8'): Uint8Array;
}

/** Measured once a machine, runtime and model (about half a second on two cores), then remembered. */
export async function int8Verdict(probe: Int8Probe, store: VerdictStore): Promise<Int8Verdict> {
  const key = `int8|${processorName()}|${cpus().length}|${env.versions.node ?? ''}|${probe.model}`;
  const known = store.read<Int8Verdict>(key);
  if (known) return known;
  const [, height, width] = probe.dims;
  const picture = probePicture(width, height);
  const single = await timed(probe.build('fp32'), probe.dims, picture);
  const integer = await timed(probe.build('int8'), probe.dims, picture);
  const verdict = {
    apart: difference(single.result, integer.result).mean,
    faster: single.milliseconds / integer.milliseconds,
  };
  store.write(key, verdict);
  return verdict;
}

async function timed(model: Uint8Array, dims: readonly number[], picture: Uint8Array) {
  const session = await openRuntime(model, { device: 'cpu', dims });
  try {
    // The first run allocates; of the others the fastest was disturbed least.
    let result = await session.run(picture);
    let milliseconds = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 2; i++) {
      const started = performance.now();
      result = await session.run(picture);
      milliseconds = Math.min(milliseconds, performance.now() - started);
    }
    return { result, milliseconds };
  } finally {
    await session.close();
  }
}
