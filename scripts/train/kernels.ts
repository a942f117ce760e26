/**
 * The operations of the networks' layers, with gradients of our own, NHWC: tfjs has no gradient for DepthToSpace at all,
 * and composes the gradients of LeakyReLU and bias from slower parts. On a TensorFlow backend they are its native kernels
 * (native-kernels.ts); elsewhere they are tfjs operations, or plain loops. `kernels.test.ts` checks both numerically.
 */
import type { Backend, Tensor4D, Tf } from './backend.ts';
import type { Kernels } from './layer-kernels.ts';
import { nativeKernels, type Precision } from './native-kernels.ts';
import { plainConvolution } from './plain-convolution.ts';

/** `bfloat16` needs a native backend. */
export function kernels(backend: Backend, precision: Precision = 'float32'): Kernels {
  return backend.native ? nativeKernels(backend.tf, precision) : pureKernels(backend.tf);
}

function pureKernels(tf: Tf): Kernels {
  // Reshape and transpose have gradients everywhere, so DepthToSpace is composed of them.
  const depthToSpace = (x: Tensor4D): Tensor4D => {
    const [n, h, w, c] = x.shape;
    const parts = x.reshape([n, h, w, 2, 2, c / 4]).transpose([0, 1, 3, 2, 4, 5]);
    return parts.reshape([n, 2 * h, 2 * w, c / 4]) as Tensor4D;
  };
  const kernels: Kernels = {
    get exact() {
      return kernels;
    },
    narrow: (x) => x,
    widen: (x) => x,
    depthToSpace,
    leakyRelu: (x, slope) => tf.leakyRelu(x, slope),
    relu: (x) => tf.relu(x),
    // tfjs only works out the gradients somebody asked for, so `fixed` needs no care here.
    biasAdd: (x, bias) => x.add(bias) as Tensor4D,
    maxPool: (x) => tf.maxPool(x, 2, 2, 'valid'),
    convolve: plainConvolution(tf),
  };
  return kernels;
}
