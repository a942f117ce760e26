/** Lowest and highest value of an activation. */
export type Range = readonly [low: number, high: number];

/** Ranges of the values between the layers, by name of the value (`head`, `b0.x`, …), measured at some blends. */
export interface Calibration {
  /** The pair it was measured on (`ModelPair.id`); ranges of other weights are not used. */
  readonly model: string;
  readonly blends: readonly { readonly blend: number; readonly ranges: Readonly<Record<string, Range>> }[];
}
