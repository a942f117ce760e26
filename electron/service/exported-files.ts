import { basename } from 'node:path';
import type { ExportedFile, Job } from '../contract.ts';
import type { EnhanceEvent } from '../engine/enhance-options.ts';
import { newId } from './grants.ts';

/** Files this session wrote, by id: what "Show file" and a download link may reach. */
export class ExportedFiles {
  readonly #paths = new Map<string, string>();
  readonly #ids = new Map<string, string>();
  readonly #download: ((id: string) => string) | undefined;

  /** @param download makes a link for the page, in the browser edition */
  constructor(download?: (id: string) => string) {
    this.#download = download;
  }

  add(path: string, bytes: number): ExportedFile {
    const id = this.#ids.get(path) ?? newId();
    this.#ids.set(path, id);
    this.#paths.set(id, path);
    return { id, name: basename(path), bytes, ...(this.#download && { download: this.#download(id) }) };
  }

  path(id: string): string | undefined {
    return this.#paths.get(id);
  }
}

/** What an event of the engine changes in a job's row; undefined for events that change nothing. */
export function jobAfter(job: Job, event: EnhanceEvent): Partial<Job> | undefined {
  switch (event.kind) {
    case 'stage':
      return job.stage === event.stage ? undefined : { stage: event.stage };
    case 'decoded':
      return { width: event.info.width, height: event.info.height };
    case 'session':
      return { device: event.deviceName, precision: event.precision };
    case 'tile':
      return { progress: event.done / event.total, secondsLeft: event.secondsLeft || job.secondsLeft };
    case 'note':
      return { notes: [...job.notes, event.note] };
    default:
      return undefined;
  }
}
