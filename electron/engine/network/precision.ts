export type Precision = 'fp32' | 'fp16' | 'int8';

/** What a probe of int8 on this processor found, against float32 on the same tile. */
export interface Int8Verdict {
  /** Mean difference, of 255. */
  readonly apart: number;
  /** How many times as fast. */
  readonly faster: number;
}

/** A processor without exact integer products (u8·s8 saturating in pairs) is tens of levels off; ours is below 1. */
const MOST_APART = 2;
/** Below this a small loss of precision buys nothing. */
const LEAST_FASTER = 1.2;

/** Whether int8 is exact enough and worth it. */
export function int8IsGood({ apart, faster }: Int8Verdict): boolean {
  return apart <= MOST_APART && faster >= LEAST_FASTER;
}
