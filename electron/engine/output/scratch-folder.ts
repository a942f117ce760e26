import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { writingError } from '../file-errors.ts';
import { cacheHome } from '../user-folders.ts';
import { clearFolder } from './clear-folder.ts';
import { isRunning } from './is-running.ts';

/** A folder of this process for unfinished pictures; it goes when the process ends, and a killed one's with the next start. */
export interface ScratchFolder {
  readonly path: string;
  /** Never fails; what stays goes with a later start. */
  remove(): Promise<void>;
}

/**
 * Where unfinished pictures may lie: the user's cache folder rather than the temporary one, which is memory on many
 * systems (a 100-megapixel photo needs 5 GB). `FOURFOLD_SCRATCH` names another.
 */
export function scratchRoot(): string {
  return process.env.FOURFOLD_SCRATCH || join(cacheHome(), 'scratch');
}

/** Makes this process's folder and clears those of processes that were killed. */
export async function openScratchFolder(root: string = scratchRoot()): Promise<ScratchFolder> {
  const path = await makeFolder(root);
  const leave = () => {
    try {
      rmSync(path, { recursive: true, force: true });
    } catch {}
  };
  process.once('exit', leave);
  return {
    path,
    async remove() {
      process.removeListener('exit', leave);
      await rm(path, { recursive: true, force: true }).catch(() => {});
    },
  };
}

async function makeFolder(root: string): Promise<string> {
  // A home without write permission (a service account, a container) still has a temporary folder.
  for (const at of [root, join(tmpdir(), 'fourfold-scratch')]) {
    try {
      await mkdir(at, { recursive: true });
      clearAbandoned(at);
      return mkdtempSync(join(at, `${prefix()}${process.pid}-`));
    } catch (error) {
      if (at !== root) throw writingError(error, at);
    }
  }
  throw new RangeError('Expected a folder to be made or refused');
}

/** The host is in the name because a cache folder may be shared between machines, whose process numbers say nothing here. */
function prefix(): string {
  return `${hostname().replace(/[^A-Za-z0-9]/g, '_')}-`;
}

function clearAbandoned(root: string): void {
  const isAbandoned = (name: string) => {
    const pid = name.startsWith(prefix()) ? Number(name.slice(prefix().length).split('-')[0]) : 0;
    return Number.isInteger(pid) && pid > 0 && !isRunning(pid);
  };
  clearFolder(root, isAbandoned, { recursive: true });
}
