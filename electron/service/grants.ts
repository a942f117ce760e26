import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Grant } from '../contract.ts';
import { FourfoldError } from '../engine/errors.ts';

export interface Granted {
  readonly path: string;
  readonly name: string;
  readonly kind: 'file' | 'folder';
  readonly use: 'read' | 'write';
  /** The folder the page is to show beside the name, for files handed over one by one out of a folder. */
  readonly folder: string;
}

/** An id nobody can guess, so that knowing one is the permission. */
export function newId(): string {
  return randomBytes(12).toString('base64url');
}

/** The files and folders the user handed over. A page names them by id and never sees or says a path. */
export class Grants {
  readonly #granted = new Map<string, Granted>();

  async add(path: string, use: 'read' | 'write', name = basename(path), folder = ''): Promise<Grant> {
    const kind = (await stat(path).catch(() => undefined))?.isDirectory() ? 'folder' : 'file';
    const id = newId();
    this.#granted.set(id, { path, name, kind, use, folder });
    return { id, name, kind };
  }

  /** @throws FourfoldError `not-granted` for an id nobody gave out, or gave out for another use */
  take(id: string, use: 'read' | 'write'): Granted {
    const granted = this.#granted.get(id);
    if (granted?.use === use) return granted;
    throw new FourfoldError(
      'not-granted',
      'Fourfold was not given this file or folder. Nothing was read or written. Choose it again.',
    );
  }
}
