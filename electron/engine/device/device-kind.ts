export type DeviceKind = 'cpu' | 'webgpu' | 'cuda' | 'dml' | 'coreml';

/** Tried in this order; the processor is always there. */
export const DEVICE_ORDER: readonly DeviceKind[] = ['cuda', 'dml', 'coreml', 'webgpu', 'cpu'];

/** As a person calls it. */
export const DEVICE_TITLE: Readonly<Record<DeviceKind, string>> = {
  cpu: 'the processor',
  webgpu: 'WebGPU',
  cuda: 'CUDA',
  dml: 'DirectML',
  coreml: 'CoreML',
};
