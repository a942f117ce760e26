import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Rectangle } from 'electron';
import Store from 'electron-store';

export interface Remembered {
  readonly bounds?: Rectangle;
  readonly maximized?: boolean;
}

export interface WindowMemory {
  read(): Remembered;
  write(remembered: Remembered): void;
  /** Where an unreadable file was put aside, if that happened. */
  readonly aside?: string;
}

const NAME = 'window';
const length = { type: 'integer', minimum: 1, maximum: 100_000 } as const;
const place = { type: 'integer', minimum: -100_000, maximum: 100_000 } as const;
const schema = {
  bounds: {
    type: 'object',
    properties: { x: place, y: place, width: length, height: length },
    required: ['x', 'y', 'width', 'height'],
  },
  maximized: { type: 'boolean' },
} as const;

/**
 * What the shell remembers between starts (the user's settings are the service's). The store throws on a file that is
 * empty, cut short or of another shape; such a file is put aside as `window.bad`, never wiped.
 * @param folder the program's user data folder
 */
export function windowMemory(folder: string): WindowMemory {
  const open = () => new Store<Remembered>({ name: NAME, cwd: folder, schema });
  try {
    return remembering(open());
  } catch {
    const aside = join(folder, `${NAME}.bad`);
    const file = join(folder, `${NAME}.json`);
    if (existsSync(file)) renameSync(file, aside);
    return { ...remembering(open()), aside };
  }
}

function remembering(store: Store<Remembered>): WindowMemory {
  return {
    read: () => store.store,
    write: (remembered) => {
      store.store = remembered;
    },
  };
}
