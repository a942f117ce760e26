import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { cacheFolder } from '../../electron/engine/device/verdict-store.ts';
import { scratchRoot } from '../../electron/engine/output/scratch-folder.ts';
import { cacheHome, stateHome } from '../../electron/engine/user-folders.ts';
import { hostFolders } from '../../electron/host/folders.ts';

beforeEach(() => {
  for (const name of ['FOURFOLD_CACHE', 'FOURFOLD_SCRATCH', 'FOURFOLD_STATE', 'LOCALAPPDATA']) vi.stubEnv(name, '');
  for (const name of ['XDG_CACHE_HOME', 'XDG_STATE_HOME']) vi.stubEnv(name, '');
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

it.each([
  ['linux', '.cache/fourfold', '.local/state/fourfold'],
  ['darwin', 'Library/Caches/Fourfold', 'Library/Application Support/Fourfold'],
  ['win32', 'AppData/Local/Fourfold/cache', 'AppData/Local/Fourfold'],
])('on %s everything lies below the same two folders', (platform, cache, state) => {
  vi.spyOn(process, 'platform', 'get').mockReturnValue(platform as NodeJS.Platform);
  expect(cacheHome()).toBe(join(homedir(), cache));
  expect(stateHome()).toBe(join(homedir(), state));
  expect(cacheFolder()).toBe(cacheHome());
  expect(scratchRoot()).toBe(join(cacheHome(), 'scratch'));
  expect(hostFolders()).toMatchObject({ cache: join(cacheHome(), 'tiles'), state: join(stateHome(), 'browser') });
});

it('the folders the environment names are taken', () => {
  vi.spyOn(process, 'platform', 'get').mockReturnValue('linux');
  vi.stubEnv('XDG_CACHE_HOME', '/c');
  vi.stubEnv('XDG_STATE_HOME', '/s');
  expect([cacheHome(), stateHome()]).toEqual(['/c/fourfold', '/s/fourfold']);
  vi.spyOn(process, 'platform', 'get').mockReturnValue('win32');
  vi.stubEnv('LOCALAPPDATA', '/l');
  expect([cacheHome(), stateHome()]).toEqual(['/l/Fourfold/cache', '/l/Fourfold']);
});
