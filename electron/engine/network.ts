import { encodeHalves } from './float16.ts';
import { foldGenerator } from './fold.ts';
import { type GeneratorSpec, type Weights, weightOf } from './generator-spec.ts';
import { bytesOf, Graph } from './graph.ts';
import { bicubicKernel, type Kernel, toOihw } from './kernel.ts';
import { ElementType } from './onnx.ts';

export interface GeneratorOptions {
  readonly precision: 'fp32' | 'fp16';
  /** `u8`: uint8 0…255 in and out, rounded. `f32`: float32 0…1 in and out, clipped. Both NHWC, RGB. */
  readonly io: 'u8' | 'f32';
  /** Source pixels round the core that are read but not enlarged; 0, or at least `LEAST_HALO`. */
  readonly halo: number;
  /** The core in source pixels; without it the graph takes any size. */
  readonly tile?: { readonly width: number; readonly height: number };
  /** Rows of the core that go through the up-sampling part at once: its values are the largest in memory by far. */
  readonly strip?: number;
}

/** Source pixels that the part after the trunk looks at round the core: 1 (up1) + ½ (up2) + 1 (5×5 at 2×), rounded up. */
const TAIL_MARGIN = 3;
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
  return new GeneratorBuilder(spec, weights, options).build();
}

class GeneratorBuilder {
  readonly #graph = new Graph('generator');
  readonly #spec: GeneratorSpec;
  readonly #weights: Weights;
  readonly #options: GeneratorOptions;
  /** A 0…255 picture goes straight into the network when the scale can be multiplied into the outermost kernels; half precision has too few small numbers for that. */
  readonly #full: number;

  constructor(spec: GeneratorSpec, weights: Weights, options: GeneratorOptions) {
    this.#spec = spec;
    this.#weights = weights;
    this.#options = options;
    this.#full = options.io === 'u8' && options.precision !== 'fp16' ? 255 : 1;
  }

  build(): Uint8Array {
    const { blocks } = this.#spec;
    const picture = this.#picture();
    const input = this.#half(picture);
    let x = this.#activation(this.#conv(input, 'head', 'same', 1 / this.#full), 'head');
    const skip = x;
    for (let i = 0; i < blocks; i++) {
      const inner = this.#activation(this.#conv(x, `b${i}.0`), `b${i}`);
      x = this.#graph.node('Add', [x, this.#conv(inner, `b${i}.1`)]);
    }
    x = this.#graph.node('Add', [this.#conv(x, 'mid'), skip]);
    this.#result(picture, this.#strips(this.#crop(x, this.#options.halo - TAIL_MARGIN)));
    return this.#graph.encode();
  }

  /** The up-sampling part strip after strip, each with the rows round it that it looks at. */
  #strips(x: string): string {
    const { halo, tile, strip } = this.#options;
    if (!tile || !strip || halo === 0 || strip >= tile.height) return this.#tail(x);
    const count = Math.ceil(tile.height / strip);
    const edge = (i: number) => Math.round((i * tile.height) / count);
    const parts = Array.from({ length: count }, (_, i) =>
      this.#tail(this.#rows(x, edge(i), edge(i + 1) + 2 * TAIL_MARGIN)),
    );
    return this.#graph.node('Concat', parts, { axis: 2 });
  }

  #rows(x: string, from: number, to: number): string {
    const at = (row: number) => this.#graph.integers(`row_${row}`, [row]);
    return this.#graph.node('Slice', [x, at(from), at(to), at(2)]);
  }

  /** NHWC pixels → float32 NCHW. */
  #picture(): string {
    const { io, halo, tile } = this.#options;
    const size = tile ? [tile.height + 2 * halo, tile.width + 2 * halo] : ['height', 'width'];
    const elementType = io === 'u8' ? ElementType.uint8 : ElementType.float;
    let x = this.#graph.input({ name: INPUT, elementType, shape: [1, ...size, 3] });
    if (io === 'u8') x = this.#graph.node('Cast', [x], { to: ElementType.float });
    x = this.#graph.node('Transpose', [x], { perm: [0, 3, 1, 2] });
    const scaled = io === 'u8' && this.#full === 1;
    return scaled ? this.#graph.node('Mul', [x, this.#graph.scalar('one_255th', 1 / 255)]) : x;
  }

  /** Up-sampling and output layer, at 2×: 12 channels, float32. */
  #tail(x: string): string {
    const pads = this.#options.halo === 0 ? 'same' : 'none';
    // The activation commutes with depth-to-space; before it, it is fused into the convolution.
    x = this.#activation(this.#conv(x, 'up1', pads), 'up1');
    x = this.#graph.node('DepthToSpace', [x], { blocksize: 2, mode: 'DCR' });
    x = this.#activation(this.#conv(x, 'up2', pads), 'up2');
    x = this.#single(this.#conv(x, 'tail', pads, this.#full));
    // Margins at 2×: 2·3 after the crop, less 2 (up1), 1 (up2) and the output layer's radius.
    return this.#crop(x, 2 * TAIL_MARGIN - 3 - (this.#spec.outputKernel - 1) / 2);
  }

  /** Adds the bicubic picture, clips, rounds, and writes NHWC. */
  #result(picture: string, tail: string): void {
    const { io, halo, tile } = this.#options;
    let x = tail;
    if (this.#spec.skip === 'bicubic') {
      const kernel = bicubicKernel();
      const near = this.#crop(picture, halo - 2);
      const base = this.#convolve(near, 'bicubic', kernel, undefined, halo === 0 ? 'same' : 'none');
      x = this.#graph.node('Add', [x, this.#graph.node('DepthToSpace', [base], { blocksize: 2, mode: 'DCR' })]);
    }
    x = this.#graph.node('DepthToSpace', [x], { blocksize: 2, mode: 'DCR' });
    if (io === 'u8' && this.#full === 1) x = this.#graph.node('Mul', [x, this.#graph.scalar('two_fifty_five', 255)]);
    if (io === 'u8') x = this.#graph.node('Round', [x]);
    const limit = io === 'u8' ? 255 : 1;
    x = this.#graph.node('Clip', [x, this.#graph.scalar('least', 0), this.#graph.scalar('most', limit)]);
    if (io === 'u8') x = this.#graph.node('Cast', [x], { to: ElementType.uint8 });
    x = this.#graph.node('Transpose', [x], { perm: [0, 2, 3, 1] });
    const size = tile ? [4 * tile.height, 4 * tile.width] : ['height4', 'width4'];
    const elementType = io === 'u8' ? ElementType.uint8 : ElementType.float;
    this.#graph.output(x, { name: OUTPUT, elementType, shape: [1, ...size, 3] });
  }

  #conv(x: string, name: string, pads: 'same' | 'none' = 'same', scale = 1): string {
    const { shape, data } = weightOf(this.#weights, `${name}.w`);
    const bias = weightOf(this.#weights, `${name}.b`).data;
    // The picture's scale belongs to the head's input and so to its kernel only; the output layer's to its bias too.
    const times = (values: Float32Array) => (scale === 1 ? values : values.map((value) => value * scale));
    const kernel = { shape: shape as Kernel['shape'], data: times(data) };
    const half = this.#options.precision === 'fp16';
    return this.#convolve(x, name, kernel, scale < 1 ? bias : times(bias), pads, half);
  }

  #convolve(
    x: string,
    name: string,
    kernel: Kernel,
    bias: Float32Array | undefined,
    pads: 'same' | 'none',
    half = false,
  ): string {
    const [h, w, inputs, outputs] = kernel.shape;
    const operands = [x, this.#constant(`${name}.weight`, [outputs, inputs, h, w], toOihw(kernel), half)];
    if (bias) operands.push(this.#constant(`${name}.bias`, [outputs], bias, half));
    const pad = pads === 'same' ? [h >> 1, w >> 1, h >> 1, w >> 1] : [0, 0, 0, 0];
    return this.#graph.node('Conv', operands, { kernel_shape: [h, w], pads: pad });
  }

  #constant(name: string, dims: number[], data: Float32Array, half: boolean): string {
    if (!half) return this.#graph.floats(name, dims, data);
    return this.#graph.constant({ name, dims, dataType: ElementType.float16, rawData: bytesOf(encodeHalves(data)) });
  }

  #activation(x: string, name: string): string {
    if (this.#spec.activation === 'leaky-relu')
      return this.#graph.node('LeakyRelu', [x], { alpha: this.#spec.alpha ?? 0.1 });
    const { data } = weightOf(this.#weights, `${name}.a`);
    const half = this.#options.precision === 'fp16';
    return this.#graph.node('PRelu', [x, this.#constant(`${name}.slope`, [data.length, 1, 1], data, half)]);
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
