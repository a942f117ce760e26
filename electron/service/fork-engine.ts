import { type ChildProcess, fork } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Port, processPort } from './port.ts';

/** Starts a file beside this one as a Node process with a line to it; from source, through tsx. */
export function forkBeside(name: string, env: NodeJS.ProcessEnv = {}): ChildProcess {
  const here = fileURLToPath(import.meta.url);
  const source = extname(here) === '.ts';
  const file = fileURLToPath(new URL(`./${name}${extname(here)}`, import.meta.url));
  return fork(file, [], {
    serialization: 'advanced',
    env: { ...process.env, ...env },
    execArgv: source ? ['--import', import.meta.resolve('tsx')] : [],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
}

/** The engine in a process of its own. */
export function forkEngine(modelsDir?: string): Port {
  return processPort(forkBeside('engine-entry', modelsDir === undefined ? {} : { FOURFOLD_MODELS: modelsDir }));
}
