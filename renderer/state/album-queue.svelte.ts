import type { Album, Banner, ExportSettings, Hello, Job, PlainError, Recovery } from '../../electron/contract.ts';
import { type Connection, plainOf } from '../client.ts';

/** What makes a banner another one. */
export const contentOf = ({ id, error }: Banner): string => `${id}|${error.code}|${error.sentence}`;

/** The queue of the album as the service tells it; nothing here counts by itself. */
export class AlbumQueue {
  album = $state.raw<Album>()!;
  jobs = $state.raw<readonly Job[]>([]);
  recovery = $state.raw<Recovery | null>(null);
  #told = $state.raw<readonly Banner[]>([]);
  #dismissed = $state.raw<ReadonlySet<string>>(new Set());
  /** The service sets a banner again with every change while its reason lasts; one put away stays away until it says something else. */
  readonly banners: readonly Banner[] = $derived(
    this.#told.filter((banner) => !this.#dismissed.has(contentOf(banner))),
  );
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
      if (!album.pausedBy) this.#isOver('album');
      if (jobs.length > 0 || removed?.length) this.#merge(jobs, removed ?? []);
    });
    connection.onEvent('device.changed', ({ error }) => {
      if (!error) this.#isOver('device');
    });
    connection.onEvent('album.recovery', (recovery) => {
      this.recovery = recovery;
    });
    connection.onEvent('banners', (banners) => {
      this.#told = banners;
    });
  }

  reset(hello: Hello): void {
    this.album = hello.album;
    this.jobs = hello.jobs;
    this.recovery = hello.recovery;
    this.#told = hello.banners;
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

  /** Puts it away without doing anything about it. */
  async dismissBanner(banner: Banner): Promise<void> {
    this.#dismissed = new Set([...this.#dismissed, contentOf(banner)]);
    await this.#ask(() => this.#connection.request('banner.dismiss', { banner: banner.id }));
  }

  /** Something was done about it: the same failure again is news. */
  async settleBanner(banner: Banner): Promise<void> {
    this.#told = this.#told.filter((each) => each.id !== banner.id);
    this.#isOver(banner.id);
    await this.#ask(() => this.#connection.request('banner.dismiss', { banner: banner.id }));
  }

  /** The reason of a banner is gone. */
  #isOver(id: string): void {
    if (this.#dismissed.size > 0)
      this.#dismissed = new Set([...this.#dismissed].filter((each) => !each.startsWith(`${id}|`)));
  }

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
