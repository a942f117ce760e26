/** How far a run is, and what its learning rate is there. */
import type { Preset } from './presets.ts';

/** Steps in which the rate rises from nothing, while Adam learns the size of the gradients. */
const warmUp = 200;

/** Share of the schedule `cooldown` in which the rate falls, by 1 − √ of the way (Hägele et al. 2024, arXiv 2405.18392). */
const cooldown = 0.25;

export interface Budget {
  /** Wall-clock minutes, pauses included; the run ends on time whatever the machine did meanwhile. */
  minutes?: number;
  /** Or a number of steps. */
  steps?: number;
  /** Share of the schedule done before (a resumed run). */
  done: number;
}

/** 0 at the start, 1 at the end. `elapsed` in milliseconds and `steps` are of this process alone. */
export function progress(budget: Budget, elapsed: number, steps: number): number {
  const share = budget.minutes === undefined ? steps / (budget.steps ?? 1) : elapsed / 60_000 / budget.minutes;
  return Math.min(1, budget.done + (1 - budget.done) * share);
}

/** Learning rate at `at` (0…1) after `steps` steps of this optimiser. */
export function learningRate(preset: Pick<Preset, 'rate' | 'schedule'>, at: number, steps: number): number {
  const rise = Math.min(1, (steps + 1) / warmUp);
  const shape = {
    cosine: 0.5 + 0.5 * Math.cos(Math.PI * at),
    halves: at < 0.5 ? 1 : 0.1,
    constant: 1,
    cooldown: 1 - Math.sqrt(Math.max(0, at - 1 + cooldown) / cooldown),
  }[preset.schedule];
  return preset.rate * rise * Math.max(shape, 0.001);
}
