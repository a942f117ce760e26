/**
 * The service's process: answers, pixels, caches, journal. The same file runs under `child_process.fork` (host) and
 * `utilityProcess.fork` (shell). Its first message is `{ type: 'start', options }`; in a utility process that message
 * brings two ports, the page's line and the engine's, and each `{ type: 'engine' }` afterwards a new engine's, asked for
 * by `{ type: 'launch-engine' }`.
 */
import { forkEngine } from './fork-engine.ts';
import { endWithParentOnly, utilityParent } from './parent-port.ts';
import { messagePort, type Port, processPort } from './port.ts';
import type { ServiceOptions } from './service.ts';

/** What crosses to the service's process at the start. */
export type StartOptions = Omit<ServiceOptions, 'launchEngine'>;

type MessagePortEnd = Parameters<typeof messagePort>[0];

// The engine's process takes as long to start as everything below, so it is asked for first and what serves it loaded
// meanwhile.
const begin = async (options: ServiceOptions, line: Port) => {
  const first = options.launchEngine();
  let taken = false;
  const launchEngine = () => {
    if (taken) return options.launchEngine();
    taken = true;
    return first;
  };
  const [{ createService }, { servePort }] = await Promise.all([import('./service.ts'), import('./serve-port.ts')]);
  servePort(await createService({ ...options, launchEngine }), line);
};

endWithParentOnly();
const parent = utilityParent();
if (parent) {
  const engines: ((port: Port) => void)[] = [];
  parent.on('message', async ({ data, ports }) => {
    const message = data as { type: string; options?: StartOptions };
    if (message.type === 'engine') engines.shift()?.(messagePort(ports[0] as MessagePortEnd));
    if (message.type !== 'start') return;
    const launchEngine = () =>
      new Promise<Port>((resolve) => {
        engines.push(resolve);
        parent.postMessage({ type: 'launch-engine' });
      });
    try {
      await begin({ ...message.options!, launchEngine }, messagePort(ports[0] as MessagePortEnd));
    } catch (error) {
      // Electron would only warn of it, and whoever started this would wait for ever.
      console.error(error);
      process.exit(1);
    }
  });
} else {
  const port = processPort(process);
  // The owner is gone: unfinished work is in the journal, so there is nothing to wait for.
  port.onClose(() => process.exit());
  process.once('message', async (message) => {
    const { options } = message as { options: StartOptions };
    await begin({ ...options, launchEngine: () => forkEngine(options.modelsDir) }, port);
    process.send!({ type: 'ready' });
  });
}
