import { type PlainError, toPlainError } from '../errors.ts';
import { AlbumRecord, isEnded } from './album-record.ts';
import type { AlbumCounts, AlbumPhoto } from './album-state.ts';
import type { AlbumWork, PhotoWork } from './album-work.ts';

export type AlbumEvent<Settings, Progress> =
  | { readonly kind: 'photo'; readonly photo: AlbumPhoto<Settings> }
  | { readonly kind: 'progress'; readonly id: string; readonly event: Progress }
  /** Paused by the user, or by `reason`: a full disk, a lost device or drive. */
  | { readonly kind: 'paused'; readonly reason?: PlainError }
  | { readonly kind: 'resumed' }
  | { readonly kind: 'idle' };

export interface AlbumOptions<Settings, Progress> {
  /** The journal's file; made when missing. */
  readonly journal: string;
  /** Forget what an earlier run left in the journal. */
  readonly fresh?: boolean;
  /** How one photo is worked on. */
  readonly work: AlbumWork<Settings, Progress>;
  readonly onEvent?: (event: AlbumEvent<Settings, Progress>) => void;
}

/** Reasons that concern every photo: the queue waits for the user instead of failing them one by one. */
const PAUSING: ReadonlySet<string> = new Set([
  'disk-full',
  'drive-gone',
  'device-lost',
  'device-memory',
  'device-unavailable',
  'engine-unavailable',
  'model-altered',
]);

/** The disk is too small for this very photo, as found before anything was written; another one may fit. */
function lacksRoom({ code, params }: PlainError): boolean {
  return code === 'disk-full' && params?.needed !== undefined;
}

const BREATH_MS = 2;

interface Running<Settings> {
  readonly id: string;
  readonly work: PhotoWork;
  readonly stop: AbortController;
  readonly photo: AlbumPhoto<Settings>;
}

/**
 * A queue of photos with a journal on the disk. Every change of state is in the journal before anybody hears of it, so
 * after kill -9 at any moment opening it again goes on: nothing finished is done again, nothing is lost. While the network
 * runs on one photo, the next one is decoded and the last one encoded.
 */
export class Album<Settings, Progress = never> {
  readonly #options: AlbumOptions<Settings, Progress>;
  readonly #record: AlbumRecord<Settings>;
  readonly #running = new Map<string, Running<Settings>>();
  #loop: Promise<void> | undefined;
  #paused: { reason?: PlainError; resumed: Promise<void>; resume: () => void } | undefined;
  #closed: Promise<void> | undefined;
  readonly #onHalt: (() => void)[] = [];
  readonly #onLeave: (() => void)[] = [];
  #closing = false;

  private constructor(options: AlbumOptions<Settings, Progress>, record: AlbumRecord<Settings>) {
    this.#options = options;
    this.#record = record;
  }

  /**
   * Opens the album at `options.journal`, as a crash may have left it, and waits for `start`.
   * @throws FourfoldError `queue-in-use` while another process has it open
   */
  static async open<Settings, Progress>(options: AlbumOptions<Settings, Progress>): Promise<Album<Settings, Progress>> {
    const tell = (photo: AlbumPhoto<Settings>) => options.onEvent?.({ kind: 'photo', photo });
    const record = await AlbumRecord.open<Settings>(options.journal, { tell, fresh: options.fresh ?? false });
    return new Album(options, record);
  }

  get startedMs(): number {
    return this.#record.startedMs;
  }

  /** In the order they were added. */
  get photos(): readonly AlbumPhoto<Settings>[] {
    return this.#record.photos;
  }

  photo(id: string): AlbumPhoto<Settings> | undefined {
    return this.#record.photo(id);
  }

  get counts(): AlbumCounts {
    return this.#record.counts;
  }

  get state(): 'idle' | 'running' | 'paused' {
    return this.#paused ? 'paused' : this.#loop ? 'running' : 'idle';
  }

  /** Why the queue paused by itself. */
  get pausedBy(): PlainError | undefined {
    return this.#paused?.reason;
  }

  /** Adds photos at the end, also while it runs. */
  add(wanted: readonly { readonly source: string; readonly settings: Settings }[]): AlbumPhoto<Settings>[] {
    return this.#record.add(wanted);
  }

  /** Works until nothing waits; safe to call while it runs. The promise is that of the whole run. */
  start(): Promise<void> {
    this.#loop ??= this.#run().finally(() => {
      this.#loop = undefined;
      if (!this.#closing) this.#options.onEvent?.({ kind: 'idle' });
    });
    return this.#loop;
  }

  /** Resolves when the queue pauses, for whoever cannot resume it. */
  halted(): Promise<void> {
    return new Promise((done) => {
      if (this.#paused) done();
      else this.#onHalt.push(done);
    });
  }

  /** Stops within one tile and keeps everything where it is. */
  pause(reason?: PlainError): void {
    if (this.#paused) return;
    let resume = () => {};
    const resumed = new Promise<void>((done) => {
      resume = done;
    });
    this.#paused = { ...(reason && { reason }), resumed, resume };
    for (const { id, work } of this.#running.values())
      if (work.stage === 'network') this.#change(id, { state: 'paused' });
    this.#options.onEvent?.({ kind: 'paused', ...(reason && { reason }) });
    for (const halt of this.#onHalt.splice(0)) halt();
  }

  /** Goes on after a pause; photos the pause threw back are tried again. */
  resume(): void {
    const paused = this.#paused;
    if (!paused) return;
    this.#paused = undefined;
    for (const photo of this.#record.photos)
      if (photo.state === 'paused')
        this.#change(photo.id, { state: this.#running.has(photo.id) ? 'running' : 'waiting' });
    this.#options.onEvent?.({ kind: 'resumed' });
    paused.resume();
    void this.start();
  }

  /** Stops these photos, or everything unfinished; finished files stay. */
  cancel(ids?: readonly string[]): void {
    for (const id of ids ?? this.#record.photos.map((photo) => photo.id)) {
      const photo = this.#record.photo(id);
      if (!photo || isEnded(photo)) continue;
      const running = this.#running.get(id);
      // Between encoding and its final name a photo is as good as done; let it arrive rather than tell a lie.
      if (running?.work.stage === 'finish') continue;
      this.#change(id, { state: 'cancelled' });
      running?.stop.abort();
    }
    if (!ids) this.resume();
  }

  /** Tries these again, or every failed one; a done one only when it is said so (its source has changed). */
  retry(ids?: readonly string[], { evenDone = false } = {}): void {
    const chosen = ids && new Set(ids);
    for (const photo of this.#record.photos) {
      const wanted = chosen
        ? chosen.has(photo.id) && isEnded(photo) && (evenDone || photo.state !== 'done')
        : photo.state === 'failed';
      if (wanted && !this.#running.has(photo.id)) this.#change(photo.id, { state: 'waiting' });
    }
  }

  /** Gives photos other settings, for the next time they are worked on. */
  adjust(changes: readonly { readonly id: string; readonly settings: Settings }[]): void {
    this.#record.adjust(changes);
  }

  /** Takes ended photos off the list; their files stay. Returns their ids. */
  clear(): string[] {
    const ids = this.#record.photos.filter(isEnded).map(({ id }) => id);
    this.#record.remove(ids);
    return ids;
  }

  /** Takes these photos off the list, but for those being worked on. */
  remove(ids: readonly string[]): void {
    this.#record.remove(ids.filter((id) => !this.#running.has(id)));
  }

  /** Stops within one tile, puts the photos at hand back to waiting and frees the journal for another process. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#closing = true;
    for (const { stop, work } of this.#running.values()) if (work.stage !== 'finish') stop.abort();
    this.#paused?.resume();
    await this.#loop?.catch(() => {});
    this.#record.close();
  }

  async #run(): Promise<void> {
    let ahead: Promise<Running<Settings> | undefined> | undefined;
    let finishing: Promise<void> = Promise.resolve();
    for (;;) {
      const current = await (ahead ?? this.#prepareNext());
      ahead = undefined;
      if (!current) {
        await finishing;
        if (this.#closing || !this.#record.waiting(this.#running)) return;
        if (this.#paused) await this.#paused.resumed;
        continue;
      }
      if (!this.#closing) ahead = this.#prepareNext();
      const enlarged = await this.#attempt(current, async () => {
        await this.#turn(current);
        if (this.#record.photo(current.id)?.state === 'waiting') this.#change(current.id, { state: 'running' });
        await current.work.enlarge();
      });
      await finishing;
      finishing = enlarged ? this.#finish(current) : Promise.resolve();
    }
  }

  /** Decodes the next waiting photo; undefined when there is none. A photo that cannot be decoded fails here. */
  async #prepareNext(): Promise<Running<Settings> | undefined> {
    for (;;) {
      if (this.#closing) return undefined;
      if (this.#paused) await this.#paused.resumed;
      const photo = this.#record.waiting(this.#running);
      if (!photo || this.#closing) return undefined;
      const running = this.#open(photo);
      if (await this.#attempt(running, () => this.#prepare(running), true)) return running;
    }
  }

  async #prepare({ id, work }: Running<Settings>): Promise<void> {
    try {
      await work.prepare();
    } catch (error) {
      // What the photos at hand have on the disk may be all that is missing.
      if (!lacksRoom(toPlainError(error)) || this.#running.size < 2) throw error;
      await this.#alone(id);
      await work.prepare();
    }
  }

  /** Waits until no photo but this one is worked on. */
  async #alone(id: string): Promise<void> {
    while (this.#running.size > (this.#running.has(id) ? 1 : 0))
      await new Promise<void>((done) => this.#onLeave.push(done));
  }

  #leave(id: string): void {
    this.#running.delete(id);
    for (const left of this.#onLeave.splice(0)) left();
  }

  #open(photo: AlbumPhoto<Settings>): Running<Settings> {
    const stop = new AbortController();
    const record = this.#record;
    const running: Running<Settings> = {
      id: photo.id,
      photo,
      stop,
      work: this.#options.work(photo, {
        signal: stop.signal,
        isTaken: (path) => record.isTaken(path, photo.id),
        get sources() {
          return record.photos.map(({ source }) => source);
        },
        turn: () => this.#turn(running),
        onProgress: (event) => this.#options.onEvent?.({ kind: 'progress', id: photo.id, event }),
        note: (change) => this.#change(photo.id, change),
      }),
    };
    this.#running.set(photo.id, running);
    return running;
  }

  /** Waits while the queue is paused; between two tiles of a photo and before its first. */
  async #turn({ id, stop }: Running<Settings>): Promise<void> {
    // The network blocks this thread for the length of a tile. A moment in between lets the photo before and the one
    // after go several small steps at the disk instead of one.
    if (this.#running.size > 1) await new Promise((done) => setTimeout(done, BREATH_MS));
    while (this.#paused && !stop.signal.aborted && !this.#closing) {
      if (this.#record.photo(id)?.state === 'running') this.#change(id, { state: 'paused' });
      await Promise.race([this.#paused.resumed, aborted(stop.signal)]);
    }
    stop.signal.throwIfAborted();
  }

  async #finish(current: Running<Settings>): Promise<void> {
    await this.#attempt(current, async () => {
      const outcome = await current.work.finish();
      this.#change(current.id, { state: outcome.skipped ? 'skipped' : 'done', result: outcome.result });
      this.#leave(current.id);
    });
  }

  /**
   * Runs a stage; a failure becomes the photo's state. True when the photo goes on to the next stage. While one is
   * prepared `ahead`, the photo at hand goes on; later this very run is what the others wait for.
   */
  async #attempt(running: Running<Settings>, stage: () => Promise<void>, ahead = false): Promise<boolean> {
    const { id, work, stop } = running;
    let halt: PlainError | undefined;
    try {
      await stage();
      if (!work.ended) return true;
      // Decided early (a file of that name exists and is to be kept): nothing to run.
      this.#change(id, { state: 'skipped', result: work.ended });
    } catch (thrown) {
      const error = toPlainError(thrown, running.photo.source);
      const state = this.#record.photo(id)?.state;
      if (state === 'cancelled') {
        // Told already.
      } else if (this.#closing && stop.signal.aborted) this.#change(id, { state: 'waiting' });
      else if (error.code === 'cancelled') this.#change(id, { state: 'cancelled' });
      else if (this.#concernsAll(error) && !(ahead && lacksRoom(error))) {
        this.#running.delete(id);
        this.#change(id, { state: 'paused', error });
        if (ahead) halt = error;
        else this.pause(error);
      } else this.#change(id, { state: 'failed', error });
    }
    this.#leave(id);
    await work.discard().catch(() => {});
    if (halt) await this.#haltAlone(id, halt);
    return false;
  }

  /** Where the journal cannot be written, no photo can go on. */
  #concernsAll({ code, path }: PlainError): boolean {
    return PAUSING.has(code) || path === this.#options.journal;
  }

  /** Pauses for a photo that was only being prepared, once those at hand are done: they are past what stopped it. */
  async #haltAlone(id: string, reason: PlainError): Promise<void> {
    await this.#alone(id);
    // Meanwhile it may have been cancelled, or taken up again by a pause and a resume.
    if (!this.#closing && this.#record.photo(id)?.state === 'paused') this.pause(reason);
  }

  #change(id: string, change: Partial<AlbumPhoto<Settings>>): void {
    const fault = this.#record.change(id, change);
    if (fault) this.pause(fault);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done();
    else signal.addEventListener('abort', () => done(), { once: true });
  });
}
