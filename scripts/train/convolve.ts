import type { Tensor4D } from './backend.ts';

/**
 * Zero padding ('same'), HWIO kernel. A `fixed` kernel gets no gradient, which saves a third of the work in networks
 * that are only looked through (VGG, the frozen up-sampling part).
 */
export type Convolve = (
  x: Tensor4D,
  kernel: Tensor4D,
  options?: {
    stride?: 1 | 2;
    fixed?: boolean;
    /** In float32 whatever the precision: for layers that see the photo itself, whose faint detail bfloat16 rounds away. */
    exact?: boolean;
  },
) => Tensor4D;
