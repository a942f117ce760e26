import { join } from 'node:path';
import { WebSocket } from 'ws';
import type { AnswerMessage, EventMessage, Service } from '../../electron/contract.ts';
import { startHost } from '../../electron/host/host.ts';
import { portPair } from '../../electron/service/port.ts';
import { connectService, servePort } from '../../electron/service/serve-port.ts';

/** What a page has in its hands: messages, events, pixels. `owner` asks as the process that owns the service. */
export interface Carried {
  readonly page: Pick<Service, 'answer' | 'onEvent' | 'pixels'>;
  readonly owner: Pick<Service, 'answer'>;
  close(): Promise<void>;
}

/** A way to bring the contract from a service to a page. */
export interface Carrier {
  readonly name: string;
  carry(service: Service, folder: string): Promise<Carried>;
}

export const inProcess: Carrier = {
  name: 'in-process',
  carry: async (service) => ({ page: service, owner: service, close: async () => {} }),
};

/** What lies between the service's process and the one that owns it, whether Node's or Electron's. */
export const overPort: Carrier = {
  name: 'process line',
  async carry(service) {
    const [near, far] = portPair();
    servePort(service, far);
    const page = connectService(near);
    return { page, owner: page, close: async () => near.close() };
  },
};

export const overHost: Carrier = {
  name: 'WebSocket and HTTP on 127.0.0.1',
  async carry(service, folder) {
    const host = await startHost({ service, rendererDir: folder, uploadDir: join(folder, 'uploads') });
    const entered = await fetch(host.entry);
    const cookie = entered.headers.get('set-cookie')!.split(';')[0]!;
    const socket = new WebSocket(`${host.origin.replace('http', 'ws')}/messages`, {
      headers: { cookie },
      origin: host.origin,
    });
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    const waiting: { [id: number]: (answer: AnswerMessage) => void } = {};
    const listeners = new Set<(message: EventMessage) => void>();
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as AnswerMessage | EventMessage;
      if ('event' in message) for (const listener of listeners) listener(message);
      else if (message.id in waiting) waiting[message.id]!(message);
      else waiting[0]?.(message);
    });
    return {
      page: {
        answer: (message) =>
          new Promise((resolve) => {
            const id = (message as { id?: unknown } | null)?.id;
            // What is no request is answered with the id 0.
            waiting[typeof id === 'number' && Object.keys(message as object).length <= 3 ? id : 0] = resolve;
            socket.send(JSON.stringify(message));
          }),
        onEvent(listener) {
          listeners.add(listener);
          return () => void listeners.delete(listener);
        },
        pixels: (request) => {
          const { pathname, search } = new URL(request.url);
          return fetch(host.origin + pathname + search, {
            method: request.method,
            headers: { cookie, origin: host.origin },
          });
        },
      },
      owner: service,
      async close() {
        socket.terminate();
        await host.close();
      },
    };
  },
};
