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
