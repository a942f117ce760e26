import type { AnswerMessage, EventMessage, Service } from '../contract.ts';
import { toPlainError } from '../engine/errors.ts';
import { engineStopped } from './engine-stopped.ts';
import type { Port } from './port.ts';

type ToService =
  | { readonly type: 'request'; readonly key: number; readonly from: 'page' | 'owner'; readonly message: unknown }
  | { readonly type: 'pixels'; readonly key: number; readonly url: string }
  | { readonly type: 'close' };
type FromService =
  | { readonly type: 'answer'; readonly key: number; readonly answer: AnswerMessage }
  | {
      readonly type: 'pixels';
      readonly key: number;
      readonly status: number;
      readonly headers: [string, string][];
      readonly body: Uint8Array;
    }
  | { readonly type: 'event'; readonly message: EventMessage };

/** Carries a service out over a line; the other end holds it through `connectService`. */
export function servePort(service: Service, port: Port): void {
  const post = (message: FromService) => port.post(message);
  const stop = service.onEvent((message) => post({ type: 'event', message }));
  port.onClose(stop);
  port.onMessage(async (incoming) => {
    const message = incoming as ToService;
    if (message.type === 'request') {
      const answer = await service.answer(message.message, message.from);
      post({ type: 'answer', key: message.key, answer });
    } else if (message.type === 'pixels') {
      const response = await service.pixels(new Request(message.url));
      const body = new Uint8Array(await response.arrayBuffer());
      post({ type: 'pixels', key: message.key, status: response.status, headers: [...response.headers], body });
    } else if (message.type === 'close') {
      await service.close();
      port.close();
    }
  });
}

/** The service at the other end of a line. When the line breaks, everything under way is answered `engine-stopped`. */
export function connectService(port: Port): Service {
  let next = 1;
  let open = true;
  const answers = new Map<number, (answer: AnswerMessage) => void>();
  const pixels = new Map<number, (response: Response) => void>();
  const listeners = new Set<(message: EventMessage) => void>();
  let closed = () => {};
  const whenClosed = new Promise<void>((resolve) => {
    closed = resolve;
  });
  const post = (message: ToService) => port.post(message);

  port.onMessage((incoming) => {
    const message = incoming as FromService;
    if (message.type === 'event') for (const listener of listeners) listener(message.message);
    else if (message.type === 'answer') take(answers, message.key)?.(message.answer);
    else if (message.type === 'pixels') {
      const body = message.status === 204 || message.status === 304 ? null : (message.body as Uint8Array<ArrayBuffer>);
      take(pixels, message.key)?.(new Response(body, { status: message.status, headers: message.headers }));
    }
  });
  port.onClose(() => {
    open = false;
    for (const key of [...answers.keys()]) take(answers, key)?.(stopped(key));
    for (const key of [...pixels.keys()]) take(pixels, key)?.(new Response(null, { status: 503 }));
    closed();
  });

  return {
    answer(message, from) {
      const id = (message as { id?: unknown } | null)?.id;
      const pageId = typeof id === 'number' ? id : 0;
      if (!open) return Promise.resolve(stopped(pageId));
      return new Promise((resolve) => {
        const key = next++;
        answers.set(key, (answer) => resolve({ ...answer, id: pageId }));
        post({ type: 'request', key, from, message });
      });
    },
    onEvent(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    pixels(request) {
      if (request.method !== 'GET') return Promise.resolve(new Response(null, { status: 405 }));
      if (!open) return Promise.resolve(new Response(null, { status: 503 }));
      return new Promise((resolve) => {
        const key = next++;
        pixels.set(key, resolve);
        post({ type: 'pixels', key, url: request.url });
      });
    },
    async close() {
      if (open) post({ type: 'close' });
      await whenClosed;
    },
  };
}

function take<T>(map: Map<number, T>, key: number): T | undefined {
  const value = map.get(key);
  map.delete(key);
  return value;
}

function stopped(id: number): AnswerMessage {
  return { id, error: toPlainError(engineStopped()) };
}
