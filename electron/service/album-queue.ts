import type { Album as AlbumState, Events, ExportedFile, Job, JobCounts, PlainError, Recovery } from '../contract.ts';
import { Album, type AlbumEvent } from '../engine/album/album.ts';
import { isEnded } from '../engine/album/album-record.ts';
import { type AlbumPhoto, countPhotos } from '../engine/album/album-state.ts';
import { type AlbumWork, engineWork } from '../engine/album/album-work.ts';
import type { EnhanceEvent, PhotoSettings, TileCache } from '../engine/enhance-options.ts';
import type { ModelPair } from '../engine/network/model.ts';
import type { NetworkPool } from '../engine/run/network-pool.ts';
import type { CrashWatch } from './crash-watch.ts';
import { type ExportedFiles, jobAfter } from './exported-files.ts';
import { withoutFolder } from './without-folder.ts';

/** A photo's settings in the journal, and what its row shows. */
export interface AlbumSettings extends PhotoSettings {
  readonly row: Pick<Job, 'photo' | 'name' | 'folder' | 'width' | 'height' | 'blend'>;
}

export interface AlbumQueueOptions {
  readonly journal: string;
  readonly models: ModelPair;
  /** For photos with kept tiles (on the viewer's grid) and for the others. */
  readonly network: { readonly gridded: NetworkPool; readonly measured: NetworkPool };
  readonly scratchDir: string;
  readonly files: ExportedFiles;
  readonly watch: CrashWatch;
  /** The kept tiles of a photo the viewer has worked on, else undefined. */
  readonly tiles: (photo: AlbumSettings, source: string) => TileCache | undefined;
  /** The id under which a file is open now; after a restart it may be another than its row's. */
  readonly photoAt: (path: string) => string | undefined;
  /** Source px a second. */
  readonly rate: () => number | null;
  readonly onChange: (change: Events['album.changed']) => void;
  readonly onFile: (photo: string, file: ExportedFile) => void;
  readonly onEvent: (event: EnhanceEvent) => void;
}

type Photo = AlbumPhoto<AlbumSettings>;
type Wanted = Pick<Photo, 'source' | 'settings'>;

/** News about rows is gathered for this long, ms: a graphics device makes a hundred tiles a second. */
const GATHER = 50;

/** The time left is told again when it is this far off. */
const WORTH_TELLING = 0.1;

/** The album over the engine's journal, as rows and counts for the page. */
export class AlbumQueue {
  readonly #options: AlbumQueueOptions;
  readonly #jobs = new Map<string, Job>();
  readonly #changed = new Set<string>();
  readonly #removed: string[] = [];
  #album: Album<AlbumSettings, EnhanceEvent> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #secondsLeft: number | null = null;
  #recovery: Recovery | null = null;

  constructor(options: AlbumQueueOptions) {
    this.#options = options;
  }

  /**
   * Opens the journal. What a former run left unfinished, or could not do and nobody may have seen, becomes the recovery
   * offer.
   * @param restored the process before this one died under a page that still shows the rows
   * @param inOrder the run before this one was closed, and did not die
   * @throws FourfoldError `queue-in-use`
   */
  async open(restored = false, inOrder = false): Promise<void> {
    if (this.#album) return;
    const album = await Album.open<AlbumSettings, EnhanceEvent>({
      journal: this.#options.journal,
      work: this.#work(),
      onEvent: (event) => this.#heard(event),
    });
    this.#album = album;
    const { waiting, done, failed, total } = album.counts;
    if (waiting === 0 && restored) for (const photo of album.photos) this.#take(photo);
    else if (waiting + failed === 0) album.clear();
    else {
      const rows = album.photos.map(({ settings, state }) => ({ name: settings.row.name, state }));
      this.#recovery = { inOrder, done, total, startedMs: album.startedMs, rows };
    }
  }

  get recovery(): Recovery | null {
    return this.#recovery;
  }

  get jobs(): Job[] {
    return [...this.#jobs.values()];
  }

  /** What paused it; the same object while the pause lasts. */
  get pausedBy(): PlainError | undefined {
    return this.#album?.pausedBy;
  }

  get state(): AlbumState {
    const { pausedBy } = this;
    return {
      state: this.#recovery ? 'idle' : (this.#album?.state ?? 'idle'),
      ...(pausedBy && { pausedBy: withoutFolder(pausedBy) }),
      counts: this.#counts(),
      secondsLeft: this.#secondsLeft,
    };
  }

  /** Rows of the former run and their sources, for the filmstrip. */
  recover(): { source: string; row: AlbumSettings['row'] }[] {
    const album = this.#album;
    if (!album || !this.#recovery) return [];
    this.#recovery = null;
    for (const photo of album.photos) this.#take(photo);
    this.#begin();
    return album.photos.map(({ source, settings }) => ({ source, row: settings.row }));
  }

  discard(): void {
    if (!this.#album || !this.#recovery) return;
    this.#recovery = null;
    this.#album.cancel();
    this.#album.clear();
    this.#jobs.clear();
    this.#changed.clear();
    this.#tell();
  }

  /** Of an open queue; an offer is taken up or discarded before. The rows of what was wanted, new or not. */
  add(wanted: readonly Wanted[]): Job[] {
    const album = this.#album!;
    const rows = new Map(album.photos.filter((photo) => !isEnded(photo)).map((photo) => [workOf(photo), photo.id]));
    const fresh = new Map(wanted.map((one) => [workOf(one), one] as const).filter(([work]) => !rows.has(work)));
    for (const photo of album.add([...fresh.values()])) rows.set(workOf(photo), photo.id);
    this.#begin();
    const ids = new Set(wanted.map((one) => rows.get(workOf(one))!));
    return [...ids].map((id) => this.#jobs.get(id)!);
  }

  pause(): void {
    if (this.#album?.state === 'running') this.#album.pause();
  }

  resume(): void {
    if (this.#recovery) return;
    this.#album?.resume();
    this.#begin();
  }

  cancel(ids?: readonly string[]): void {
    if (!this.#recovery) this.#album?.cancel(ids);
  }

  retry(ids?: readonly string[]): void {
    if (!this.#album || this.#recovery) return;
    for (const { id, source } of this.#album.photos) if (!ids || ids.includes(id)) this.#options.watch.forgive(source);
    this.#album.retry(ids);
    if (this.#album.state === 'paused') this.#album.resume();
    this.#begin();
  }

  clear(): void {
    if (!this.#album || this.#recovery) return;
    for (const id of this.#album.clear()) {
      this.#jobs.delete(id);
      this.#removed.push(id);
    }
    this.#tell();
  }

  /** Stops within one tile; what is unfinished is offered at the next start, an ended list has been seen. */
  async close(): Promise<void> {
    if (this.#album && !this.#recovery && isOver(this.#album.counts)) this.#album.clear();
    await this.#album?.close();
    this.#album = undefined;
    clearTimeout(this.#timer);
  }

  #begin(): void {
    if (!this.#album) return;
    const { waiting } = this.#album.counts;
    // The queue answers for its own failures photo by photo; what still comes out is a journal that cannot be written.
    if (waiting > 0) this.#album.start().catch(() => this.#album?.pause());
    this.#tell();
  }

  #work(): AlbumWork<AlbumSettings, EnhanceEvent> {
    const { models, network, scratchDir, tiles, watch } = this.#options;
    return (photo, around) => {
      const tileCache = tiles(photo.settings, photo.source);
      const engine = tileCache
        ? engineWork({ models, network: network.gridded, scratchDir, tileCache })
        : engineWork({ models, network: network.measured, scratchDir });
      const work = (engine as unknown as AlbumWork<AlbumSettings, EnhanceEvent>)(photo, around);
      return Object.create(work, {
        prepare: { value: () => watch.around(photo.source, () => work.prepare()) },
        enlarge: { value: () => work.enlarge() },
        finish: { value: () => watch.around(photo.source, () => work.finish()) },
        discard: { value: () => work.discard() },
      }) as typeof work;
    };
  }

  #heard(event: AlbumEvent<AlbumSettings, EnhanceEvent>): void {
    if (event.kind === 'photo') {
      if (!this.#recovery) this.#take(event.photo);
    } else if (event.kind === 'progress') {
      this.#options.onEvent(event.event);
      const job = this.#jobs.get(event.id);
      const change = job && jobAfter(job, event.event);
      if (job && change) this.#set({ ...job, ...change });
    }
    this.#tell();
  }

  #take({ id, source, settings, state, result, error }: Photo): void {
    const before = this.#jobs.get(id);
    const photo = this.#options.photoAt(source) ?? settings.row.photo;
    const file = result && this.#options.files.add(result.path, result.bytes);
    const running = state === 'running' || state === 'paused';
    this.#set({
      ...{ notes: [], secondsLeft: null, ...settings.row, photo },
      ...(running && before && { stage: before.stage, progress: before.progress, notes: before.notes }),
      ...{ id, state, progress: state === 'done' || state === 'skipped' ? 1 : running ? (before?.progress ?? 0) : 0 },
      ...(file && { file }),
      ...(result && { device: result.deviceName, precision: result.precision, notes: result.notes }),
      ...(error && { error: withoutFolder(error) }),
    });
    if (state === 'done' && file && before?.state !== 'done') this.#options.onFile(photo, file);
  }

  #set(job: Job): void {
    this.#jobs.set(job.id, job);
    this.#changed.add(job.id);
  }

  #counts(): JobCounts {
    return countPhotos(this.#jobs.values());
  }

  #tell(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#secondsLeft = this.#estimate();
      const jobs = [...this.#changed].flatMap((id) => this.#jobs.get(id) ?? []);
      this.#changed.clear();
      this.#options.onChange({ album: this.state, jobs, removed: this.#removed.splice(0) });
    }, GATHER);
  }

  #estimate(): number | null {
    const rate = this.#options.rate();
    if (rate === null) return null;
    let pixels = 0;
    for (const { state, width, height, progress } of this.#jobs.values())
      if (state === 'waiting' || state === 'running' || state === 'paused') pixels += width * height * (1 - progress);
    const next = pixels / rate;
    const told = this.#secondsLeft;
    return told !== null && next > 0 && Math.abs(next - told) <= WORTH_TELLING * told ? told : next;
  }
}

function isOver({ waiting, running, paused }: JobCounts): boolean {
  return waiting + running + paused === 0;
}

/** What makes two rows the same work: the number only where the name holds it, the tiles and what the row shows never. */
function workOf({ source, settings: { row: _row, tile: _tile, number, ...settings } }: Wanted): string {
  return JSON.stringify([source, settings, settings.template?.includes('{n}') ? number : undefined]);
}
