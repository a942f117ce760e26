import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, uptime } from 'node:os';
import { basename, dirname } from 'node:path';
import { FourfoldError, systemCode } from '../errors.ts';
import { clearFolder } from '../output/clear-folder.ts';
import { lacksLinks } from '../output/disk-abilities.ts';
import { isRunning } from '../output/is-running.ts';

/** A file that says which process owns something. Freed by `release`, or by the owner's death. */
export interface ProcessLock {
  release(): void;
}

interface Owner {
  readonly pid: number;
  readonly host: string;
  /** When the process started, so that its number given to another process later is not taken for it. */
  readonly born: string;
}

/**
 * Takes the lock at `path`; one left behind by a killed process is taken over.
 * @throws FourfoldError `queue-in-use` while another living process holds it
 */
export function takeLock(path: string): ProcessLock {
  const mine: Owner = { pid: process.pid, host: hostname(), born: birthOf(process.pid) };
  const text = JSON.stringify(mine);
  mkdirSync(dirname(path), { recursive: true });
  // Written aside and linked into place, so that nobody ever reads half a lock.
  const draft = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  writeFileSync(draft, text, { flag: 'wx' });
  try {
    for (let attempt = 0; attempt < 10; attempt++) {
      if (putIfFree(draft, path, text)) {
        clearDrafts(path, draft);
        return lock(path, text);
      }
      clearDead(path, `${draft}.stale`);
    }
    throw inUse(path);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Puts `draft`, which holds `text`, at `path` unless something is there. */
function putIfFree(draft: string, path: string, text: string): boolean {
  try {
    try {
      linkSync(draft, path);
    } catch (error) {
      if (!lacksLinks(error)) throw error;
      // On such a disk a lock can be read before it is whole, in the very moment of its writing.
      writeFileSync(path, text, { flag: 'wx' });
    }
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
}

function lock(path: string, text: string): ProcessLock {
  let held = true;
  const release = () => {
    if (!held) return;
    held = false;
    process.removeListener('exit', release);
    if (read(path) === text) rmSync(path, { force: true });
  };
  process.once('exit', release);
  return { release };
}

/** Moves a dead owner's lock away; leaves a living one's and throws. */
function clearDead(path: string, aside: string): void {
  const text = read(path);
  if (text === undefined) return;
  if (isAlive(text)) throw inUse(path);
  try {
    renameSync(path, aside);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return;
    throw error;
  }
  // Between reading and renaming another process may have put its own fresh lock there: give it back.
  const moved = read(aside);
  if (moved !== text) {
    try {
      putIfFree(aside, path, moved ?? '');
    } catch {}
    rmSync(aside, { force: true });
    throw inUse(path);
  }
  rmSync(aside, { force: true });
}

/** What processes left beside the lock that were killed while taking it. */
function clearDrafts(path: string, mine: string): void {
  const start = `${basename(path)}.`;
  clearFolder(dirname(path), (name) => {
    const pid = Number(name.startsWith(start) ? name.slice(start.length).split('.')[0] : Number.NaN);
    return pid > 0 && basename(mine) !== name && !isRunning(pid);
  });
}

function isAlive(text: string): boolean {
  try {
    const owner = JSON.parse(text) as Owner;
    if (owner.host !== hostname()) return true;
    return isRunning(owner.pid) && isSameBirth(owner.born, birthOf(owner.pid));
  } catch {
    return false;
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** What the clock was set by, at the most, since the other process read it. */
const SAME_BOOT_MS = 120_000;

function isSameBirth(noted: string, found: string): boolean {
  const [then, now] = [bootOf(noted), bootOf(found)];
  if (then !== undefined && now !== undefined) return Math.abs(then - now) < SAME_BOOT_MS;
  return noted === '' || noted === found;
}

function bootOf(birth: string): number | undefined {
  const [, milliseconds] = /^boot (\d+)$/.exec(birth) ?? [];
  return milliseconds === undefined ? undefined : Number(milliseconds);
}

/** Boot and start time of a process on Linux; elsewhere, where only the first is cheap, `boot <Unix ms>`. */
function birthOf(pid: number): string {
  const stat = read(`/proc/${pid}/stat`);
  if (!stat) return `boot ${Math.round(Date.now() - uptime() * 1000)}`;
  // Field 22 (starttime), counted after the command name, which may hold blanks and brackets.
  const start = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  return `${read('/proc/sys/kernel/random/boot_id')?.trim()} ${start}`;
}

function inUse(path: string): FourfoldError {
  return new FourfoldError(
    'queue-in-use',
    'Another Fourfold is using this queue. Nothing was changed. Wait until it is done, or stop it first.',
    { path },
  );
}
