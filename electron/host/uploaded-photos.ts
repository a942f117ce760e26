import { type AnswerMessage, checkParams, type EventMessage, type Job, type Service } from '../contract.ts';
import { ask } from '../service/ask.ts';

/** An export goes on without its photo in the list, but is begun again from the list alone. */
const UNDER_WAY: ReadonlySet<string> = new Set(['waiting', 'running', 'paused']);

/**
 * The service as pages ask it. Beside what it answers, a photo's upload is let go once the photo is closed and no job needs
 * it: a row of the album may be tried again until it is done.
 */
export class UploadedPhotos {
  readonly #service: Service;
  readonly #letGo: (path: string) => Promise<void>;
  /** Photos by the jobs that need them. */
  readonly #needed = new Map<string, string>();
  /** Paths by the photos that were closed. */
  readonly #closed = new Map<string, string>();

  constructor(service: Service, letGo: (path: string) => Promise<void>) {
    this.#service = service;
    this.#letGo = letGo;
  }

  async answer(message: unknown): Promise<AnswerMessage> {
    const { method, params } = (message ?? {}) as { method?: unknown; params?: unknown };
    // Asked before they are closed, and not waited for: messages keep their order.
    const closing = method === 'photos.close' ? this.#pathsOf(params) : undefined;
    const answer = await this.#service.answer(message, 'page');
    if ('error' in answer) return answer;
    if (method === 'export.start') this.#noteExport(answer.result as Job);
    if (closing) await this.#close(await closing);
    return answer;
  }

  /** What the service tells of its jobs. */
  async take(message: EventMessage): Promise<void> {
    if (message.event === 'export.changed') this.#noteExport(message.data);
    else if (message.event === 'album.changed') {
      this.#noteRows(message.data.jobs);
      for (const row of message.data.removed ?? []) this.#needed.delete(row);
    } else return;
    await this.#sweep();
  }

  async #pathsOf(params: unknown): Promise<(readonly [photo: string, path: string])[]> {
    const checked = checkParams('photos.close', params, 'page');
    if ('wrong' in checked) return [];
    const { photos } = checked.value as { photos: string[] };
    const found = photos.map(async (photo) => {
      const { path } = await ask(this.#service, 'files.path', { file: photo });
      return [photo, path] as const;
    });
    return (await Promise.allSettled(found)).flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  }

  async #close(photos: readonly (readonly [photo: string, path: string])[]): Promise<void> {
    // The events come a little later than what they tell of.
    const album = await ask(this.#service, 'album.list').catch(() => undefined);
    if (!album) return;
    this.#noteRows(album.jobs);
    for (const [photo, path] of photos) this.#closed.set(photo, path);
    await this.#sweep();
  }

  #noteExport(job: Job): void {
    this.#note(job, UNDER_WAY.has(job.state));
  }

  #noteRows(rows: readonly Job[]): void {
    for (const row of rows) this.#note(row, row.state !== 'done');
  }

  #note({ id, photo }: Job, needs: boolean): void {
    if (needs) this.#needed.set(id, photo);
    else this.#needed.delete(id);
  }

  async #sweep(): Promise<void> {
    if (this.#closed.size === 0) return;
    const needed = new Set(this.#needed.values());
    const free = [...this.#closed].filter(([photo]) => !needed.has(photo));
    for (const [photo] of free) this.#closed.delete(photo);
    await Promise.all(free.map(([, path]) => this.#letGo(path)));
  }
}
