import type { AnswerMessage, EventMessage, RequestMessage, Service } from '../../electron/contract.ts';
import { DEFAULT_SETTINGS } from '../../electron/contract.ts';

/** A service that answers what a test tells it to and remembers what it was asked. */
export class FakeService implements Service {
  readonly asked: { message: RequestMessage; from: 'page' | 'owner' }[] = [];
  readonly #listeners = new Set<(message: EventMessage) => void>();
  readonly results: Record<string, unknown> = { 'app.hello': { settings: DEFAULT_SETTINGS }, 'service.close': null };
  closed = false;

  async answer(message: unknown, from: 'page' | 'owner'): Promise<AnswerMessage> {
    const request = message as RequestMessage;
    this.asked.push({ message: request, from });
    if (request?.method === 'grants.add') return { id: request.id, result: { grants: this.#grants(request) } };
    if (Object.hasOwn(this.results, request?.method)) return { id: request.id, result: this.results[request.method] };
    return { id: request?.id ?? 0, error: { code: 'wrong-use', sentence: 'Unknown.' } };
  }

  #grants(request: RequestMessage) {
    const { files } = request.params as { files: { path: string }[] };
    return files.map(({ path }, index) => ({ id: `g${index}`, name: path.split('/').at(-1), kind: 'file' }));
  }

  onEvent(listener: (message: EventMessage) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  tell(message: EventMessage): void {
    for (const listener of this.#listeners) listener(message);
  }

  async pixels(request: Request): Promise<Response> {
    return new Response(`pixels of ${new URL(request.url).pathname}`);
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}
