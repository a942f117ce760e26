/**
 * Convolution and its two gradients in plain loops, for machines without native kernels: tfjs's own CPU kernels for
 * them go through an accessor per value and are some twenty times slower.
 *
 * All three walk the same products x · k · dy; only what is summed differs. The innermost loop runs over the output
 * channels, which lie side by side in memory.
 */
import type { Tensor, Tensor4D, Tf } from './backend.ts';
import type { Convolve } from './layer-kernels.ts';

interface Geometry {
  count: number;
  /** Of the input. */
  height: number;
  width: number;
  from: number;
  /** Kernel edge. */
  size: number;
  to: number;
  stride: number;
  outHeight: number;
  outWidth: number;
  /** Zero padding above and left, as TensorFlow's 'same' has it: the odd pixel goes below and right. */
  top: number;
  left: number;
}

function geometryOf(x: number[], kernel: number[], stride: number): Geometry {
  const [count, height, width, from] = x as [number, number, number, number];
  const [size, , , to] = kernel as [number, number, number, number];
  const outHeight = Math.ceil(height / stride);
  const outWidth = Math.ceil(width / stride);
  const before = (out: number, length: number) => Math.max(0, (out - 1) * stride + size - length) >> 1;
  const [top, left] = [before(outHeight, height), before(outWidth, width)];
  return { count, height, width, from, size, to, stride, outHeight, outWidth, top, left };
}

/** Calls `inner` with the offsets of an input pixel, of its kernel slice [from, to] and of the output pixel. */
function walk(g: Geometry, inner: (x: number, kernel: number, y: number) => void): void {
  for (let n = 0; n < g.count; n++)
    for (let row = 0; row < g.outHeight; row++)
      for (let column = 0; column < g.outWidth; column++) {
        const y = ((n * g.outHeight + row) * g.outWidth + column) * g.to;
        for (let ky = 0; ky < g.size; ky++) {
          const iy = row * g.stride - g.top + ky;
          if (iy < 0 || iy >= g.height) continue;
          for (let kx = 0; kx < g.size; kx++) {
            const ix = column * g.stride - g.left + kx;
            if (ix < 0 || ix >= g.width) continue;
            inner(((n * g.height + iy) * g.width + ix) * g.from, (ky * g.size + kx) * g.from * g.to, y);
          }
        }
      }
}

function forward(g: Geometry, x: Float32Array, kernel: Float32Array): Float32Array {
  const { from, to } = g;
  const result = new Float32Array(g.count * g.outHeight * g.outWidth * to);
  walk(g, (atX, atKernel, atY) => {
    for (let i = 0; i < from; i++) {
      const value = x[atX + i]!;
      const slice = atKernel + i * to;
      for (let o = 0; o < to; o++) result[atY + o]! += value * kernel[slice + o]!;
    }
  });
  return result;
}

function toInput(g: Geometry, kernel: Float32Array, dy: Float32Array): Float32Array {
  const { from, to } = g;
  const result = new Float32Array(g.count * g.height * g.width * from);
  walk(g, (atX, atKernel, atY) => {
    for (let i = 0; i < from; i++) {
      const slice = atKernel + i * to;
      let sum = 0;
      for (let o = 0; o < to; o++) sum += kernel[slice + o]! * dy[atY + o]!;
      result[atX + i]! += sum;
    }
  });
  return result;
}

function toKernel(g: Geometry, x: Float32Array, dy: Float32Array): Float32Array {
  const { from, to } = g;
  const result = new Float32Array(g.size * g.size * from * to);
  walk(g, (atX, atKernel, atY) => {
    for (let i = 0; i < from; i++) {
      const value = x[atX + i]!;
      const slice = atKernel + i * to;
      for (let o = 0; o < to; o++) result[slice + o]! += value * dy[atY + o]!;
    }
  });
  return result;
}

export function plainConvolution(tf: Tf): Convolve {
  const values = (tensor: Tensor) => tensor.dataSync() as Float32Array;
  return (x, kernel, { stride = 1, fixed = false } = {}) => {
    const g = geometryOf(x.shape, kernel.shape, stride);
    const value = (input: Tensor, weights: Tensor) =>
      tf.tensor(forward(g, values(input), values(weights)), [g.count, g.outHeight, g.outWidth, g.to]);
    const inputGradient = (weights: Tensor, dy: Tensor) => tf.tensor(toInput(g, values(weights), values(dy)), x.shape);
    if (fixed) {
      const convolution = tf.customGrad((input) => ({
        value: value(input as Tensor, kernel),
        gradFunc: (dy: Tensor) => inputGradient(kernel, dy),
      }));
      return convolution(x) as Tensor4D;
    }
    const convolution = tf.customGrad((input, weights, save) => {
      (save as unknown as (saved: Tensor[]) => void)([input as Tensor, weights as Tensor]);
      return {
        value: value(input as Tensor, weights as Tensor),
        gradFunc: (dy: Tensor, saved: Tensor[]) => {
          const [savedInput, savedKernel] = saved as [Tensor, Tensor];
          const kernelGradient = tf.tensor(toKernel(g, values(savedInput), values(dy)), savedKernel.shape);
          return [inputGradient(savedKernel, dy), kernelGradient];
        },
      };
    });
    return convolution(x, kernel) as Tensor4D;
  };
}
