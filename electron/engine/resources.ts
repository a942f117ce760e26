import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { freemem, totalmem } from 'node:os';
import { dirname } from 'node:path';
import { FourfoldError } from './errors.ts';

/** Free bytes for this user on the disk that holds (or will hold) `path`; undefined where the system does not say. */
export async function freeDisk(path: string): Promise<number | undefined> {
  let folder = path;
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}

/** Memory that can be had without swapping. */
export function freeMemory(): number {
  if (process.platform === 'darwin') return freeMemoryOfMac();
  try {
    // freemem() leaves out the file cache, which Linux gives back on demand.
    const available = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'));
    if (available) return Number(available[1]) * 1024;
  } catch {}
  return freemem();
}

/** freemem() counts wholly free pages, of which macOS keeps next to none; where it does not tell more, nothing is refused. */
function freeMemoryOfMac(): number {
  try {
    return availableByVmStat(execFileSync('/usr/bin/vm_stat', { encoding: 'utf8', timeout: 2000 })) ?? totalmem();
  } catch {
    return totalmem();
  }
}

/** Bytes macOS can hand over by `vm_stat`'s words: free pages and those it takes back; undefined when they are others. */
export function availableByVmStat(words: string): number | undefined {
  const pageBytes = /page size of (\d+) bytes/.exec(words);
  const pages = (kind: string) => {
    const count = new RegExp(`^Pages ${kind}:\\s+(\\d+)\\.`, 'm').exec(words);
    return count ? Number(count[1]) : undefined;
  };
  const free = pages('free');
  const inactive = pages('inactive');
  if (!pageBytes || free === undefined || inactive === undefined) return undefined;
  return (free + inactive + (pages('speculative') ?? 0) + (pages('purgeable') ?? 0)) * Number(pageBytes[1]);
}

/**
 * Refuses work for which the disk has no room, before it starts.
 * @throws FourfoldError `disk-full`
 */
export async function requireDisk(path: string, bytes: number): Promise<void> {
  const free = await freeDisk(path);
  if (free === undefined || free >= bytes) return;
  throw new FourfoldError(
    'disk-full',
    `The disk is too full: this needs ${megabytes(bytes)} and ${megabytes(free)} are free. Nothing was written. Free some space, then try again.`,
    { path, params: { needed: bytes, free } },
  );
}

/**
 * Refuses work for which there is not enough memory, before it starts.
 * @throws FourfoldError `memory-short`
 */
export function requireMemory(bytes: number): void {
  const free = freeMemory();
  if (free >= bytes) return;
  throw new FourfoldError(
    'memory-short',
    `This needs ${megabytes(bytes)} of memory; ${megabytes(free)} are free. Nothing started. Choose a smaller size, another format (JPEG, PNG or TIFF), or close programs.`,
    { params: { needed: bytes, free } },
  );
}

function megabytes(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.max(1, Math.round(bytes / 1e6))} MB`;
}
