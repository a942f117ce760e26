import { MessageChannelMain, utilityProcess } from 'electron';
import type { StartOptions } from '../service/entry.ts';
import { messagePort, type Port } from '../service/port.ts';

export interface ServiceProcessOptions {
  /** Built entries, absolute. */
  readonly serviceEntry: string;
  readonly engineEntry: string;
  readonly modelsDir: string;
  readonly start: StartOptions;
}

/**
 * Starts the service in a process of its own and returns the line to it. The service asks for the engine's process,
 * which only main can start, and main joins the two by a channel of their own: no pixel of theirs passes through here.
 * When the service ends, its engines end with it.
 */
export function launchService(options: ServiceProcessOptions): Port {
  const child = utilityProcess.fork(options.serviceEntry, [], { serviceName: 'Fourfold service', stdio: 'inherit' });
  const engines = new Set<{ kill(): boolean }>();
  const launchEngine = (): void => {
    const engine = utilityProcess.fork(options.engineEntry, [], {
      serviceName: 'Fourfold engine',
      stdio: 'inherit',
      env: { ...process.env, FOURFOLD_MODELS: options.modelsDir },
    });
    engines.add(engine);
    engine.once('exit', () => engines.delete(engine));
    const { port1, port2 } = new MessageChannelMain();
    // The engine's end closes with its process, by whatever cause, and the service sees its own end close.
    engine.postMessage({ type: 'port' }, [port1]);
    child.postMessage({ type: 'engine' }, [port2]);
  };
  child.on('message', (message: { type?: unknown } | undefined) => {
    if (message?.type === 'launch-engine') launchEngine();
  });

  const { port1, port2 } = new MessageChannelMain();
  child.postMessage({ type: 'start', options: options.start }, [port2]);
  const line = messagePort(port1);
  const closers: (() => void)[] = [];
  let gone = false;
  const end = (): void => {
    if (gone) return;
    gone = true;
    // After an orderly close the line is closed but the process lives on; after a crash there is nothing to kill.
    child.kill();
    for (const engine of engines) engine.kill();
    for (const closed of closers) closed();
  };
  line.onClose(end);
  child.once('exit', end);
  return {
    post: (message) => void (gone || line.post(message)),
    onMessage: (listener) => line.onMessage(listener),
    onClose: (listener) => void (gone ? listener() : closers.push(listener)),
    close: end,
  };
}
