import type { Rectangle } from 'electron';
import { type KeptStore, keptStore } from './kept-store.ts';

export interface Remembered {
  readonly bounds?: Rectangle;
  readonly maximized?: boolean;
}

export type WindowMemory = KeptStore<Remembered>;

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

/** Where the window was when it was closed. @param folder the program's user data folder */
export function windowMemory(folder: string): WindowMemory {
  return keptStore<Remembered>({ folder, name: 'window', schema });
}
