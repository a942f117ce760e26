/**
 * Four operations with gradients of our own, NHWC: tfjs has no gradient for DepthToSpace at all, and composes the
 * gradients of LeakyReLU and bias from slower parts (SRResNet step 413 instead of 449 ms). On a TensorFlow backend they
 * are its native kernels; elsewhere they are tfjs operations, or plain loops. `test/train/kernels.test.ts` checks both
 * numerically.
 */
import type { Backend, Tensor, Tensor4D, Tf } from './backend.ts';
import type { Convolve } from './convolve.ts';
import { halfConvolution } from './half.ts';
import { plainConvolution } from './plain-convolution.ts';

export interface Kernels {
  /** [n,h,w,4c] → [n,2h,2w,c]; channel order (row, column, c), that is ONNX's DCR. */
  depthToSpace(x: Tensor4D): Tensor4D;
  leakyRelu(x: Tensor4D, slope: 0.1 | 0.2): Tensor4D;
  relu(x: Tensor4D): Tensor4D;
  biasAdd(x: Tensor4D, bias: Tensor): Tensor4D;
  convolve: Convolve;
}

export type Precision = 'float32' | 'bfloat16';

interface NativeBackend {
  binding: {
    TF_ATTR_STRING: number;
    TF_ATTR_INT: number;
    TF_ATTR_FLOAT: number;
    TF_ATTR_TYPE: number;
    TF_FLOAT: number;
  };
  executeSingleOutput(name: string, attributes: object[], inputs: Tensor[]): Tensor;
}

/** `bfloat16` makes `convolve` compute in half the bits (see half.ts); it needs a native backend. */
export function kernels(backend: Backend, precision: Precision = 'float32'): Kernels {
  if (!backend.native) return pureKernels(backend.tf);
  const native = nativeKernels(backend.tf);
  if (precision === 'float32') return native;
  const half = halfConvolution(backend.tf);
  const convolve: Convolve = (x, kernel, options) => (options?.exact ? native.convolve : half)(x, kernel, options);
  return { ...native, convolve };
}

function nativeKernels(tf: Tf): Kernels {
  const native = tf.backend() as unknown as NativeBackend;
  const { binding } = native;
  const float = { name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT };
  const nhwc = { name: 'data_format', type: binding.TF_ATTR_STRING, value: 'NHWC' };
  const two = { name: 'block_size', type: binding.TF_ATTR_INT, value: 2 };
  const run = (name: string, attributes: object[], inputs: Tensor[]) =>
    native.executeSingleOutput(name, [float, ...attributes], inputs) as Tensor4D;

  const depthToSpace = tf.customGrad((x) => ({
    value: run('DepthToSpace', [two, nhwc], [x as Tensor]),
    gradFunc: (dy: Tensor) => run('SpaceToDepth', [two, nhwc], [dy]),
  }));
  const leaky = (slope: number) => {
    const alpha = { name: 'alpha', type: binding.TF_ATTR_FLOAT, value: slope };
    return tf.customGrad((x, save) => {
      (save as (saved: Tensor[]) => void)([x as Tensor]);
      return {
        value: run('LeakyRelu', [alpha], [x as Tensor]),
        gradFunc: (dy: Tensor, saved: Tensor[]) => run('LeakyReluGrad', [alpha], [dy, saved[0] as Tensor]),
      };
    });
  };
  const leakyBySlope = { 0.1: leaky(0.1), 0.2: leaky(0.2) };
  const relu = tf.customGrad((x, save) => {
    const y = run('Relu', [], [x as Tensor]);
    (save as unknown as (saved: Tensor[]) => void)([y]);
    return { value: y, gradFunc: (dy: Tensor, saved: Tensor[]) => run('ReluGrad', [], [dy, saved[0] as Tensor]) };
  });
  const biasAdd = tf.customGrad((x, bias) => ({
    value: run('BiasAdd', [nhwc], [x as Tensor, bias as Tensor]),
    gradFunc: (dy: Tensor) => [dy.clone(), run('BiasAddGrad', [nhwc], [dy]) as Tensor],
  }));
  return {
    depthToSpace: (x) => depthToSpace(x) as Tensor4D,
    leakyRelu: (x, slope) => leakyBySlope[slope](x) as Tensor4D,
    relu: (x) => relu(x) as Tensor4D,
    biasAdd: (x, bias) => biasAdd(x, bias) as Tensor4D,
    // tfjs only works out the gradients somebody asked for, so `fixed` needs no care here.
    convolve: (x, kernel, { stride = 1 } = {}) => tf.conv2d(x, kernel, stride, 'same'),
  };
}

function pureKernels(tf: Tf): Kernels {
  // Reshape and transpose have gradients everywhere, so DepthToSpace is composed of them.
  const depthToSpace = (x: Tensor4D): Tensor4D => {
    const [n, h, w, c] = x.shape;
    const parts = x.reshape([n, h, w, 2, 2, c / 4]).transpose([0, 1, 3, 2, 4, 5]);
    return parts.reshape([n, 2 * h, 2 * w, c / 4]) as Tensor4D;
  };
  return {
    depthToSpace,
    leakyRelu: (x, slope) => tf.leakyRelu(x, slope),
    relu: (x) => tf.relu(x),
    biasAdd: (x, bias) => x.add(bias) as Tensor4D,
    convolve: plainConvolution(tf),
  };
}
