const QUIET_MS = 5000;

/**
 * What a screen reader is told. Politely at most every five seconds: of each topic the last word, none lost; failures at
 * once.
 */
export class Announcer {
  polite = $state('');
  assertive = $state('');
  /** How many failures were said: the same words once more are a new one. */
  failures = $state(0);
  readonly #waiting = new Map<string, string>();
  readonly #last = new Map<string, string>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #spokenAt = Number.NEGATIVE_INFINITY;

  /** Nothing is said twice in a row about one topic; an empty text makes it worth saying again. */
  say(topic: string, text: string): void {
    if (text === '') {
      this.#last.delete(topic);
      this.#waiting.delete(topic);
      return;
    }
    if (this.#last.get(topic) === text && !this.#waiting.has(topic)) return;
    this.#waiting.set(topic, text);
    const wait = this.#spokenAt + QUIET_MS - performance.now();
    if (wait <= 0) this.#speak();
    else
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        this.#speak();
      }, wait);
  }

  fail(text: string): void {
    this.assertive = text;
    this.failures++;
  }

  #speak(): void {
    if (this.#waiting.size === 0) return;
    for (const [topic, text] of this.#waiting) this.#last.set(topic, text);
    this.polite = [...this.#waiting.values()].join('. ');
    this.#waiting.clear();
    this.#spokenAt = performance.now();
  }
}
