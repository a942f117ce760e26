import type { ChildProcess } from 'node:child_process';
import { stdin } from 'node:process';

/**
 * Passes the signals this process gets on to its child, and leaves it to the child to end both. A terminal gives its own,
 * Ctrl+C and that it was closed, to every process by itself: passed on as well they would come twice, and the second
 * ends a program at once.
 * @param child the one there is now
 */
export function passSignalsOn(child: () => Pick<ChildProcess, 'kill'>, onTerminal = stdin.isTTY): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => (onTerminal && signal !== 'SIGTERM') || child().kill(signal));
}
