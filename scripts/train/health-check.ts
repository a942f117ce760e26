/** Notices a run that has gone wrong, so that it stops with words instead of overwriting good weights with bad ones. */
import type { Losses } from './trainer.ts';

/** Steps over which the discriminator's loss is averaged. */
const window = 200;
/** Below this mean loss the discriminator is always right (log 2 = 0.69 is guessing) and the generator learns nothing from it. */
const certain = 0.005;
/** The pixel loss may not grow beyond this many times what it was at the start. */
const growth = 6;

export class HealthCheck {
  private discriminator = Math.LN2;
  private pixels = 0;
  private first = 0;
  private steps = 0;

  /** A sentence when the run must stop, else nothing. */
  examine(losses: Losses): string | undefined {
    for (const [name, value] of Object.entries(losses))
      if (!Number.isFinite(value)) return `The loss "${name}" is no number any more; a smaller learning rate may help.`;
    if (losses.discriminator !== undefined) {
      this.discriminator += (losses.discriminator - this.discriminator) / window;
      if (this.discriminator < certain)
        return 'The discriminator has collapsed: it tells every result from every photo, so the generator learns nothing from it.';
    }
    const { pixel } = losses;
    if (pixel === undefined) return undefined;
    this.steps++;
    if (this.steps <= 50) this.first += (pixel - this.first) / this.steps;
    this.pixels += (pixel - this.pixels) / Math.min(this.steps, 50);
    if (this.steps > 50 && this.pixels > growth * this.first)
      return 'The generator has collapsed: its results are far further from the originals than at the start.';
    return undefined;
  }
}
