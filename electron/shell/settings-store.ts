import type { Settings } from '../contract.ts';
import { type KeptStore, keptStore } from './kept-store.ts';

/**
 * The user's settings on the disk. The service checks each entry and fills in what is missing or wrong, so that a file
 * of an older version stays good; here only a file that is no JSON object at all is put aside, as `settings.bad`.
 * @param folder the program's user data folder
 */
export function settingsStore(folder: string): KeptStore<Partial<Settings>> {
  return keptStore<Partial<Settings>>({ folder, name: 'settings', schema: {} });
}
