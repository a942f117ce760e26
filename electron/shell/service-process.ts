import { MessageChannelMain, utilityProcess } from 'electron';
import { messagePort, type Port } from '../service/port.ts';

export interface ServiceProcessOptions {
  /** Built entries, absolute. */
  readonly serviceEntry: string;
  readonly engineEntry: string;
  /** For the service: data folder, models, version, locale; handed over as one JSON argument. */
  readonly start: unknown;
}

/**
 * Starts the service in a process of its own and returns the line to it. The service asks for the engine's process,
 * which only main can start, and main joins the two by a channel of their own: no pixel of theirs passes through here.
 * When the service ends, its engines end with it.
 */
export function launchService(options: ServiceProcessOptions): Port {
  const child = utilityProcess.fork(options.serviceEntry, [JSON.stringify(options.start)], {
    serviceName: 'Fourfold service',
    stdio: 'inherit',
  });
  const engines = new Set<{ kill(): boolean }>();
  const launchEngine = (key: number): void => {
    const engine = utilityProcess.fork(options.engineEntry, [], { serviceName: 'Fourfold engine', stdio: 'inherit' });
    const { port1, port2 } = new MessageChannelMain();
    engines.add(engine);
    engine.once('exit', () => engines.delete(engine));
    // The engine's end closes with its process, by whatever cause, and the service sees its own end close.
    engine.postMessage({ type: 'engine-port' }, [port1]);
    child.postMessage({ type: 'engine-port', key }, [port2]);
  };
  child.on('message', (message: unknown) => {
    if (isLaunch(message)) launchEngine(message.key);
  });
  child.once('exit', () => {
    for (const engine of engines) engine.kill();
  });
  const port = messagePort(child);
  return { ...port, onMessage: (listener) => port.onMessage((message) => isLaunch(message) || listener(message)) };
}

function isLaunch(message: unknown): message is { type: 'launch-engine'; key: number } {
  return typeof message === 'object' && message !== null && (message as { type?: unknown }).type === 'launch-engine';
}
