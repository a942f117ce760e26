export interface Sight {
  /** Where the visible part begins below the top of the first row, CSS px; negative while that is still below. */
  readonly top: number;
  readonly height: number;
  readonly rowHeight: number;
  readonly count: number;
}

/** Rows made beyond those seen, on each side, so that a quick scroll meets rows and not a blank. */
const SPARE = 8;

/** The rows of a long list that have to exist: `from` up to, not including, `to`. */
export function rowsInSight({ top, height, rowHeight, count }: Sight): { from: number; to: number } {
  const within = (index: number) => Math.min(count, Math.max(0, index));
  return {
    from: within(Math.floor(top / rowHeight) - SPARE),
    to: within(Math.ceil((top + height) / rowHeight) + SPARE),
  };
}
