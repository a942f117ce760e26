/** Runs a paint once in the next frame, however often it is asked for. */
export class FrameClock {
  readonly #paint: (now: number, began: number) => void;
  #isAsked = false;

  /** `paint` is told the time it runs at, and the time its frame began (the same for everything in that frame). */
  constructor(paint: (now: number, began: number) => void) {
    this.#paint = paint;
  }

  ask(): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    requestAnimationFrame((began) => {
      this.#isAsked = false;
      this.#paint(performance.now(), began);
    });
  }
}
