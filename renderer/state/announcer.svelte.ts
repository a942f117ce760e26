const QUIET_MS = 5000;

/**
 * What a screen reader is told. Politely at most every five seconds, the last word winning; failures at once, each
 * sentence only once in a row.
 */
export class Announcer {
  polite = $state('');
  assertive = $state('');
  #waiting: string | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #spokenAt = Number.NEGATIVE_INFINITY;

  say(text: string): void {
    if (text === this.polite && this.#waiting === undefined) return;
    const wait = this.#spokenAt + QUIET_MS - performance.now();
    if (wait <= 0) {
      this.#speak(text);
      return;
    }
    this.#waiting = text;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      if (this.#waiting !== undefined) this.#speak(this.#waiting);
    }, wait);
  }

  fail(text: string): void {
    this.assertive = text;
  }

  #speak(text: string): void {
    this.#waiting = undefined;
    this.#spokenAt = performance.now();
    this.polite = text;
  }
}
