import type { Album, EventMessage, Job, Settings } from '../contract.ts';
import type { RunningWork, Words } from './words.ts';

/** What the shell shows of running work outside the page; the calls are Electron's. */
export interface ActivityOutlets {
  /** 0…1, or -1 for none; modes other than normal are Windows only. */
  readonly setProgress: (share: number, mode: 'normal' | 'paused' | 'error') => void;
  /** Keeps the computer from sleeping; returns the way to let it. */
  readonly keepAwake: () => () => void;
  readonly notify: (title: string, body: string) => void;
  readonly focused: () => boolean;
  readonly words: () => Words;
  /** Milliseconds that only grow. */
  readonly now: () => number;
}

/** Shorter work needs no notification: the user is still there for half a minute. */
const WORTH_TELLING_MS = 30_000;

/** Follows the service's events: taskbar progress, no sleep while work runs, a notification when it ends unseen. */
export class Activity {
  readonly #outlets: ActivityOutlets;
  readonly #exports = new Map<string, Job>();
  #album: Album | undefined;
  #settings: Pick<Settings, 'keepAwake' | 'notifications'>;
  #letSleep: (() => void) | undefined;
  #albumSince: number | undefined;

  constructor(outlets: ActivityOutlets, settings: Pick<Settings, 'keepAwake' | 'notifications'>) {
    this.#outlets = outlets;
    this.#settings = settings;
  }

  /** Work that quitting would interrupt: an album goes on at the next start, exports do not. */
  get running(): RunningWork {
    return { album: this.#album?.state === 'running', exports: this.#exports.size > 0 };
  }

  get busy(): boolean {
    const { album, exports } = this.running;
    return album || exports;
  }

  take(message: EventMessage): void {
    if (message.event === 'settings.changed') this.#settings = message.data;
    else if (message.event === 'album.changed') this.#takeAlbum(message.data.album);
    else if (message.event === 'export.changed') this.#takeExport(message.data);
    else return;
    this.#show();
  }

  /** The service's process is gone: nothing runs until it says so again. */
  reset(): void {
    this.#exports.clear();
    this.#album = undefined;
    this.#albumSince = undefined;
    this.#show();
  }

  #takeAlbum(album: Album): void {
    const { now } = this.#outlets;
    const was = this.#album?.state;
    this.#album = album;
    if (album.state === 'running' && was !== 'running') this.#albumSince ??= now();
    const began = this.#albumSince ?? now();
    if (album.state === 'idle') this.#albumSince = undefined;
    if (album.state === 'running' || was !== 'running') return;
    // A pause the user asked for needs no telling, one that came by itself does.
    if (album.state === 'idle' || album.pausedBy) this.#tell(album, now() - began);
  }

  #tell(album: Album, tookMs: number): void {
    const { notify, focused, words } = this.#outlets;
    if (!this.#settings.notifications || focused() || (tookMs < WORTH_TELLING_MS && !album.pausedBy)) return;
    const { done, failed, total } = album.counts;
    const say = words();
    const body = album.pausedBy
      ? `${say.albumPaused} ${album.pausedBy.sentence}`
      : failed > 0
        ? `${say.albumDone(done, total)} ${say.albumFailures(failed)}`
        : say.albumDone(done, total);
    notify('Fourfold', body);
  }

  #takeExport(job: Job): void {
    if (job.state === 'running' || job.state === 'waiting') this.#exports.set(job.id, job);
    else this.#exports.delete(job.id);
  }

  #show(): void {
    if (this.busy && this.#settings.keepAwake) this.#letSleep ??= this.#outlets.keepAwake();
    else {
      this.#letSleep?.();
      this.#letSleep = undefined;
    }
    const album = this.#album;
    if (album && album.state !== 'idle') {
      const mode = album.state === 'running' ? 'normal' : album.pausedBy ? 'error' : 'paused';
      this.#outlets.setProgress(endedShare(album), mode);
    } else if (this.#exports.size > 0) {
      const all = [...this.#exports.values()];
      this.#outlets.setProgress(all.reduce((sum, job) => sum + job.progress, 0) / all.length, 'normal');
    } else this.#outlets.setProgress(-1, 'normal');
  }
}

function endedShare({ counts }: Album): number {
  const ended = counts.done + counts.skipped + counts.failed + counts.cancelled;
  return counts.total === 0 ? 0 : ended / counts.total;
}
