import type {
  AnswerMessage,
  Bridge,
  Client,
  EventMessage,
  Events,
  Grant,
  Granted,
  Method,
  PlainError,
  RequestMessage,
} from '../electron/contract.ts';

/** An error the service answered with, as the page throws it. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly plain: PlainError;

  constructor(plain: PlainError) {
    super(plain.sentence);
    this.plain = plain;
  }
}

export const connectionLost = (detail?: string): PlainError => ({
  code: 'connection-lost',
  sentence:
    'The connection to Fourfold was lost. Saved photos are intact. Check that Fourfold is running, then Reload.',
  ...(detail !== undefined && { detail }),
});

/** Any thrown value as the plain error it carries. */
export const plainOf = (error: unknown): PlainError =>
  error instanceof ServiceError
    ? error.plain
    : {
        code: 'unexpected',
        sentence: 'Something unexpected went wrong. The photo was not changed. Try again, and report it if it repeats.',
        detail: error instanceof Error ? error.message : String(error),
      };

/** Typed calls over whichever bridge there is. */
export interface Connection extends Client {
  grant(files: readonly File[]): Promise<Granted>;
}

export function createConnection(bridge: Bridge): Connection {
  let last = 0;
  const listeners = new Map<keyof Events, Set<(data: never) => void>>();
  bridge.onEvent((message) => {
    for (const listener of listeners.get(message.event) ?? []) (listener as (data: unknown) => void)(message.data);
  });
  return {
    async request(method: Method, params?: unknown) {
      const answer = await bridge.send({ id: ++last, method, ...(params !== undefined && { params }) });
      if ('error' in answer) throw new ServiceError(answer.error);
      return answer.result as never;
    },
    onEvent(event, listener) {
      const set = listeners.get(event) ?? new Set();
      listeners.set(event, set);
      set.add(listener as (data: never) => void);
      return () => set.delete(listener as (data: never) => void);
    },
    grant: (files) => bridge.grant(files),
  };
}

/** The bridge of the browser edition: a WebSocket for messages, uploads for files. `onLost` is called once. */
export function openSocketBridge(onLost: () => void): Promise<Bridge> {
  const address = new URL('/messages', location.href);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  const socket = new WebSocket(address);
  const pending = new Map<number, (answer: AnswerMessage) => void>();
  const listeners = new Set<(message: EventMessage) => void>();
  let isLost = false;

  socket.addEventListener('message', (event) => {
    const message = JSON.parse(String(event.data)) as AnswerMessage | EventMessage;
    if ('event' in message) {
      for (const listener of listeners) listener(message);
      return;
    }
    pending.get(message.id)?.(message);
    pending.delete(message.id);
  });
  const lose = (): void => {
    if (isLost) return;
    isLost = true;
    for (const [id, answer] of pending) answer({ id, error: connectionLost() });
    pending.clear();
    onLost();
  };
  socket.addEventListener('close', lose);

  const bridge: Bridge = {
    send(message: RequestMessage) {
      if (isLost) return Promise.resolve({ id: message.id, error: connectionLost() });
      return new Promise((resolve) => {
        pending.set(message.id, resolve);
        socket.send(JSON.stringify(message));
      });
    },
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    grant: uploadAll,
  };
  return new Promise((resolve, reject) => {
    socket.addEventListener('open', () => resolve(bridge), { once: true });
    socket.addEventListener('error', () => reject(new ServiceError(connectionLost())), { once: true });
  });
}

/** Where a file lay in a chosen or dropped folder; '' for a single one. */
export function folderOf(file: File): string {
  const path = droppedFolders.get(file) ?? file.webkitRelativePath;
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
}

/** Folders of dropped files, which the File object itself does not tell. */
export const droppedFolders = new WeakMap<File, string>();

/**
 * One after another: the host writes them to disk, and a folder of photos must not all be in flight at once. What one is
 * refused for, the others may be free of.
 */
async function uploadAll(files: readonly File[]): Promise<Granted> {
  const grants: Grant[] = [];
  let refused: PlainError | undefined;
  for (const file of files) {
    const answer = await upload(file);
    if ('error' in answer) refused ??= answer.error;
    else grants.push(answer);
  }
  return { grants, ...(refused && { error: refused }) };
}

async function upload(file: File): Promise<Grant | { error: PlainError }> {
  const query = new URLSearchParams({ name: file.name, folder: folderOf(file) });
  try {
    const response = await fetch(`/upload?${query}`, {
      method: 'POST',
      body: file,
      headers: { 'content-type': 'application/octet-stream' },
    });
    return (await response.json()) as Grant | { error: PlainError };
  } catch (error) {
    return { error: connectionLost(String(error)) };
  }
}
