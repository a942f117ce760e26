import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { exit } from 'node:process';
import { passSignalsOn } from './pass-on.ts';

/** One child process at a time, replaced on demand; ends with this process, and this process with it. */
export class Child {
  readonly #start: () => ChildProcess;
  #current: ChildProcess;
  #replacing = false;

  constructor(program: string, args: readonly string[], options: SpawnOptions, onStart: (child: ChildProcess) => void) {
    this.#start = () => {
      const child = spawn(program, args, options);
      child.on('exit', (code) => this.#replacing || exit(code ?? 0));
      onStart(child);
      return child;
    };
    this.#current = this.#start();
    passSignalsOn(() => this.#current);
  }

  get current(): ChildProcess {
    return this.#current;
  }

  /** Ends the child in order and starts another. */
  replace(): void {
    if (this.#replacing) return;
    this.#replacing = true;
    this.#current.once('exit', () => {
      this.#replacing = false;
      this.#current = this.#start();
    });
    this.#current.kill('SIGTERM');
  }
}
