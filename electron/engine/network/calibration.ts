/** Lowest and highest value of an activation. */
export type Range = readonly [low: number, high: number];
export type Ranges = Readonly<Record<string, Range>>;

/** Ranges of the values between the layers (`rangeNames` in network.ts), measured at some blends. */
export interface Calibration {
  /** The pair it was measured on (`ModelPair.id`); ranges of other weights are not used. */
  readonly model: string;
  /** In rising order, from 0 to 1. */
  readonly blends: readonly { readonly blend: number; readonly ranges: Ranges }[];
}

/** The smallest range that holds both. */
export function union(a: Range, b: Range): Range {
  return [Math.min(a[0], b[0]), Math.max(a[1], b[1])];
}

/**
 * The ranges of any blend: on a straight line between the two measured blends beside it. Undefined when nothing was
 * measured for these weights.
 */
export function rangesOf(calibration: Calibration | undefined, model: string, blend: number): Ranges | undefined {
  if (calibration?.model !== model) return undefined;
  const { blends } = calibration;
  const above = blends.find((measured) => measured.blend >= blend);
  const below = blends.findLast((measured) => measured.blend <= blend);
  if (!above || !below) return undefined;
  const part = above === below ? 0 : (blend - below.blend) / (above.blend - below.blend);
  const between = (from: number, to: number) => from + part * (to - from);
  return Object.fromEntries(
    Object.entries(below.ranges).map(([name, range]) => {
      const other = above.ranges[name]!;
      return [name, [between(range[0], other[0]), between(range[1], other[1])] as const];
    }),
  );
}

/** Values that go through an activation; what comes out of it is called the same with `.a` (without the `.0`). */
const BEFORE_ACTIVATION = /^(head|up1|up2|b\d+\.0)$/;

/**
 * Ranges for a network of LeakyReLUs: what lies far below zero counts a tenth after it, so codes are not spent on it.
 * Measured (Set5, blend 0): 31.322 dB with the low end held to −1 × the high end, 31.305 without, 31.286 with −0.5 ×.
 */
export function heldRanges(ranges: Ranges, alpha: number): Ranges {
  const held: Record<string, Range> = { ...ranges };
  for (const [name, [low, high]] of Object.entries(ranges)) {
    if (!BEFORE_ACTIVATION.test(name)) continue;
    held[name] = [Math.max(low, -high), high];
    held[`${name.replace(/\.0$/, '')}.a`] = [alpha * Math.max(low, -high), high];
  }
  return held;
}
