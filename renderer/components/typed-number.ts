/** Hands on a number in the range as a whole one; what lies outside it, which the service would refuse, is not asked for. */
export function within(least: number, most: number, take: (value: number) => void): (value: number) => void {
  return (value) => {
    if (value >= least && value <= most) take(Math.round(value));
  };
}

/**
 * Hands on a number that was typed, and writes back the one in force then: where that is the one from before, nothing
 * changed that would.
 */
export function takeTyped(input: HTMLInputElement, take: (value: number) => void, inForce: () => number): void {
  take(input.valueAsNumber);
  input.valueAsNumber = inForce();
}
