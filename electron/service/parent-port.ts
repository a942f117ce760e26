import { messagePort, type Port, processPort } from './port.ts';

interface ParentPort {
  on(event: 'message', listener: (event: { data: unknown; ports: unknown[] }) => void): void;
  once(event: 'message', listener: (event: { data: unknown; ports: unknown[] }) => void): void;
  postMessage(message: unknown): void;
}

/** Electron's line to the process that started this one; undefined in a plain Node process. */
export function utilityParent(): ParentPort | undefined {
  return (process as { parentPort?: ParentPort }).parentPort;
}

/**
 * A terminal gives Ctrl+C, and that it was closed, to every process in it. This one leaves that to the process that
 * started it, which ends in order, and ends when its line does.
 */
export function endWithParentOnly(): void {
  if (!process.connected && !utilityParent()) return;
  for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});
}

/**
 * The line this process serves. In a forked Node process it is the process's own; in an Electron utility process it is the
 * `MessagePortMain` that comes with the first message (`{ type: 'port' }`).
 */
export function parentPort(): Promise<Port> {
  const parent = utilityParent();
  if (!parent) return Promise.resolve(processPort(process));
  return new Promise((resolve) => {
    parent.once('message', ({ ports }) => resolve(messagePort(ports[0] as Parameters<typeof messagePort>[0])));
  });
}
