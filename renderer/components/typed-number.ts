/**
 * Hands on a number that was typed, and writes back the one in force then: where that is the one from before, nothing
 * changed that would.
 */
export function takeTyped(input: HTMLInputElement, take: (value: number) => void, inForce: () => number): void {
  take(input.valueAsNumber);
  input.valueAsNumber = inForce();
}
