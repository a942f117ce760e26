/** What a run keeps on disk: `log.jsonl`, the `last` checkpoint with its state, and the report. */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Checkpoint, type NamedTensor, readCheckpoint, saveCheckpoint } from './checkpoint.ts';
import type { Precision } from './native-kernels.ts';

export interface LogLine {
  /** ISO time. */
  time: string;
  step: number;
  event?: 'start' | 'resume' | 'end' | 'stopped' | 'failed';
  [fact: string]: unknown;
}

/** Facts of the run that a resumed one needs. */
export interface RunState {
  preset: string;
  tiny: boolean;
  seed: number;
  step: number;
  /** Share of the schedule done. */
  progress: number;
  minutesLeft?: number;
  stepsLeft?: number;
  /** Hours of training so far, over all processes. */
  hours: number;
  /** Where the weights came from, and with how many steps. */
  from: string;
  fromSteps: number;
  /** Steps each optimiser has done. */
  optimiserSteps: Record<string, number>;
  /** Commit of the sources when the run began; older runs did not note it. */
  commit?: string;
  /** The data cache, when it is not the usual one. */
  data?: string;
  /** What was asked for instead of the preset's. */
  knobs?: Knobs;
  /** What was asked for instead of what suits the machine; the pairs to measure on; seconds between checkpoints. */
  precision?: Precision;
  watch?: string;
  save?: number;
}

export interface Knobs {
  batch?: number;
  side?: number;
  rate?: number;
  pixel?: 'l1' | 'mse';
  luminance?: number;
}

export class RunFolder {
  readonly last: string;

  constructor(readonly path: string) {
    mkdirSync(path, { recursive: true });
    this.last = join(path, 'last');
  }

  log(line: LogLine): void {
    appendFileSync(join(this.path, 'log.jsonl'), `${JSON.stringify(line)}\n`);
  }

  /** Every whole line of the log; a line cut short by a kill is left out. */
  lines(): LogLine[] {
    const path = join(this.path, 'log.jsonl');
    if (!existsSync(path)) return [];
    return readFileSync(path, 'utf8')
      .split('\n')
      .flatMap((text) => {
        try {
          return [JSON.parse(text) as LogLine];
        } catch {
          return [];
        }
      });
  }

  /** State first: the weights beside an older state would be resumed from the older one, and nothing is lost. */
  save(generator: Map<string, NamedTensor>, state: [string, NamedTensor][], run: RunState): void {
    const facts = { preset: run.preset, seed: run.seed, hours: run.hours, from: run.from, fromSteps: run.fromSteps };
    saveCheckpoint(`${this.last}.state`, state, { ...run });
    saveCheckpoint(this.last, generator, { step: run.step, alpha: 0.1, ...facts });
  }

  /** The last checkpoint and its state, or nothing when the run has none yet. */
  resume(): { weights: Checkpoint; state: Checkpoint; run: RunState } | undefined {
    if (!existsSync(`${this.last}.json`) || !existsSync(`${this.last}.state.json`)) return undefined;
    const state = readCheckpoint(`${this.last}.state`);
    return { weights: readCheckpoint(this.last), state, run: state.meta as unknown as RunState };
  }
}
