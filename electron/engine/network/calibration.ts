/** Lowest and highest value of an activation. */
export type Range = readonly [low: number, high: number];
export type Ranges = Readonly<Record<string, Range>>;

/** Ranges of the values between the layers (`rangeNames` in range-outputs.ts), measured at some blends. */
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
const BEFORE_ACTIVATION = /^(up1|b\d+\.0)$/;

/** How far below zero codes reach, in units of how far above. */
const [LEAST_BELOW, MOST_BELOW] = [1.25, 2];

/**
 * Ranges for a network of LeakyReLUs, which read a uint8 and write another: after the activation a step is half of one
 * before it. Every code above zero then is a code again, so that values are rounded once. From `LEAST_BELOW` on 255 of
 * the half steps suffice; beyond `MOST_BELOW` codes are not spent, because what lies there counts a tenth.
 * Measured on photos (blend 1, mean square of the difference to float32, of 255): 0.40; without the half step 0.42, with
 * the low end at −1 × the high end 0.52.
 */
export function activationRanges(ranges: Ranges, alpha: number): Ranges {
  const result: Record<string, Range> = { ...ranges };
  for (const [name, [low, high]] of Object.entries(ranges)) {
    if (!BEFORE_ACTIVATION.test(name)) continue;
    const below = Math.max(LEAST_BELOW * high, Math.min(-low, MOST_BELOW * high));
    const step = (below + high) / 510;
    // Rounded down: a part of a step is missing far below zero rather than at the top.
    const zero = Math.floor((alpha * below) / step);
    result[name] = [-below, high];
    result[`${name.replace(/\.0$/, '')}.a`] = [-zero * step, (255 - zero) * step];
  }
  return result;
}
