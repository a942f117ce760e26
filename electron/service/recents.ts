import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Recent } from '../contract.ts';
import { FourfoldError } from '../engine/errors.ts';

const KEPT = 12;

/** The files opened last, newest first. The page sees names and ids. */
export class Recents {
  readonly #file: string;
  readonly #onChange: (recent: Recent[]) => void;
  #paths: string[];

  constructor(file: string, onChange: (recent: Recent[]) => void) {
    this.#file = file;
    this.#onChange = onChange;
    this.#paths = read(file);
  }

  get list(): Recent[] {
    return this.#paths.map((path) => ({ id: idOf(path), name: basename(path), folder: basename(dirname(path)) }));
  }

  /** @throws FourfoldError `source-missing` */
  path(id: string): string {
    const path = this.#paths.find((known) => idOf(known) === id);
    if (path !== undefined) return path;
    throw new FourfoldError('source-missing', 'The photo has moved. Your settings are kept. Locate it.');
  }

  add(paths: readonly string[]): void {
    if (paths.length === 0) return;
    const newest = paths.slice(-KEPT).reverse();
    this.#set([...newest, ...this.#paths.filter((path) => !newest.includes(path))].slice(0, KEPT));
  }

  clear(): void {
    this.#set([]);
  }

  #set(paths: string[]): void {
    this.#paths = paths;
    try {
      mkdirSync(dirname(this.#file), { recursive: true });
      writeFileSync(this.#file, JSON.stringify(paths));
    } catch {
      // A comfort only.
    }
    this.#onChange(this.list);
  }
}

function idOf(path: string): string {
  return createHash('sha256').update(path).digest('base64url').slice(0, 22);
}

function read(file: string): string[] {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return Array.isArray(value) ? value.filter((path): path is string => typeof path === 'string').slice(0, KEPT) : [];
  } catch {
    return [];
  }
}
