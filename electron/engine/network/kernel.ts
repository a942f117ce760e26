/** Convolution kernels as plain numbers: layouts, the fixed bicubic, and the move into sub-pixel space. */

export interface Kernel {
  /** Height, width, inputs, outputs. */
  readonly shape: readonly [number, number, number, number];
  /** HWIO, the layout TensorFlow keeps. */
  readonly data: Float32Array;
}

export type Pads = 'same' | 'none';

/** The attributes of a convolution with this kernel. */
export function windowOf({ shape: [h, w] }: Kernel, pads: Pads): { kernel_shape: number[]; pads: number[] } {
  const pad = pads === 'same' ? [h >> 1, w >> 1, h >> 1, w >> 1] : [0, 0, 0, 0];
  return { kernel_shape: [h, w], pads: pad };
}

/** HWIO → OIHW, the layout ONNX keeps. */
export function toOihw({ shape: [h, w, i, o], data }: Kernel): Float32Array {
  const result = new Float32Array(data.length);
  for (let tap = 0; tap < h * w; tap++)
    for (let c = 0; c < i; c++)
      for (let k = 0; k < o; k++) result[(k * i + c) * h * w + tap] = data[(tap * i + c) * o + k]!;
  return result;
}

/** OIHW → HWIO. */
export function fromOihw(shape: readonly [number, number, number, number], data: Float32Array): Float32Array {
  const [h, w, i, o] = shape;
  const result = new Float32Array(data.length);
  for (let tap = 0; tap < h * w; tap++)
    for (let c = 0; c < i; c++)
      for (let k = 0; k < o; k++) result[(tap * i + c) * o + k] = data[(k * i + c) * h * w + tap]!;
  return result;
}

/** The cubic convolution kernel (Keys 1981) with a = −0.5, the one the field calls bicubic. */
function cubic(distance: number): number {
  const d = Math.abs(distance);
  if (d <= 1) return (1.5 * d - 2.5) * d * d + 1;
  return d < 2 ? ((-0.5 * d + 2.5) * d - 4) * d + 2 : 0;
}

/**
 * Bicubic ×4 of an RGB picture as a 5×5 convolution 3 → 48; channels in the order of two depth-to-space (DCR) steps:
 * 2×2 phases of the first, 2×2 phases of the second, RGB.
 */
export function bicubicKernel(): Kernel {
  const offsets = [-3 / 8, -1 / 8, 1 / 8, 3 / 8];
  const data = new Float32Array(5 * 5 * 3 * 48);
  for (const [py, oy] of offsets.entries())
    for (const [px, ox] of offsets.entries())
      for (let c = 0; c < 3; c++) {
        const out = ((py >> 1) * 2 + (px >> 1)) * 12 + ((py & 1) * 2 + (px & 1)) * 3 + c;
        for (let y = 0; y < 5; y++)
          for (let x = 0; x < 5; x++) data[((y * 5 + x) * 3 + c) * 48 + out] = cubic(y - 2 - oy) * cubic(x - 2 - ox);
      }
  return { shape: [5, 5, 3, 48], data };
}

/**
 * A convolution that follows depth-to-space (DCR, 2), rewritten to come before it: k×k, i → o at 2n becomes
 * m×m, 4i → 4o at n, exactly (Shi et al. 2016 read backwards). 9×9 fits in 5×5.
 */
export function intoSubPixelSpace({ shape: [k, width, inputs, outputs], data }: Kernel): Kernel {
  if (k !== width || k % 2 === 0) throw new RangeError(`Expected an odd square kernel but received ${k}×${width}.`);
  const radius = (k - 1) / 2;
  const reach = Math.ceil(radius / 2);
  const size = 2 * reach + 1;
  const result = new Float32Array(size * size * 4 * inputs * 4 * outputs);
  for (let phase = 0; phase < 4; phase++)
    for (let dy = -radius; dy <= radius; dy++)
      for (let dx = -radius; dx <= radius; dx++) {
        const y = (phase >> 1) + dy;
        const x = (phase & 1) + dx;
        const from = (y & 1) * 2 + (x & 1);
        const tap = (Math.floor(y / 2) + reach) * size + Math.floor(x / 2) + reach;
        const source = ((dy + radius) * k + dx + radius) * inputs;
        for (let i = 0; i < inputs; i++)
          for (let o = 0; o < outputs; o++)
            result[(tap * 4 * inputs + from * inputs + i) * 4 * outputs + phase * outputs + o] =
              data[(source + i) * outputs + o]!;
      }
  return { shape: [size, size, 4 * inputs, 4 * outputs], data: result };
}

/** Values of one sub-pixel repeated for the four phases of a depth-to-space (DCR, 2) step. */
export function repeatPhases(values: Float32Array): Float32Array {
  const result = new Float32Array(4 * values.length);
  for (let phase = 0; phase < 4; phase++) result.set(values, phase * values.length);
  return result;
}
