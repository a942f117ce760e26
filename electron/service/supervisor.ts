import type { AnswerMessage, EventMessage, Service } from '../contract.ts';
import { toPlainError } from '../engine/errors.ts';
import { engineStopped } from './engine-stopped.ts';
import type { Port } from './port.ts';
import { connectService } from './serve-port.ts';

export interface SupervisorOptions {
  /** Starts the service's process; the line must be ready for requests. `restored` after a crash. */
  readonly launch: (restored: boolean) => Promise<Port>;
  /** Told when the service keeps dying and is not started again. */
  readonly onGivenUp?: () => void;
}

/** This many deaths within the span below, and it is not started again: something is wrong that a restart cannot cure. */
const DEATHS_BORNE = 5;
const SPAN_MS = 60_000;

/**
 * The service in a process of its own, started again when it dies. What was under way is answered `engine-stopped`; what
 * is asked meanwhile waits for the new one.
 */
export async function superviseService({ launch, onGivenUp }: SupervisorOptions): Promise<Service> {
  const listeners = new Set<(message: EventMessage) => void>();
  const emit = (message: EventMessage) => {
    for (const listener of listeners) listener(message);
  };
  const deaths: number[] = [];
  let closing = false;
  let current: Promise<Service | undefined>;

  const begin = async (restored: boolean): Promise<Service> => {
    const port = await launch(restored);
    const service = connectService(port);
    service.onEvent(emit);
    port.onClose(() => {
      if (closing) return;
      current = again();
      void current.then((next) => next && emit({ event: 'restarted', data: null }));
    });
    return service;
  };
  /** After a death, also one at the start. Undefined when it has died too often. */
  const again = async (): Promise<Service | undefined> => {
    for (;;) {
      deaths.push(Date.now());
      if (deaths.filter((at) => at > Date.now() - SPAN_MS).length > DEATHS_BORNE) {
        onGivenUp?.();
        return undefined;
      }
      try {
        return await begin(true);
      } catch {
        // It told why on its own standard error.
        if (closing) return undefined;
      }
    }
  };
  current = begin(false);
  await current;

  return {
    async answer(message, from): Promise<AnswerMessage> {
      const service = await current;
      if (service) return service.answer(message, from);
      const id = (message as { id?: unknown } | null)?.id;
      return { id: typeof id === 'number' ? id : 0, error: toPlainError(engineStopped()) };
    },
    onEvent(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async pixels(request) {
      const service = await current;
      return service ? service.pixels(request) : new Response(null, { status: 503 });
    },
    async close() {
      closing = true;
      await (await current)?.close();
    },
  };
}
