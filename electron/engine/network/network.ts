import { activationRanges, type Range, type Ranges } from './calibration.ts';
import { foldGenerator } from './fold.ts';
import { type GeneratorSpec, type Weights, weightOf } from './generator-spec.ts';
import { Graph } from './graph.ts';
import { bicubicKernel, type Kernel, type Pads } from './kernel.ts';
import { Layers, type Value } from './layers.ts';
import { ElementType } from './onnx.ts';
import type { Precision } from './precision.ts';
import { addRangeOutputs, rangeNames } from './range-outputs.ts';
import { type Convolution, type SplitActivation, splitActivation } from './split-activation.ts';

export interface GeneratorOptions {
  readonly precision: Precision;
  /** `u8`: uint8 0…255 in and out, rounded. `f32`: float32 0…1 in and out, clipped. Both NHWC, RGB. */
  readonly io: 'u8' | 'f32';
  /** Source pixels round the core that are read but not enlarged; 0, or at least `LEAST_HALO`. */
  readonly halo: number;
  /** The core in source pixels; without it the graph takes any size. */
  readonly tile?: { readonly width: number; readonly height: number };
  /** Rows of the core that go through the up-sampling part at once: its values are the largest in memory by far. */
  readonly strip?: number;
  /** int8: the range of every value between layers (calibration.ts). */
  readonly ranges?: Ranges;
  /** int8: convolutions that stay in float32. */
  readonly floatLayers?: ReadonlySet<string>;
  /** For calibration: adds the outputs `lows` and `highs`, one number for each of `rangeNames`. */
  readonly measureRanges?: boolean;
}

/** Source pixels that the part after the trunk looks at round the core: 1 (up1) + ½ (up2) + 1 (5×5 at 2×), rounded up. */
const TAIL_MARGIN = 3;
/** The output layer's coarse copy reaches this much further than was measured; where it counts, there is a fine one. */
const TAIL_ROOM = 1.25;
/** Slope of a LeakyReLU whose description does not say. */
const ALPHA = 0.1;
/** The smallest halo other than none. */
export const LEAST_HALO = TAIL_MARGIN;

export const INPUT = 'pixels';
export const OUTPUT = 'enlarged';

/**
 * The generator as the bytes of an ONNX model for a session:
 * `pixels` [1, h + 2·halo, w + 2·halo, 3] → `enlarged` [1, 4h, 4w, 3].
 *
 * The trunk runs on the padded tile with zero padding at its rim (the halo keeps that out of the core); then all but
 * `TAIL_MARGIN` is cut away, and the expensive up-sampling part runs on little more than the core, without padding.
 */
export function buildGenerator(source: GeneratorSpec, given: Weights, options: GeneratorOptions): Uint8Array {
  const { spec, weights } = foldGenerator(source, given);
  if (options.halo !== 0 && options.halo < LEAST_HALO)
    throw new RangeError(`Expected a halo of 0 or at least ${LEAST_HALO} but received ${options.halo}.`);
  if (options.halo === 0 && options.precision === 'int8') throw new RangeError('Expected a halo for int8.');
  return new GeneratorBuilder(spec, weights, options).build();
}

class GeneratorBuilder {
  readonly #graph = new Graph('generator');
  readonly #layers: Layers;
  readonly #spec: GeneratorSpec;
  readonly #weights: Weights;
  readonly #options: GeneratorOptions;
  readonly #watched = new Map<string, string>();
  #split?: SplitActivation;
  /** A 0…255 picture goes straight into the network when the scale can be multiplied into the outermost kernels; half precision has too few small numbers for that. */
  readonly #full: number;

  constructor(spec: GeneratorSpec, weights: Weights, options: GeneratorOptions) {
    this.#spec = spec;
    this.#weights = weights;
    this.#options = options;
    this.#full = options.io === 'u8' && options.precision !== 'fp16' ? 255 : 1;
    const watch = (name: string, value: string) => this.#watched.set(name, value);
    const { ranges, measureRanges } = options;
    // Sixteen bits are more than one uint8 holds: the first layer reads them as floats.
    const floatLayers = new Set([...(options.floatLayers ?? []), ...(options.io === 'f32' ? ['head'] : [])]);
    const leaky = spec.activation === 'leaky-relu';
    this.#layers = new Layers(this.#graph, {
      ...options,
      floatLayers,
      ...(ranges && { ranges: this.#scaled(leaky ? activationRanges(ranges, spec.alpha ?? ALPHA) : ranges) }),
      ...(measureRanges && { watch }),
    });
  }

  build(): Uint8Array {
    const layers = this.#layers;
    const { picture, input } = this.#input();
    let x = this.#head(input);
    const skip = x;
    let range = 'head.a';
    for (let i = 0; i < this.#spec.blocks; i++) {
      const inner = this.#activation(this.#conv(x, `b${i}.0`, range), `b${i}`);
      x = layers.add(x, this.#conv(inner, `b${i}.1`, `b${i}.a`), (range = `b${i}`));
    }
    x = layers.add(this.#conv(x, 'mid', range), skip, 'trunk');
    const near = layers.rearrange(x, (value) => this.#crop(value, this.#options.halo - TAIL_MARGIN));
    this.#result(picture, this.#strips(near));
    if (this.#options.measureRanges) addRangeOutputs(this.#graph, rangeNames(this.#spec), this.#watched);
    return this.#graph.encode();
  }

  #head(input: Value): Value {
    if (this.#spec.activation !== 'leaky-relu') return this.#activation(this.#conv(input, 'head', 'picture'), 'head');
    const { kernel, bias } = this.#convolution('head');
    return this.#layers.convolveLeaky(input, 'head', kernel, bias, 'picture', this.#spec.alpha ?? ALPHA);
  }

  /** The output layer's ranges were measured in levels of 255. */
  #scaled({ tail, direct, ...ranges }: Ranges): Ranges {
    const times = (factor: number, [low, high]: Range): Range => [low * factor, high * factor];
    const share = this.#full / 255;
    return {
      ...ranges,
      ...(tail && { tail: times(TAIL_ROOM * share, tail) }),
      ...(direct && { direct: times(share, direct) }),
    };
  }

  /** NHWC pixels → NCHW, once as float32 for the bicubic, once as the network reads them. */
  #input(): { picture: string; input: Value } {
    const { io, halo, tile, precision } = this.#options;
    const graph = this.#graph;
    const size = tile ? [tile.height + 2 * halo, tile.width + 2 * halo] : ['height', 'width'];
    const elementType = io === 'u8' ? ElementType.uint8 : ElementType.float;
    const pixels = graph.input({ name: INPUT, elementType, shape: [1, ...size, 3] });
    const planes = graph.node('Transpose', [pixels], { perm: [0, 3, 1, 2] });
    if (io === 'f32') return { picture: planes, input: { float: this.#half(planes) } };
    const float = graph.node('Cast', [planes], { to: ElementType.float });
    // Bytes are the quantised picture already, without loss.
    if (this.#layers.isQuantised('head'))
      return { picture: float, input: { float, quantised: { name: planes, step: { scale: 1, zero: 0 } } } };
    const picture = this.#full === 1 ? graph.node('Mul', [float, graph.scalar('one_255th', 1 / 255)]) : float;
    return { picture, input: { float: precision === 'fp16' ? this.#half(picture) : picture } };
  }

  /** The up-sampling part strip after strip, each with the rows round it that it looks at. */
  #strips(x: Value): string {
    const { halo, tile, strip } = this.#options;
    if (!tile || !strip || halo === 0 || strip >= tile.height) return this.#tail(x);
    const count = Math.ceil(tile.height / strip);
    const edge = (i: number) => Math.round((i * tile.height) / count);
    const row = (at: number) => this.#graph.integers(`row_${at}`, [at]);
    const parts = Array.from({ length: count }, (_, i) => {
      const [from, to] = [row(edge(i)), row(edge(i + 1) + 2 * TAIL_MARGIN)];
      return this.#tail(this.#layers.rearrange(x, (value) => this.#graph.node('Slice', [value, from, to, row(2)])));
    });
    return this.#graph.node('Concat', parts, { axis: 2 });
  }

  /** Up-sampling and output layer, at 2×: 12 channels, float32. */
  #tail(x: Value): string {
    const pads = this.#options.halo === 0 ? 'same' : 'none';
    const layers = this.#layers;
    // The activation commutes with depth-to-space; before it, it is fused into the convolution.
    const first = this.#activation(this.#conv(x, 'up1', 'trunk', pads), 'up1');
    const deep = layers.depthToSpace(first);
    const last = this.#splits ? this.#splitTail(deep) : this.#single(this.#plainTail(deep, pads));
    // Margins at 2×: 2·3 after the crop, less 2 (up1), 1 (up2) and the output layer's radius.
    return this.#crop(last, 2 * TAIL_MARGIN - 3 - (this.#spec.outputKernel - 1) / 2);
  }

  #plainTail(x: Value, pads: Pads): string {
    const wide = this.#activation(this.#conv(x, 'up2', 'up1.a', pads), 'up2');
    return this.#layers.float(this.#conv(wide, 'tail', 'up2.a', pads));
  }

  /** The last two convolutions with the activation between them taken apart (split-activation.ts). */
  #splitTail(x: Value): string {
    const layers = this.#layers;
    // Once for all strips: it takes a tenth of a second.
    this.#split ??= splitActivation(this.#convolution('up2'), this.#convolution('tail'), this.#slopes('up2'));
    const { direct, rectified } = this.#split;
    const wide = layers.rectified(this.#conv(x, 'up2', 'up1.a', 'none'), 'up2');
    const rest = layers.convolveFine(wide, 'tail', rectified.kernel, rectified.bias, 'none', 'up2');
    const line = layers.float(layers.convolve(x, 'direct', direct.kernel, direct.bias, 'none', 'up1.a'));
    return this.#graph.node('Add', [rest, line]);
  }

  /** Adds the bicubic picture, clips, rounds, and writes NHWC. */
  #result(picture: string, tail: string): void {
    const { io, halo, tile } = this.#options;
    const graph = this.#graph;
    const spread = (value: string) => graph.node('DepthToSpace', [value], { blocksize: 2, mode: 'DCR' });
    let x = tail;
    if (this.#spec.skip === 'bicubic') {
      const near = this.#crop(picture, halo - 2);
      const base = this.#layers.convolveFixed(near, 'bicubic', bicubicKernel(), halo === 0 ? 'same' : 'none');
      x = graph.node('Add', [x, spread(base)]);
    }
    x = spread(x);
    if (io === 'u8' && this.#full === 1) x = graph.node('Mul', [x, graph.scalar('two_fifty_five', 255)]);
    if (io === 'u8') x = graph.node('Round', [x]);
    x = graph.node('Clip', [x, graph.scalar('least', 0), graph.scalar('most', io === 'u8' ? 255 : 1)]);
    if (io === 'u8') x = graph.node('Cast', [x], { to: ElementType.uint8 });
    x = graph.node('Transpose', [x], { perm: [0, 2, 3, 1] });
    const size = tile ? [4 * tile.height, 4 * tile.width] : ['height4', 'width4'];
    const elementType = io === 'u8' ? ElementType.uint8 : ElementType.float;
    graph.output(x, { name: OUTPUT, elementType, shape: [1, ...size, 3] });
  }

  #conv(x: Value, name: string, input: string, pads: Pads = 'same'): Value {
    const { kernel, bias } = this.#convolution(name);
    return this.#layers.convolve(x, name, kernel, bias, pads, input);
  }

  #convolution(name: string): Convolution {
    const { shape, data } = weightOf(this.#weights, `${name}.w`);
    const bias = weightOf(this.#weights, `${name}.b`).data;
    // The picture's scale belongs to the head's input, and so to its kernel; the output layer's to its bias too.
    const scale = name === 'head' ? 1 / this.#full : name === 'tail' ? this.#full : 1;
    const times = (values: Float32Array) => (scale === 1 ? values : values.map((value) => value * scale));
    return {
      kernel: { shape: shape as Kernel['shape'], data: times(data) },
      bias: name === 'tail' ? times(bias) : bias,
    };
  }

  get #splits(): boolean {
    const { precision, halo, measureRanges } = this.#options;
    return halo > 0 && (precision === 'int8' || measureRanges === true);
  }

  #slopes(name: string): Float32Array {
    const channels = weightOf(this.#weights, `${name}.b`).data.length;
    if (this.#spec.activation === 'leaky-relu') return new Float32Array(channels).fill(this.#spec.alpha ?? ALPHA);
    return weightOf(this.#weights, `${name}.a`).data;
  }

  #activation(x: Value, name: string): Value {
    if (this.#spec.activation === 'leaky-relu') return this.#layers.leakyRelu(x, this.#spec.alpha ?? ALPHA, name);
    return this.#layers.prelu(x, weightOf(this.#weights, `${name}.a`).data, name);
  }

  /** Cuts `margin` pixels from each side. */
  #crop(x: string, margin: number): string {
    if (margin <= 0 || this.#options.halo === 0) return x;
    const integers = (name: string, ...values: number[]) => this.#graph.integers(name, values);
    const starts = integers(`from_${margin}`, margin, margin);
    return this.#graph.node('Slice', [x, starts, integers(`to_${-margin}`, -margin, -margin), integers('sides', 2, 3)]);
  }

  #half(x: string): string {
    return this.#options.precision === 'fp16' ? this.#graph.node('Cast', [x], { to: ElementType.float16 }) : x;
  }

  #single(x: string): string {
    return this.#options.precision === 'fp16' ? this.#graph.node('Cast', [x], { to: ElementType.float }) : x;
  }
}
