/** Runs a paint once in the next frame, however often it is asked for. */
export class FrameClock {
  readonly #paint: (now: number) => void;
  #isAsked = false;

  constructor(paint: (now: number) => void) {
    this.#paint = paint;
  }

  ask(): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    requestAnimationFrame(() => {
      this.#isAsked = false;
      this.#paint(performance.now());
    });
  }
}

/** When the last frames were painted: what "50 frames a second" is measured with. */
export class FrameLog {
  readonly #times: number[] = [];

  count(now: number): void {
    this.#times.push(now);
    if (this.#times.length > 600) this.#times.splice(0, 300);
  }

  /** Times of the frames painted since `from`, ms. */
  since(from: number): number[] {
    return this.#times.filter((time) => time >= from);
  }
}
