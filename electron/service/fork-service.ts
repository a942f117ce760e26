import type { StartOptions } from './entry.ts';
import { forkBeside } from './fork-engine.ts';
import { type Port, processPort } from './port.ts';

/** The service in a Node process of its own; resolves when it takes requests, rejects when it ends before that. */
export function forkService(options: StartOptions): Promise<Port> {
  const child = forkBeside('entry');
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`The service ended at its start (${code}).`)));
    child.on('message', function ready(message: { type?: string }) {
      if (message.type !== 'ready') return;
      child.off('message', ready);
      resolve(processPort(child));
    });
    child.send({ type: 'start', options });
  });
}
