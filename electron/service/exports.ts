import { stat } from 'node:fs/promises';
import type { ExportedFile, Job } from '../contract.ts';
import { enhancePhoto } from '../engine/enhance.ts';
import type { EnhanceEvent, PhotoSettings, TileCache } from '../engine/enhance-options.ts';
import { toPlainError } from '../engine/errors.ts';
import type { ModelPair } from '../engine/network/model.ts';
import type { NetworkPool } from '../engine/run/network-pool.ts';
import { type ExportedFiles, jobAfter } from './exported-files.ts';
import { newId } from './grants.ts';
import type { ListedPhoto } from './photo-list.ts';
import { withoutFolder } from './without-folder.ts';

export interface ExportsOptions {
  readonly models: ModelPair;
  readonly network: NetworkPool;
  readonly scratchDir: string;
  readonly files: ExportedFiles;
  /** The kept tiles of a photo of this size. */
  readonly tiles: (path: string, size: { width: number; height: number }) => Promise<TileCache>;
  readonly onChange: (job: Job) => void;
  readonly onFile: (photo: string, file: ExportedFile) => void;
  readonly onEvent: (event: EnhanceEvent) => void;
}

interface Entry {
  job: Job;
  readonly stop: AbortController;
}

/** Single exports: one after another, each with its progress, until the page takes it off the list. */
export class Exports {
  readonly #options: ExportsOptions;
  readonly #entries = new Map<string, Entry>();
  #last: Promise<void> = Promise.resolve();

  constructor(options: ExportsOptions) {
    this.#options = options;
  }

  get jobs(): Job[] {
    return [...this.#entries.values()].map(({ job }) => job);
  }

  /** @param blend 0…100 */
  start(listed: ListedPhoto, settings: PhotoSettings, blend: number): Job {
    const { id, name, folder, info } = listed.photo;
    const job: Job = {
      ...{ id: newId(), photo: id, name, folder, blend },
      ...{ width: info?.width ?? 0, height: info?.height ?? 0 },
      ...{ state: 'waiting', progress: 0, secondsLeft: null, notes: [] },
    };
    const entry: Entry = { job, stop: new AbortController() };
    this.#entries.set(job.id, entry);
    this.#last = this.#last.then(() => this.#run(entry, listed, settings));
    return job;
  }

  /** Stops within one tile; nothing half written stays. */
  cancel(id: string): void {
    const entry = this.#entries.get(id);
    if (!entry || ended(entry.job)) return;
    entry.stop.abort();
    if (entry.job.state === 'waiting') this.#set(entry, { state: 'cancelled' });
  }

  /** Takes an ended one off the list. */
  dismiss(id: string): void {
    const entry = this.#entries.get(id);
    if (entry && ended(entry.job)) this.#entries.delete(id);
  }

  async close(): Promise<void> {
    for (const { stop } of this.#entries.values()) stop.abort();
    await this.#last;
  }

  async #run(entry: Entry, { path }: ListedPhoto, settings: PhotoSettings): Promise<void> {
    if (entry.stop.signal.aborted) return;
    const { models, network, scratchDir, tiles, files, onFile, onEvent } = this.#options;
    this.#set(entry, { state: 'running', stage: 'decode' });
    try {
      const tileCache = await tiles(path, entry.job);
      const options = { ...settings, models, network, scratchDir, tileCache, signal: entry.stop.signal };
      const result = await enhancePhoto(path, options, (event) => {
        onEvent(event);
        const change = jobAfter(entry.job, event);
        if (change) this.#set(entry, change);
      });
      const file = files.add(result.path, result.bytes || (await stat(result.path)).size);
      if (result.outcome === 'written') onFile(entry.job.photo, file);
      const state = result.outcome === 'written' ? 'done' : 'skipped';
      this.#set(entry, { state, file, progress: 1, secondsLeft: 0, notes: result.notes });
    } catch (error) {
      const plain = toPlainError(error);
      const cancelled = entry.stop.signal.aborted || plain.code === 'cancelled';
      this.#set(
        entry,
        cancelled ? { state: 'cancelled', secondsLeft: null } : { state: 'failed', error: withoutFolder(plain) },
      );
    }
  }

  #set(entry: Entry, change: Partial<Job>): void {
    entry.job = { ...entry.job, ...change };
    this.#options.onChange(entry.job);
  }
}

function ended({ state }: Job): boolean {
  return state === 'done' || state === 'skipped' || state === 'failed' || state === 'cancelled';
}
