/** What a generator looks like, apart from its weights. */
export interface GeneratorSpec {
  /** Feature maps of the trunk (64 in the paper). */
  readonly features: number;
  /** Residual blocks (16 in the paper). */
  readonly blocks: number;
  readonly headKernel: number;
  /** Batch normalisation after the trunk's convolutions; an exported model has it folded. */
  readonly norm: boolean;
  readonly activation: 'leaky-relu' | 'prelu';
  /** Slope of the LeakyReLU. */
  readonly alpha?: number;
  /** Factor of each of the two sub-pixel stages. */
  readonly upsample: 2;
  /** `full`: the output layer runs at 4×. `sub-pixel`: it runs at 2×, four times as many channels, then depth-to-space. */
  readonly output: 'sub-pixel' | 'full';
  readonly outputKernel: number;
  /** What the network's result is added to. */
  readonly skip: 'bicubic' | 'none';
}

/**
 * Named tensors: `head.w` `head.b` `b0.0.w` … `mid.w` `up1.w` `up2.w` `tail.w`, kernels HWIO; with `prelu` also the
 * slopes `head.a` `b0.a` … `up2.a`; with `norm` also `b0.0.gamma` `.beta` `.mean` `.variance` … and the same of `mid`.
 */
export type Weights = Map<string, WeightTensor>;

export interface WeightTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** The network that is shipped: no normalisation, LeakyReLU, output layer in sub-pixel space, bicubic image skip. */
export const fourfold: GeneratorSpec = {
  features: 64,
  blocks: 16,
  headKernel: 9,
  norm: false,
  activation: 'leaky-relu',
  alpha: 0.1,
  upsample: 2,
  output: 'sub-pixel',
  outputKernel: 5,
  skip: 'bicubic',
};

/** Ledig et al. 2017, figure 4. */
export const paper: GeneratorSpec = {
  features: 64,
  blocks: 16,
  headKernel: 9,
  norm: true,
  activation: 'prelu',
  upsample: 2,
  output: 'full',
  outputKernel: 9,
  skip: 'none',
};

/** The shape of every tensor of a generator with the normalisation folded, in the order they are stored. */
export function weightShapes(spec: GeneratorSpec): Map<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>();
  const { features: f, headKernel, outputKernel } = spec;
  const sub = spec.output === 'sub-pixel';
  const conv = (name: string, size: number, from: number, to: number, slopes = 0) => {
    shapes.set(`${name}.w`, [size, size, from, to]);
    shapes.set(`${name}.b`, [to]);
    if (slopes && spec.activation === 'prelu') shapes.set(`${name.replace(/^(b\d+)\.0$/, '$1')}.a`, [slopes]);
  };
  conv('head', headKernel, 3, f, f);
  for (let i = 0; i < spec.blocks; i++) {
    conv(`b${i}.0`, 3, f, f, f);
    conv(`b${i}.1`, 3, f, f);
  }
  conv('mid', 3, f, f);
  conv('up1', 3, f, 4 * f, sub ? 4 * f : f);
  conv('up2', 3, f, 4 * f, sub ? 4 * f : f);
  if (sub) conv('tail', outputKernel, 4 * f, 12);
  else conv('tail', outputKernel, f, 3);
  return shapes;
}

/** The tensor of that name; throws when the weights belong to another network. */
export function weightOf(weights: Weights, name: string): WeightTensor {
  const tensor = weights.get(name);
  if (!tensor) throw new RangeError(`Expected weights named "${name}" but received none of that name.`);
  return tensor;
}
