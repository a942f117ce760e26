import type { Range, Ranges } from './calibration.ts';
import { encodeHalves } from './float16.ts';
import { bytesOf, type Graph } from './graph.ts';
import { dequantise, integerOperands, stepOperands } from './integer-operands.ts';
import { type Kernel, type Pads, toOihw, windowOf } from './kernel.ts';
import { ElementType } from './onnx.ts';
import type { Precision } from './precision.ts';
import { type Affine, affine, besides, OUTPUT_STEP } from './quantise.ts';

/** A value between layers: as floats, as uint8 with a scale, or both. */
export interface Value {
  float?: string;
  quantised?: { readonly name: string; readonly step: Affine };
}

export interface LayerOptions {
  readonly precision: Precision;
  /** int8: range of every quantised value, by name. */
  readonly ranges?: Ranges;
  /** int8: convolutions that stay in float32. */
  readonly floatLayers?: ReadonlySet<string>;
  /** Told of every value a range is needed for; used by calibration. */
  readonly watch?: (name: string, value: string) => void;
}

/** How much finer the second copy of `convolveFine` is: about ±18 levels in steps of 0.15, where nearly every pixel lies. */
const FINER = 8;
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
    if (!this.isQuantised(name)) {
      const operands = [this.float(x), this.#kernel(name, kernel), this.#floats(`${name}.bias`, [bias.length], bias)];
      const float = this.graph.node('Conv', operands, windowOf(kernel, pads));
      this.#options.watch?.(name, float);
      return { float };
    }
    const result = this.#requantised(this.#integers(x, name, kernel, bias, pads, input), name);
    return this.#narrow(result, kernel.shape[3]);
  }

  /**
   * A convolution and its LeakyReLU with a float result, for where floats go on anyway: computed twice, because what is
   * above zero and what is below then have 255 codes each, and are not rounded a second time after the activation.
   */
  convolveLeaky(x: Value, name: string, kernel: Kernel, bias: Float32Array, input: string, alpha: number): Value {
    if (!this.isQuantised(name))
      return this.leakyRelu(this.convolve(x, name, kernel, bias, 'same', input), alpha, name);
    const [low, high] = this.#range(name);
    const part = (suffix: string, step: Affine) => {
      const float = this.#integers(x, `${name}${suffix}`, kernel, bias, 'same', input);
      const codes = { name: this.graph.node('QuantizeLinear', [float, ...stepOperands(this.graph, step)]), step };
      return this.#narrow({ quantised: codes }, kernel.shape[3]).quantised!.name;
    };
    const [above, below] = [affine([0, high]), affine([low, 0])];
    const positive = dequantise(this.graph, part('', above), above);
    const negative = dequantise(this.graph, part('.below', below), {
      ...below,
      scale: Math.fround(alpha * below.scale),
    });
    return { float: this.graph.node('Add', [positive, negative]) };
  }

  /** Integer convolution, before its result is rounded; with channels added up to the widths of the fast kernels. */
  #integers(x: Value, name: string, kernel: Kernel, bias: Float32Array, pads: Pads, input: string): string {
    const { name: codes, step } = this.#quantised(x, input);
    const operands = integerOperands(this.graph, { codes, step }, name, kernel, bias);
    return this.graph.node('Conv', operands, windowOf(kernel, pads));
  }

  /** Without the channels that were added. */
  #narrow(x: Value, outputs: number): Value {
    return outputs % OUTPUT_STEP === 0 ? x : this.rearrange(x, (value) => this.#firstChannels(value, outputs));
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
    const coarse = dequantise(this.graph, half(0), step);
    const fine = dequantise(this.graph, half(outputs), { scale: Math.fround(step.scale / FINER), zero: step.zero });
    const limit = (code: number) => this.graph.scalar(`fine_${code}`, ((code - step.zero) * step.scale) / FINER);
    const inside = this.graph.node('Clip', [coarse, limit(0), limit(255)]);
    return this.graph.node('Add', [fine, this.graph.node('Sub', [coarse, inside])]);
  }

  #firstChannels(value: string, count: number): string {
    const at = (n: number) => this.graph.integers(`channel_${n}`, [n]);
    return this.graph.node('Slice', [value, at(0), at(count), at(1)]);
  }

  /** A convolution that is never quantised and has no bias; float32 whatever the precision. */
  convolveFixed(x: string, name: string, kernel: Kernel, pads: Pads): string {
    const [h, w, inputs, outputs] = kernel.shape;
    const weights = this.graph.floats(`${name}.weight`, [outputs, inputs, h, w], toOihw(kernel));
    return this.graph.node('Conv', [x, weights], windowOf(kernel, pads));
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

  /** max(0, x). A quantised value's range begins at zero, so that the codes have cut off what is below already. */
  rectified(x: Value, name: string): Value {
    if (x.quantised) return x;
    const float = this.graph.node('Relu', [x.float!]);
    this.#options.watch?.(name, float);
    return { float };
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
    x.float ??= dequantise(this.graph, x.quantised!.name, x.quantised!.step);
    return x.float;
  }

  #quantised(x: Value, range: string): NonNullable<Value['quantised']> {
    x.quantised ??= this.#requantised(x.float!, range).quantised!;
    return x.quantised;
  }

  #requantised(float: string, range: string): Value {
    const step = affine(this.#range(range));
    return { quantised: { name: this.graph.node('QuantizeLinear', [float, ...stepOperands(this.graph, step)]), step } };
  }

  #range(name: string): Range {
    const range = this.#options.ranges?.[name];
    if (!range) throw new RangeError(`Expected a calibrated range for "${name}" but received none.`);
    return range;
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
