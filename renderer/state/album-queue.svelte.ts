import type { Album, Banner, ExportSettings, Hello, Job, PlainError, Recovery } from '../../electron/contract.ts';
import { type Connection, plainOf } from '../client.ts';

/** The queue of the album as the service tells it; nothing here counts by itself. */
export class AlbumQueue {
  album = $state.raw<Album>()!;
  jobs = $state.raw<readonly Job[]>([]);
  recovery = $state.raw<Recovery | null>(null);
  banners = $state.raw<readonly Banner[]>([]);
  error = $state.raw<PlainError | null>(null);
  readonly failures: readonly Job[] = $derived(this.jobs.filter((job) => job.state === 'failed'));
  readonly isActive: boolean = $derived(this.album.state !== 'idle');
  /** Newest job of each photo, for badges. */
  readonly byPhoto: ReadonlyMap<string, Job> = $derived(new Map(this.jobs.map((job) => [job.photo, job])));

  readonly #connection: Connection;
  readonly #onRefused: (error: PlainError) => void;
  /** Settings of the newest rows; the rows themselves do not tell. */
  #addedWith: ExportSettings | undefined;

  /** `onRefused` is told of each refusal, besides `error`. */
  constructor(connection: Connection, hello: Hello, onRefused: (error: PlainError) => void) {
    this.#connection = connection;
    this.#onRefused = onRefused;
    this.reset(hello);
    connection.onEvent('album.changed', ({ album, jobs, removed }) => {
      this.album = album;
      if (jobs.length > 0 || removed?.length) this.#merge(jobs, removed ?? []);
    });
    connection.onEvent('album.recovery', (recovery) => {
      this.recovery = recovery;
    });
    connection.onEvent('banners', (banners) => {
      this.banners = banners;
    });
  }

  reset(hello: Hello): void {
    this.album = hello.album;
    this.jobs = hello.jobs;
    this.recovery = hello.recovery;
    this.banners = hello.banners;
  }

  add = (photos: readonly string[], settings: ExportSettings): Promise<void> =>
    this.#ask(async () => {
      this.#merge((await this.#connection.request('album.add', { photos: [...photos], settings })).jobs);
      this.#addedWith = settings;
    });

  /** Whether a queue that runs has, or had, a photo with these very settings. */
  holds(photo: string, blend: number, settings: ExportSettings): boolean {
    if (!this.isActive) return false;
    return this.byPhoto.get(photo)?.blend === blend && JSON.stringify(settings) === JSON.stringify(this.#addedWith);
  }

  pause = (): Promise<void> => this.#ask(() => this.#connection.request('album.pause'));
  resume = (): Promise<void> => this.#ask(() => this.#connection.request('album.resume'));
  cancel = (jobs?: readonly string[]): Promise<void> =>
    this.#ask(() => this.#connection.request('album.cancel', jobs ? { jobs: [...jobs] } : {}));
  retry = (jobs?: readonly string[]): Promise<void> =>
    this.#ask(() => this.#connection.request('album.retry', jobs ? { jobs: [...jobs] } : {}));
  clear = (): Promise<void> => this.#ask(() => this.#connection.request('album.clear'));
  recover = (choice: 'resume' | 'discard'): Promise<void> =>
    this.#ask(async () => {
      await this.#connection.request('album.recover', { choice });
      this.recovery = null;
      const { album, jobs } = await this.#connection.request('album.list');
      this.album = album;
      this.jobs = jobs;
    });

  dismissBanner = ({ id }: Banner): Promise<void> =>
    this.#ask(() => this.#connection.request('banner.dismiss', { banner: id }));

  async #ask(work: () => Promise<unknown>): Promise<void> {
    this.error = null;
    try {
      await work();
    } catch (error) {
      const plain = plainOf(error);
      this.error = plain;
      this.#onRefused(plain);
    }
  }

  #merge(changed: readonly Job[], removed: readonly string[] = []): void {
    const byId = new Map(this.jobs.map((job) => [job.id, job]));
    for (const job of changed) byId.set(job.id, job);
    for (const id of removed) byId.delete(id);
    this.jobs = [...byId.values()];
  }
}
