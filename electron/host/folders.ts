import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

export interface HostFolders {
  readonly state: string;
  readonly cache: string;
  readonly output: string;
}

/** Where the browser edition keeps its things, by the customs of the system. */
export function hostFolders(): HostFolders {
  const { XDG_STATE_HOME, XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  const output = join(homedir(), 'Pictures', 'Fourfold');
  if (process.platform === 'win32') {
    const base = join(LOCALAPPDATA ?? tmpdir(), 'Fourfold');
    return { state: join(base, 'browser'), cache: join(base, 'browser', 'tiles'), output };
  }
  if (process.platform === 'darwin') {
    const library = join(homedir(), 'Library');
    return {
      state: join(library, 'Application Support', 'Fourfold', 'browser'),
      cache: join(library, 'Caches', 'Fourfold', 'tiles'),
      output,
    };
  }
  return {
    state: join(XDG_STATE_HOME ?? join(homedir(), '.local', 'state'), 'fourfold', 'browser'),
    cache: join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'fourfold', 'tiles'),
    output,
  };
}
