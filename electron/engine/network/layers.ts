import type { Ranges } from './calibration.ts';
import { encodeHalves } from './float16.ts';
import { bytesOf, type Graph } from './graph.ts';
import { type Kernel, toOihw } from './kernel.ts';
import { ElementType } from './onnx.ts';
import type { Precision } from './precision.ts';
import { type Affine, affine, besides, padKernel, quantiseBias, quantiseKernel } from './quantise.ts';

/** A value between layers: as floats, as uint8 with a scale, or both. */
export interface Value {
  float?: string;
  quantised?: { readonly name: string; readonly step: Affine };
}

export type Pads = 'same' | 'none';

export interface LayerOptions {
  readonly precision: Precision;
  /** int8: range of every quantised value, by name. */
  readonly ranges?: Ranges;
  /** int8: convolutions that stay in float32. */
  readonly floatLayers?: ReadonlySet<string>;
  /** Told of every value a range is needed for; used by calibration. */
  readonly watch?: (name: string, value: string) => void;
}

/** How much finer the second copy of `convolveFine` is: about ±25 levels in steps of 0.2, where nearly every pixel lies. */
const FINER = 6;
const finer = (value: number) => value * FINER;

/**
 * The layers of a generator written into a graph. In int8, convolutions read uint8 activations and int8 weights (one
 * scale a channel) between QuantizeLinear/DequantizeLinear pairs, which the runtime turns into integer kernels; the
 * residual stream stays float, so that rounding does not add up over sixteen blocks.
 */
export class Layers {
  readonly graph: Graph;
  readonly #options: LayerOptions;

  constructor(graph: Graph, options: LayerOptions) {
    this.graph = graph;
    this.#options = options;
  }

  get #half(): boolean {
    return this.#options.precision === 'fp16';
  }

  isQuantised(layer: string): boolean {
    return this.#options.precision === 'int8' && !this.#options.floatLayers?.has(layer);
  }

  /** `input` names the range of what goes in, where that is not known from the layer before. */
  convolve(x: Value, name: string, kernel: Kernel, bias: Float32Array, pads: Pads, input: string): Value {
    const [h, w] = kernel.shape;
    const pad = pads === 'same' ? [h >> 1, w >> 1, h >> 1, w >> 1] : [0, 0, 0, 0];
    const attributes = { kernel_shape: [h, w], pads: pad };
    if (!this.isQuantised(name)) {
      const operands = [this.float(x), this.#kernel(name, kernel), this.#floats(`${name}.bias`, [bias.length], bias)];
      const float = this.graph.node('Conv', operands, attributes);
      this.#options.watch?.(name, float);
      return { float };
    }
    const { name: codes, step } = this.#quantised(x, input);
    const wide = padKernel(kernel);
    const wideBias = new Float32Array(wide.shape[3]);
    wideBias.set(bias);
    const { data, scales } = quantiseKernel(wide);
    const operands = [
      this.#dequantise(this.#padChannels(codes, step.zero, wide.shape[2] - kernel.shape[2]), step),
      this.#dequantisedKernel(name, wide, data, scales),
      this.#dequantisedBias(name, wideBias, step.scale, scales),
    ];
    const result = this.#requantised(this.graph.node('Conv', operands, attributes), name);
    const outputs = kernel.shape[3];
    return outputs === wide.shape[3] ? result : this.rearrange(result, (value) => this.#firstChannels(value, outputs));
  }

  /**
   * A convolution with a float result finer than 255 codes over its whole range: computed twice, once `FINER` times as
   * fine and clipped; what lies beyond comes from the coarse one. Without it the last layer rounds to whole levels of
   * the picture, which shows as banding in slow gradients.
   */
  convolveFine(x: Value, name: string, kernel: Kernel, bias: Float32Array, pads: Pads, input: string): string {
    if (!this.isQuantised(name)) return this.float(this.convolve(x, name, kernel, bias, pads, input));
    const outputs = kernel.shape[3];
    const both = this.convolve(
      x,
      name,
      besides(kernel, FINER),
      Float32Array.from([...bias, ...bias.map(finer)]),
      pads,
      input,
    );
    const { name: codes, step } = both.quantised!;
    const half = (from: number) => {
      const at = (n: number) => this.graph.integers(`channel_${n}`, [n]);
      return this.graph.node('Slice', [codes, at(from), at(from + outputs), at(1)]);
    };
    const coarse = this.#dequantise(half(0), step);
    const fine = this.#dequantise(half(outputs), { scale: Math.fround(step.scale / FINER), zero: step.zero });
    const limit = (code: number) => this.graph.scalar(`fine_${code}`, ((code - step.zero) * step.scale) / FINER);
    const inside = this.graph.node('Clip', [coarse, limit(0), limit(255)]);
    return this.graph.node('Add', [fine, this.graph.node('Sub', [coarse, inside])]);
  }

  #padChannels(codes: string, zero: number, count: number): string {
    if (count === 0) return codes;
    const fill = { name: `zero_${zero}`, dims: [], dataType: ElementType.uint8, rawData: Uint8Array.of(zero) };
    const pads = this.graph.integers(`pad_${count}`, [0, 0, 0, 0, 0, count, 0, 0]);
    return this.graph.node('Pad', [codes, pads, this.graph.constant(fill)]);
  }

  #firstChannels(value: string, count: number): string {
    const at = (n: number) => this.graph.integers(`channel_${n}`, [n]);
    return this.graph.node('Slice', [value, at(0), at(count), at(1)]);
  }

  /** A convolution that is never quantised and has no bias; float32 whatever the precision. */
  convolveFixed(x: string, name: string, kernel: Kernel, pads: Pads): string {
    const [h, w, inputs, outputs] = kernel.shape;
    const weights = this.graph.floats(`${name}.weight`, [outputs, inputs, h, w], toOihw(kernel));
    const pad = pads === 'same' ? [h >> 1, w >> 1, h >> 1, w >> 1] : [0, 0, 0, 0];
    return this.graph.node('Conv', [x, weights], { kernel_shape: [h, w], pads: pad });
  }

  leakyRelu(x: Value, alpha: number, name: string): Value {
    return this.#activation(x, `${name}.a`, (value) => this.graph.node('LeakyRelu', [value], { alpha }));
  }

  prelu(x: Value, slopes: Float32Array, name: string): Value {
    const slope = this.#floats(`${name}.slope`, [slopes.length, 1, 1], slopes);
    return this.#activation(x, `${name}.a`, (value) => this.graph.node('PRelu', [value, slope]));
  }

  #activation(x: Value, range: string, apply: (value: string) => string): Value {
    const float = apply(this.float(x));
    this.#options.watch?.(range, float);
    return x.quantised ? this.#requantised(float, range) : { float };
  }

  add(a: Value, b: Value, name: string): Value {
    const float = this.graph.node('Add', [this.float(a), this.float(b)]);
    this.#options.watch?.(name, float);
    return { float };
  }

  depthToSpace(x: Value): Value {
    return this.rearrange(x, (value) => this.graph.node('DepthToSpace', [value], { blocksize: 2, mode: 'DCR' }));
  }

  /** An operator that only moves samples, done on the bytes where there are bytes. */
  rearrange(x: Value, apply: (value: string) => string): Value {
    if (!x.quantised) return { float: apply(x.float!) };
    return { quantised: { name: apply(x.quantised.name), step: x.quantised.step } };
  }

  float(x: Value): string {
    x.float ??= this.#dequantise(x.quantised!.name, x.quantised!.step);
    return x.float;
  }

  #quantised(x: Value, range: string): NonNullable<Value['quantised']> {
    x.quantised ??= this.#requantised(x.float!, range).quantised!;
    return x.quantised;
  }

  #requantised(float: string, range: string): Value {
    const limits = this.#options.ranges?.[range];
    if (!limits) throw new RangeError(`Expected a calibrated range for "${range}" but received none.`);
    const step = affine(limits);
    return { quantised: { name: this.graph.node('QuantizeLinear', [float, ...this.#step(step)]), step } };
  }

  #dequantise(codes: string, step: Affine): string {
    return this.graph.node('DequantizeLinear', [codes, ...this.#step(step)]);
  }

  #step({ scale, zero }: Affine): string[] {
    const point = { name: `zero_${zero}`, dims: [], dataType: ElementType.uint8, rawData: Uint8Array.of(zero) };
    return [this.graph.scalar(`scale_${scale}`, scale), this.graph.constant(point)];
  }

  #dequantisedKernel(name: string, kernel: Kernel, data: Int8Array, scales: Float32Array): string {
    const [h, w, inputs, outputs] = kernel.shape;
    const dims = [outputs, inputs, h, w];
    const codes = this.graph.constant({
      name: `${name}.weight`,
      dims,
      dataType: ElementType.int8,
      rawData: bytesOf(data),
    });
    const zeros = {
      name: `${name}.zeros`,
      dims: [outputs],
      dataType: ElementType.int8,
      rawData: new Uint8Array(outputs),
    };
    const scale = this.graph.floats(`${name}.scale`, [outputs], scales);
    return this.graph.node('DequantizeLinear', [codes, scale, this.graph.constant(zeros)], { axis: 0 });
  }

  #dequantisedBias(name: string, bias: Float32Array, inputScale: number, scales: Float32Array): string {
    const { data, steps } = quantiseBias(bias, inputScale, scales);
    const dims = [bias.length];
    const codes = this.graph.constant({
      name: `${name}.bias`,
      dims,
      dataType: ElementType.int32,
      rawData: bytesOf(data),
    });
    return this.graph.node('DequantizeLinear', [codes, this.graph.floats(`${name}.bias.scale`, dims, steps)], {
      axis: 0,
    });
  }

  #kernel(name: string, kernel: Kernel): string {
    const [h, w, inputs, outputs] = kernel.shape;
    return this.#floats(`${name}.weight`, [outputs, inputs, h, w], toOihw(kernel));
  }

  #floats(name: string, dims: number[], data: Float32Array): string {
    if (!this.#half) return this.graph.floats(name, dims, data);
    return this.graph.constant({ name, dims, dataType: ElementType.float16, rawData: bytesOf(encodeHalves(data)) });
  }
}
