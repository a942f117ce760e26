/**
 * The layers' operations on TensorFlow itself (tfjs-node and tfjs-node-gpu), run by name, in float32 or bfloat16.
 *
 * bfloat16 is for CPUs that multiply it in hardware (AVX512_BF16, AMX). tfjs knows no such type, but TensorFlow does: a
 * narrowed tensor is one of TensorFlow's in bfloat16 under a label that tfjs takes for float32. It may be passed to these
 * operations, kept, cloned and disposed; tfjs's own operations refuse it, loudly, since their type would not agree. So
 * it also may feed one operation only: where two gradients meet, tfjs would add them.
 *
 * Sums are kept in float32 by the hardware; parameters, gradients of parameters, the sum over residual blocks and Adam
 * stay float32.
 */
import { readFileSync } from 'node:fs';
import type { Backend, Tensor, Tensor4D, Tf } from './backend.ts';
import type { Kernels } from './layer-kernels.ts';

interface Output {
  id: number;
  shape: number[];
  dtype: number;
}

interface NativeBackend {
  binding: {
    TF_ATTR_STRING: number;
    TF_ATTR_INT: number;
    TF_ATTR_FLOAT: number;
    TF_ATTR_BOOL: number;
    TF_ATTR_TYPE: number;
    TF_FLOAT: number;
    TF_INT32: number;
    executeOp(name: string, attributes: object[], inputs: number[], outputs: number): Output[];
  };
  getInputTensorIds(tensors: Tensor[]): number[];
  createOutputTensor(output: Output): Tensor;
}

export type Precision = 'float32' | 'bfloat16';

/** DT_BFLOAT16 in TensorFlow's types.proto. */
const bfloat16 = 14;

/** Whether this machine's CPU multiplies bfloat16 in hardware (Linux only; elsewhere the answer is no). */
export function hasBfloat16(): boolean {
  try {
    return /\b(avx512_bf16|amx_bf16)\b/.test(readFileSync('/proc/cpuinfo', 'utf8'));
  } catch {
    return false;
  }
}

/** What layers compute in unless somebody asks for something else. */
export function fastestPrecision(backend: Backend): Precision {
  return backend.native && backend.device === 'CPU' && hasBfloat16() ? 'bfloat16' : 'float32';
}

type Saver = (saved: Tensor[]) => void;

export function nativeKernels(tf: Tf, precision: Precision = 'float32'): Kernels {
  const native = tf.backend() as unknown as NativeBackend;
  const { binding } = native;
  const float = binding.TF_FLOAT;
  const narrowType = precision === 'float32' ? float : bfloat16;

  const type = (name: string, value: number) => ({ name, type: binding.TF_ATTR_TYPE, value });
  const integers = (name: string, value: number | number[]) => ({ name, type: binding.TF_ATTR_INT, value });
  const text = (name: string, value: string) => ({ name, type: binding.TF_ATTR_STRING, value });
  const flag = (name: string, value: boolean) => ({ name, type: binding.TF_ATTR_BOOL, value });

  const execute = (name: string, attributes: object[], inputs: Tensor[]): Tensor4D => {
    const [output] = binding.executeOp(name, attributes, native.getInputTensorIds(inputs), 1) as [Output];
    return native.createOutputTensor({ ...output, dtype: float }) as Tensor4D;
  };
  const run = (name: string, attributes: object[], inputs: Tensor[]) =>
    execute(name, [type('T', narrowType), ...attributes], inputs);
  const cast = (from: number, to: number) => {
    const attributes = [type('SrcT', from), type('DstT', to), flag('Truncate', false)];
    return (x: Tensor) => execute('Cast', attributes, [x]);
  };
  const layout = text('data_format', 'NHWC');

  const [toNarrow, toWide] = [cast(float, narrowType), cast(narrowType, float)];
  const narrowed = tf.customGrad((x) => ({ value: toNarrow(x as Tensor), gradFunc: (dy: Tensor) => toWide(dy) }));
  const widened = tf.customGrad((x) => ({ value: toWide(x as Tensor), gradFunc: (dy: Tensor) => toNarrow(dy) }));

  const two = integers('block_size', 2);
  const depthToSpace = tf.customGrad((x) => ({
    value: run('DepthToSpace', [two, layout], [x as Tensor]),
    gradFunc: (dy: Tensor) => run('SpaceToDepth', [two, layout], [dy]),
  }));

  /** An activation whose gradient can be told from the sign of its result. */
  const activation = (name: string, attributes: object[]) =>
    tf.customGrad((x, save) => {
      const y = run(name, attributes, [x as Tensor]);
      (save as unknown as Saver)([y]);
      return {
        value: y,
        gradFunc: (dy: Tensor, saved: Tensor[]) => run(`${name}Grad`, attributes, [dy, saved[0] as Tensor]),
      };
    });
  const leaky = (slope: number) =>
    activation('LeakyRelu', [{ name: 'alpha', type: binding.TF_ATTR_FLOAT, value: slope }]);
  const leakyBySlope = { 0.1: leaky(0.1), 0.2: leaky(0.2) };
  const relu = activation('Relu', []);

  const addBias = (x: Tensor, bias: Tensor) => run('BiasAdd', [layout], [x, bias]);
  const reshape = (x: Tensor, shape: number[]) =>
    run('Reshape', [type('Tshape', binding.TF_INT32)], [x, tf.tensor1d(shape, 'int32')]);
  /**
   * Sum over all positions. BiasAddGrad adds up in its own type, and in bfloat16 a sum of ones ends at 512: so it only adds
   * a few positions at a time, and float32 adds those sums.
   */
  const biasGrad = (dy: Tensor): Tensor => {
    if (precision === 'float32') return run('BiasAddGrad', [layout], [dy]);
    return tf.tidy(() => {
      const channels = dy.shape.at(-1) as number;
      const positions = dy.size / channels;
      const few = [32, 16, 8, 4, 2].find((count) => positions % count === 0) ?? 1;
      const sums = run('BiasAddGrad', [layout], [reshape(dy, [few, (positions / few) * channels])]);
      return toNarrow(toWide(sums).reshape([-1, channels]).sum(0));
    });
  };
  const biasAdd = tf.customGrad((x, bias) => ({
    value: addBias(x as Tensor, bias as Tensor),
    gradFunc: (dy: Tensor) => [dy.clone(), biasGrad(dy)],
  }));

  const window = [integers('ksize', [1, 2, 2, 1]), integers('strides', [1, 2, 2, 1]), text('padding', 'VALID'), layout];
  const maxPool = tf.customGrad((x, save) => {
    const y = run('MaxPool', window, [x as Tensor]);
    (save as unknown as Saver)([x as Tensor, y]);
    return {
      value: y,
      gradFunc: (dy: Tensor, saved: Tensor[]) =>
        run('MaxPoolGrad', window, [saved[0] as Tensor, saved[1] as Tensor, dy]),
    };
  });

  const convolution = (stride: number) => [
    integers('strides', [1, stride, stride, 1]),
    text('padding', 'SAME'),
    layout,
    flag('use_cudnn_on_gpu', true),
    integers('dilations', [1, 1, 1, 1]),
  ];
  const forward = (x: Tensor, kernel: Tensor, stride: number) => run('Conv2D', convolution(stride), [x, kernel]);
  const toInput = (shape: number[], kernel: Tensor, dy: Tensor, stride: number) =>
    tf.tidy(() => run('Conv2DBackpropInput', convolution(stride), [tf.tensor1d(shape, 'int32'), kernel, dy]));
  const toKernel = (x: Tensor, shape: number[], dy: Tensor, stride: number) =>
    tf.tidy(() => run('Conv2DBackpropFilter', convolution(stride), [x, tf.tensor1d(shape, 'int32'), dy]));

  const inFloat = precision === 'float32' ? undefined : nativeKernels(tf);
  const kernels: Kernels = {
    get exact() {
      return inFloat ?? kernels;
    },
    narrow: (x) => (precision === 'float32' ? x : (narrowed(x) as typeof x)),
    widen: (x) => (precision === 'float32' ? x : (widened(x) as typeof x)),
    depthToSpace: (x) => depthToSpace(x) as Tensor4D,
    leakyRelu: (x, slope) => leakyBySlope[slope](x) as Tensor4D,
    relu: (x) => relu(x) as Tensor4D,
    maxPool: (x) => maxPool(x) as Tensor4D,
    biasAdd(x, bias, { fixed = false } = {}) {
      if (!fixed) return biasAdd(x, bias) as Tensor4D;
      return tf.customGrad((y) => ({
        value: addBias(y as Tensor, bias),
        gradFunc: (dy: Tensor) => dy.clone(),
      }))(x) as Tensor4D;
    },
    convolve(x, kernel, { stride = 1, fixed = false, leaf = false } = {}) {
      const { shape } = x;
      if (leaf && !fixed)
        return tf.customGrad((weights, save) => {
          (save as unknown as Saver)([x]);
          return {
            value: forward(x, weights as Tensor, stride),
            gradFunc: (dy: Tensor, saved: Tensor[]) => toKernel(saved[0] as Tensor, kernel.shape, dy, stride),
          };
        })(kernel) as Tensor4D;
      if (fixed)
        return tf.customGrad((input, save) => {
          // A kernel narrowed for this one use would be gone by then.
          (save as unknown as Saver)([kernel]);
          return {
            value: forward(input as Tensor, kernel, stride),
            gradFunc: (dy: Tensor, saved: Tensor[]) => toInput(shape, saved[0] as Tensor, dy, stride),
          };
        })(x) as Tensor4D;
      return tf.customGrad((input, weights, save) => {
        (save as unknown as Saver)([input as Tensor, weights as Tensor]);
        return {
          value: forward(input as Tensor, weights as Tensor, stride),
          gradFunc: (dy: Tensor, saved: Tensor[]) => {
            const [kept, keptKernel] = saved as [Tensor, Tensor];
            return [toInput(shape, keptKernel, dy, stride), toKernel(kept, keptKernel.shape, dy, stride)];
          },
        };
      })(x, kernel) as Tensor4D;
    },
  };
  return kernels;
}
