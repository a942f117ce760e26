/**
 * Picks the fastest TensorFlow.js there is: tfjs-node-gpu, tfjs-node, or pure tfjs (which works anywhere, slowly).
 * `FOURFOLD_TF=pure` forces the last, which is how the fallbacks of `kernels.ts` are tested.
 */
import type * as tfTypes from '@tensorflow/tfjs';

export type Tf = typeof tfTypes;
export type Tensor = tfTypes.Tensor;
export type Tensor4D = tfTypes.Tensor4D;

export interface Backend {
  tf: Tf;
  /** The package in use. */
  name: 'tfjs-node-gpu' | 'tfjs-node' | 'tfjs';
  device: 'GPU' | 'CPU';
  /** True when TensorFlow's own kernels can be called by name. */
  native: boolean;
}

let loaded: Promise<Backend> | undefined;

/** Loads TensorFlow once a process. Never fails: pure tfjs is always there. */
export function loadBackend(): Promise<Backend> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<Backend> {
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  if (process.env.FOURFOLD_TF !== 'pure') {
    for (const name of ['tfjs-node-gpu', 'tfjs-node'] as const) {
      try {
        const module = await import(/* @vite-ignore */ `@tensorflow/${name}`);
        const tf = (module.default ?? module) as Tf;
        await tf.ready();
        if (tf.getBackend() !== 'tensorflow') continue;
        const gpu = (tf.backend() as unknown as { isUsingGpuDevice?: boolean }).isUsingGpuDevice === true;
        return { tf, name, device: gpu ? 'GPU' : 'CPU', native: true };
      } catch {
        // Not set up on this machine; try the next.
      }
    }
  }
  const module = await import('@tensorflow/tfjs');
  const tf = ((module as { default?: unknown }).default ?? module) as Tf;
  await tf.setBackend('cpu');
  await tf.ready();
  return { tf, name: 'tfjs', device: 'CPU', native: false };
}
