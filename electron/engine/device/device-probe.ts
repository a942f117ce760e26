import { fork } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Finding, finding } from '../finding.ts';
import type { ModelPair } from '../network/model.ts';
import { buildGenerator } from '../network/network.ts';
import type { Precision } from '../network/precision.ts';
import type { DeviceKind } from './device-kind.ts';
import { type ProbeResult, type ProbeTask, tryDevice } from './device-trial.ts';

/** What a real run on a device showed. */
export interface DeviceVerdict {
  readonly name: string;
  /** In which the numbers were right; empty when it does not work. */
  readonly precisions: readonly Precision[];
  /** The best of them against float32 on the processor. */
  readonly faster: number;
  readonly problem?: Finding;
}

export interface ProbeOptions {
  /** Edge of the tile's core and its halo, source px; large enough to keep a graphics device busy. */
  readonly core?: number;
  readonly halo?: number;
  /** Compiling shaders takes seconds; a device that takes longer than this is not faster than a processor. */
  readonly patienceMs?: number;
}

/**
 * Runs a tile on the device and on the processor and compares. In a child process, because a broken driver ends its
 * process; inside Electron, where no plain child can be started, in this one (the engine's process is expendable there).
 */
export async function probeDevice(
  kind: DeviceKind,
  models: ModelPair,
  { core = 64, halo = 12, patienceMs = 60_000 }: ProbeOptions = {},
): Promise<Omit<DeviceVerdict, 'name'>> {
  const graph = (precision: Precision) =>
    buildGenerator(models.spec, models.weights(0), {
      ...{ precision, io: 'u8', halo, tile: { width: core, height: core } },
    });
  const edge = core + 2 * halo;
  const task: ProbeTask = { kind, dims: [1, edge, edge, 3], single: graph('fp32'), half: graph('fp16') };
  const result = process.versions.electron ? await tryDevice(task) : await inChild(task, patienceMs);
  return { precisions: result.precisions, faster: result.faster, ...(result.problem && { problem: result.problem }) };
}

function inChild(task: ProbeTask, patienceMs: number): Promise<ProbeResult> {
  const here = fileURLToPath(import.meta.url);
  const entry = fileURLToPath(new URL(`./device-trial-entry${extname(here)}`, import.meta.url));
  const child = fork(entry, [], {
    serialization: 'advanced',
    execArgv: extname(here) === '.ts' ? ['--import', import.meta.resolve('tsx')] : [],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  return new Promise((resolve) => {
    const fail = (problem: Finding) => resolve({ precisions: [], faster: 0, problem });
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      fail(finding('driver-silent', { seconds: Math.round(patienceMs / 1000) }));
    }, patienceMs);
    child.once('message', (result) => resolve(result as ProbeResult));
    child.once('error', (error) => fail(finding('other', { words: error.message })));
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      fail(finding('driver-ended', { end: signal ?? code ?? 'unknown' }));
    });
    child.send(task);
  });
}
