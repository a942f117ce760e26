/** Who goes first on the device: a lower number before a higher one. */
export const RANK = { view: 0, export: 1, batch: 2 } as const;
export type Rank = (typeof RANK)[keyof typeof RANK];

interface Waiter {
  readonly rank: Rank;
  readonly start: () => void;
}

/**
 * The device runs one tile at a time; this says whose turn it is. A running tile is never interrupted. First come,
 * first served within a rank.
 */
export class Lane {
  readonly #waiting: Waiter[] = [];
  readonly #holds: Rank[] = [];
  #busy = false;

  /** Runs `work` when its turn comes. */
  run<T>(rank: Rank, work: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const start = () => {
        Promise.resolve()
          .then(work)
          .then(resolve, reject)
          .finally(() => {
            this.#busy = false;
            this.#next();
          });
      };
      this.#waiting.push({ rank, start });
      this.#next();
    });
  }

  /**
   * Keeps everything after `rank` waiting until released, so that the batch does not slip in between two tiles of the
   * view while the first is being put away.
   */
  hold(rank: Rank): () => void {
    this.#holds.push(rank);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#holds.splice(this.#holds.indexOf(rank), 1);
      this.#next();
    };
  }

  #next(): void {
    if (this.#busy) return;
    const limit = Math.min(Number.POSITIVE_INFINITY, ...this.#holds);
    let best = -1;
    for (const [index, { rank }] of this.#waiting.entries()) {
      if (rank <= limit && (best < 0 || rank < this.#waiting[best]!.rank)) best = index;
    }
    if (best < 0) return;
    this.#busy = true;
    this.#waiting.splice(best, 1)[0]!.start();
  }
}
