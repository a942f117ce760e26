import { closeSync, fsyncSync, openSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { systemCode } from '../errors.ts';

/** FAT, exFAT and some network and shared disks have no hard links; this is what they say to one. */
export function lacksLinks(error: unknown): boolean {
  return ['EPERM', 'ENOTSUP', 'ENOSYS', 'EOPNOTSUPP', 'EMLINK'].includes(systemCode(error) ?? '');
}

/** Some of them cannot sync a folder either; the files in it are safe. */
function lacksFolderSync(error: unknown): boolean {
  return ['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'EPERM'].includes(systemCode(error) ?? '');
}

/** Makes a new name last through a power cut, where the disk can. Windows has no such call and does it by itself. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } catch (error) {
    if (!lacksFolderSync(error)) throw error;
  } finally {
    await folder.close();
  }
}

/** As `syncFolder`, for what must be on the disk when it returns. */
export function syncFolderNow(path: string): void {
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } catch (error) {
    if (!lacksFolderSync(error)) throw error;
  } finally {
    closeSync(folder);
  }
}
