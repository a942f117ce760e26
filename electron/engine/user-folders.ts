import { homedir } from 'node:os';
import { join } from 'node:path';

/** Fourfold's own folder for what can be made again, by the customs of the system. */
export function cacheHome(): string {
  if (process.platform === 'win32') return join(localAppData(), 'Fourfold', 'cache');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'Fourfold');
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'fourfold');
}

/** Fourfold's own folder for what must outlive the process, by the customs of the system. */
export function stateHome(): string {
  if (process.platform === 'win32') return join(localAppData(), 'Fourfold');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Fourfold');
  return join(process.env.XDG_STATE_HOME || join(homedir(), '.local', 'state'), 'fourfold');
}

function localAppData(): string {
  return process.env.LOCALAPPDATA || join(homedir(), 'AppData', 'Local');
}
