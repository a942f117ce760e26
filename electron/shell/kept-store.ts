import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import Store from 'electron-store';

export interface KeptStore<T> {
  read(): T;
  /** Never throws: where the disk takes nothing, the value stands until the program ends. */
  write(value: T): void;
  /** Where an unreadable file was put aside, if that happened. */
  readonly aside?: string;
}

type Schema<T> = NonNullable<ConstructorParameters<typeof Store<T & Record<string, unknown>>>[0]>['schema'];

export interface KeptStoreOptions<T> {
  /** The program's user data folder. */
  readonly folder: string;
  /** Of the file, without `.json`. */
  readonly name: string;
  readonly schema?: Schema<T>;
}

/**
 * A small JSON file of the shell's. The store throws on a file that is empty, cut short or of another shape; such a file
 * is put aside as `<name>.bad` and kept, never wiped, and the store begins anew.
 */
export function keptStore<T extends object>({ folder, name, schema }: KeptStoreOptions<T>): KeptStore<T> {
  const open = () => {
    const store = new Store<T & Record<string, unknown>>({ name, cwd: folder, ...(schema && { schema }) });
    let unkept: T | undefined;
    let told = false;
    return {
      read: (): T => unkept ?? store.store,
      write: (value: T) => {
        try {
          store.store = value as T & Record<string, unknown>;
          unkept = undefined;
        } catch (error) {
          unkept = value;
          // Once: a full disk stays full for a while, and a slider writes often.
          if (!told) console.error(`${store.path} cannot be written; it is tried again at each change.`, error);
          told = true;
        }
      },
    };
  };
  try {
    return open();
  } catch {
    const aside = join(folder, `${name}.bad`);
    const file = join(folder, `${name}.json`);
    if (existsSync(file)) renameSync(file, aside);
    return { ...open(), aside };
  }
}
