/** A movement whose frames take longer than this is painted at half resolution, ms. */
export const SLOW_FRAME_MS = 24;
/** So many frames are looked at before it is decided. */
const FRAMES = 5;
/** Half resolution that saves less than this share is not worth its softness. */
const WORTHWHILE = 0.2;

/**
 * Decides from the time whole frames take (painting happens after the script, so the script's own time says little)
 * whether a moving picture is painted at full or half resolution. Pictures at rest are always painted in full.
 */
export class FramePace {
  #times: number[] = [];
  #isHalf = false;
  #isPointless = false;
  /** Middle frame time at full resolution when it was left, ms. */
  #full = 0;

  /** Device px of the canvas for one of the screen while something moves. */
  get resolution(): 1 | 0.5 {
    return this.#isHalf ? 0.5 : 1;
  }

  /** From the begin of a moving frame to the begin of the next one, ms. */
  took(ms: number): void {
    this.#times.push(ms);
    if (this.#times.length < FRAMES) return;
    const middle = this.#times.sort((a, b) => a - b)[FRAMES >> 1]!;
    this.#times = [];
    if (this.#isPointless || middle <= SLOW_FRAME_MS) return;
    if (!this.#isHalf) {
      this.#isHalf = true;
      this.#full = middle;
    } else if (middle > this.#full * (1 - WORTHWHILE)) {
      // The screen or something else is what is slow.
      this.#isHalf = false;
      this.#isPointless = true;
    }
  }

  /** Another canvas size, or a long pause: what was found no longer holds. */
  forget(): void {
    this.#times = [];
    this.#isHalf = false;
    this.#isPointless = false;
  }
}
