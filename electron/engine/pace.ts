/** Tiles whose times count: about the last twenty, so that the figure follows the machine and does not jump. */
const WINDOW = 20;

/** Speed and time left from the tiles done so far. */
export class Pace {
  readonly #pixels: number;
  #left: number;
  readonly #recent: { pixels: number; seconds: number }[] = [];

  /** @param pixels source px of the whole picture */
  constructor(pixels: number) {
    this.#pixels = pixels;
    this.#left = pixels;
  }

  /** A tile of `pixels` source px took `seconds`; one from a cache took none and says nothing of the speed. */
  add(pixels: number, seconds: number | undefined): void {
    this.#left = Math.max(0, Math.min(this.#pixels, this.#left - pixels));
    if (seconds === undefined) return;
    this.#recent.push({ pixels, seconds });
    if (this.#recent.length > WINDOW) this.#recent.shift();
  }

  /** Source px a second; 0 before the first tile. */
  get pixelsPerSecond(): number {
    const pixels = this.#recent.reduce((sum, tile) => sum + tile.pixels, 0);
    const seconds = this.#recent.reduce((sum, tile) => sum + tile.seconds, 0);
    return seconds > 0 ? pixels / seconds : 0;
  }

  get secondsLeft(): number {
    const rate = this.pixelsPerSecond;
    return rate > 0 ? this.#left / rate : 0;
  }
}
