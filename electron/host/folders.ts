import { homedir } from 'node:os';
import { join } from 'node:path';
import { cacheHome, stateHome } from '../engine/user-folders.ts';

export interface HostFolders {
  readonly state: string;
  readonly cache: string;
  readonly output: string;
}

/** Where the browser edition keeps its things, by the customs of the system. */
export function hostFolders(): HostFolders {
  return {
    state: join(stateHome(), 'browser'),
    cache: join(cacheHome(), 'tiles'),
    output: join(homedir(), 'Pictures', 'Fourfold'),
  };
}
