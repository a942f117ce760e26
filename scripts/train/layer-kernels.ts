/** What the layers of the networks are computed with; kernels.ts picks the implementation. */
import type { Tensor, Tensor4D } from './backend.ts';

/**
 * Zero padding ('same'), HWIO kernel. A `fixed` kernel gets no gradient, which saves a third of the work in networks
 * that are only looked through (VGG, the frozen up-sampling part); where x is a `leaf`, a photo that nobody asks the
 * gradient of, x gets none.
 */
export type Convolve = (
  x: Tensor4D,
  kernel: Tensor4D,
  options?: {
    stride?: 1 | 2;
    fixed?: boolean;
    leaf?: boolean;
  },
) => Tensor4D;

/** Activations and parameters are narrowed (`narrow`), what comes out is too; see native-kernels.ts for what that means. */
export interface Kernels {
  /** From float32 to what the layers compute in, and back. Where that is float32 nothing happens. */
  narrow<T extends Tensor>(x: T): T;
  widen<T extends Tensor>(x: T): T;
  /** The same in float32, for layers that see the photo itself, whose faint detail bfloat16 rounds away. */
  exact: Kernels;
  /** [n,h,w,4c] → [n,2h,2w,c]; channel order (row, column, c), that is ONNX's DCR. */
  depthToSpace(x: Tensor4D): Tensor4D;
  leakyRelu(x: Tensor4D, slope: 0.1 | 0.2): Tensor4D;
  relu(x: Tensor4D): Tensor4D;
  /** A `fixed` bias gets no gradient. */
  biasAdd(x: Tensor4D, bias: Tensor, options?: { fixed?: boolean }): Tensor4D;
  /** 2×2 with stride 2; an odd last row or column is left out. */
  maxPool(x: Tensor4D): Tensor4D;
  convolve: Convolve;
}
