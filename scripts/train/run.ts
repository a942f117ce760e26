/** One training run from its first step to its last: batches in, log lines, checkpoints and a report out. */
import { setImmediate } from 'node:timers/promises';
import type { Backend } from './backend.ts';
import type { Dataset } from './dataset.ts';
import { HealthCheck } from './health-check.ts';
import type { Pair } from './pairs.ts';
import type { Preset } from './presets.ts';
import { Random } from './random.ts';
import type { RunFolder, RunState } from './run-folder.ts';
import { writeReport } from './run-report.ts';
import { type Budget, learningRate, progress } from './schedule.ts';
import type { Losses, Trainer } from './trainer.ts';
import { watch } from './watch.ts';

export interface RunOptions {
  folder: RunFolder;
  preset: Preset;
  trainer: Trainer;
  data: Dataset;
  budget: Budget;
  state: RunState;
  /** Pairs to measure on while training; may be empty. */
  pairs: Pair[];
  /** Seconds between log lines, checkpoints, and measurements with a new report. */
  every: { log: number; save: number; watch: number };
  signal: AbortSignal;
  /** A line for the person who waits. */
  say: (line: string) => void;
}

/** Runs to the end of the budget, or until the signal; either way the last step is on disk. Returns the steps done. */
export async function train(backend: Backend, options: RunOptions): Promise<number> {
  const { folder, preset, trainer, data, budget, state, pairs, every, signal, say } = options;
  const began = Date.now();
  const { hours, step: firstStep } = state;
  const optimiserStart = state.optimiserSteps.generator ?? 0;
  const health = new HealthCheck();
  const means = new Means();
  const due = { log: began + every.log * 1000, save: began + every.save * 1000, watch: began + every.watch * 1000 };
  let logged = { time: began, step: state.step };
  let rate = 0;

  const steps = () => state.step - firstStep;
  const update = () => {
    state.progress = progress(budget, Date.now() - began, steps());
    state.hours = hours + (Date.now() - began) / 3_600_000;
    // Only the kind of budget that this process was given: a later one must not go by the other.
    delete state.minutesLeft;
    delete state.stepsLeft;
    if (budget.minutes !== undefined) state.minutesLeft = Math.max(0, budget.minutes - (Date.now() - began) / 60_000);
    if (budget.steps !== undefined) state.stepsLeft = Math.max(0, budget.steps - steps());
  };
  const log = (line: Record<string, unknown>) =>
    folder.log({ time: new Date().toISOString(), step: state.step, ...line });
  const save = () => {
    update();
    const { tensors, steps: optimiserSteps } = trainer.state();
    state.optimiserSteps = optimiserSteps;
    folder.save(trainer.generator(), tensors, state);
  };
  const measure = async () => {
    if (pairs.length === 0 || !trainer.measurable) return await writeReport(folder);
    const { psnr, strip } = await watch(backend.tf, (x) => trainer.enlarge(x), pairs);
    log({ psnr });
    say(`step ${state.step}: ${psnr.toFixed(3)} dB on ${pairs.length} pictures`);
    await writeReport(folder, strip);
  };

  update();
  log({
    event: firstStep === 0 || state.progress === 0 ? 'start' : 'resume',
    pid: process.pid,
    progress: state.progress,
  });
  await measure();
  while (!signal.aborted && state.progress < 1) {
    rate = learningRate(preset, state.progress, optimiserStart + steps());
    // Every step has a stream of its own, so a resumed run draws what the first would have drawn, and one that starts
    // from another's weights does not draw the same crops again.
    const random = new Random(Math.imul(state.fromSteps + state.step + 1, 0x9e3779b1) ^ state.seed);
    const losses = trainer.step(data.batch(preset.batch, preset.side, random, preset), preset.side, rate, state.step);
    const fault = health.examine(losses);
    if (fault) {
      log({ event: 'failed', fault });
      throw new Error(
        `${fault} The run stopped at step ${state.step}; its last good checkpoint is ${folder.last}.json.`,
      );
    }
    state.step++;
    means.add(losses);
    update();
    const now = Date.now();
    if (now >= due.log) {
      const perSecond = (1000 * (state.step - logged.step)) / (now - logged.time);
      const tensors = backend.tf.memory().numTensors;
      log({ ...means.take(), rate, perSecond, progress: state.progress, tensors });
      say(`step ${state.step}: ${perSecond.toFixed(2)} steps a second, ${timeLeft(state, perSecond)} left`);
      logged = { time: now, step: state.step };
      due.log = now + every.log * 1000;
    }
    if (now >= due.save) {
      save();
      due.save = Date.now() + every.save * 1000;
    }
    if (now >= due.watch) {
      await measure();
      due.watch = Date.now() + every.watch * 1000;
    }
    // Lets signals in.
    await setImmediate();
  }
  save();
  log({
    ...means.take(),
    event: signal.aborted ? 'stopped' : 'end',
    rate,
    progress: state.progress,
    hours: state.hours,
  });
  await measure();
  return steps();
}

function timeLeft(state: RunState, perSecond: number): string {
  const minutes = state.minutesLeft ?? (state.stepsLeft ?? 0) / perSecond / 60;
  return minutes >= 90 ? `${(minutes / 60).toFixed(1)} hours` : `${minutes.toFixed(0)} minutes`;
}

/** Means of the losses since they were last taken. */
class Means {
  private sums: Losses = {};
  private counts: Record<string, number> = {};

  add(losses: Losses): void {
    for (const [name, value] of Object.entries(losses)) {
      this.sums[name] = (this.sums[name] ?? 0) + value;
      this.counts[name] = (this.counts[name] ?? 0) + 1;
    }
  }

  take(): Losses {
    const means = Object.fromEntries(
      Object.entries(this.sums).map(([name, sum]) => [name, sum / (this.counts[name] ?? 1)]),
    );
    this.sums = {};
    this.counts = {};
    return means;
  }
}
