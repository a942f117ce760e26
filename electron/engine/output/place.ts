import { createHash, randomBytes } from 'node:crypto';
import { link, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, extname, join } from 'node:path';
import { FourfoldError, systemCode } from '../errors.ts';
import { writingError } from '../file-errors.ts';
import { clearFolder } from './clear-folder.ts';
import { lacksLinks, syncFolder } from './disk-abilities.ts';
import { isRunning } from './is-running.ts';

/** What to do when the name is taken. 'rename' adds a number; 'overwrite' never touches a source. */
export type IfExists = 'rename' | 'skip' | 'overwrite' | 'fail';

export interface PlaceOptions {
  readonly target: string;
  readonly ifExists: IfExists;
  /** Files that must never be replaced, under whatever name. Read when the name is taken: there may be more by then. */
  readonly sources: readonly string[];
  /** Writes the whole file to a temporary name, which exists already and is empty. */
  readonly write: (temp: string) => Promise<void>;
  readonly signal?: AbortSignal;
}

export interface Placed {
  readonly path: string;
  readonly outcome: 'written' | 'skipped';
}

/** `.fourfold-<machine>-<process>-<random>.part`; a trial's has letters of its target before the end. */
const TEMP_NAME = /^\.fourfold-([0-9a-f]{8})-(\d+)-[0-9a-f]{12}(?:-.*)?\.part$/s;
/** UTF-8 bytes of the target's letters in a trial's name: with the rest less than any disk's limit. */
const TRIAL_BYTES = 160;
const MAX_NUMBER = 9999;

/**
 * Looks whether `placeFile` may work at all, before hours go into the picture: makes the folder, tries to create a
 * file in it, and refuses a target that is a source or (with 'fail') exists.
 * @returns 'skip' where an existing file is to be left alone.
 * @throws FourfoldError 'target-unwritable', 'target-is-source', 'target-exists', 'name-too-long',
 * 'name-forbidden', 'disk-full'.
 */
export async function checkTarget(options: Omit<PlaceOptions, 'write'>): Promise<'write' | 'skip'> {
  const { target, ifExists, sources } = options;
  try {
    await makeFolder(dirname(target));
    const existing = await identity(target);
    if (existing) {
      if (ifExists === 'skip') return 'skip';
      if (ifExists === 'fail') throw targetExists(target);
      if (ifExists === 'overwrite') await refuseSource(target, sources);
    }
    const temp = await createTemp(dirname(target), lettersOf(basename(target)));
    await rm(temp, { force: true });
    return 'write';
  } catch (error) {
    throw writingError(error, target);
  }
}

/**
 * Writes a file so that its name only ever holds a finished one: exclusive temporary file in the same folder → write →
 * sync → take the name without replacing anything (unless asked) → sync the folder. Whatever goes wrong, nothing half
 * written stays.
 * @throws FourfoldError as `checkTarget`; what `write` throws is passed on, system errors as words.
 */
export async function placeFile(options: PlaceOptions): Promise<Placed> {
  const { target, ifExists, write, signal } = options;
  const folder = dirname(target);
  let temp: string | undefined;
  try {
    await makeFolder(folder);
    clearLeftovers(folder);
    if (ifExists === 'skip' && (await identity(target))) return { path: target, outcome: 'skipped' };
    temp = await createTemp(folder);
    await write(temp);
    signal?.throwIfAborted();
    await syncFile(temp);
    const placed = await takeName(temp, target, ifExists, options.sources);
    // The file has its name and is on the disk; nothing that comes after makes it unfinished again.
    await syncFolder(folder).catch(() => {});
    return placed;
  } catch (error) {
    throw writingError(error, target);
  } finally {
    if (temp) await rm(temp, { force: true }).catch(() => {});
  }
}

async function takeName(temp: string, target: string, ifExists: IfExists, sources: readonly string[]): Promise<Placed> {
  if (ifExists === 'overwrite') {
    await refuseSource(target, sources);
    await rename(temp, target);
    return { path: target, outcome: 'written' };
  }
  for (let number = 1; number <= MAX_NUMBER; number++) {
    const path = number === 1 ? target : numbered(target, number);
    if (await linkIfFree(temp, path)) return { path, outcome: 'written' };
    if (ifExists === 'skip') return { path: target, outcome: 'skipped' };
    if (ifExists === 'fail') break;
  }
  throw targetExists(target);
}

/** `mkdir -p`, by hand: Node's own never returns where a file system refuses new folders with ENOENT, as /proc does. */
async function makeFolder(path: string): Promise<void> {
  const isFolder = () => stat(path).then((found) => found.isDirectory());
  if (await isFolder().catch(() => false)) return;
  try {
    await mkdir(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT' && dirname(path) !== path && !(await exists(dirname(path)))) {
      await makeFolder(dirname(path));
      await mkdir(path);
    } else if (systemCode(error) !== 'EEXIST' || !(await isFolder())) {
      throw error;
    }
  }
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Gives `temp` the name `path` unless something has it. */
async function linkIfFree(temp: string, path: string): Promise<boolean> {
  try {
    await link(temp, path);
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    if (!lacksLinks(error)) throw error;
  }
  // Reserve the name, then replace the reservation.
  try {
    await (await open(path, 'wx')).close();
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
  try {
    await rename(temp, path);
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
  return true;
}

/** `name (2).jpg` */
export function numbered(path: string, number: number): string {
  const extension = extname(path);
  return join(dirname(path), `${basename(path, extension)} (${number})${extension}`);
}

/** Which file a name leads to, through links; undefined when there is none. */
async function identity(path: string): Promise<string | undefined> {
  try {
    const { dev, ino } = await stat(path, { bigint: true });
    return `${dev}:${ino}`;
  } catch (error) {
    // A link that leads nowhere holds the name all the same; taking it will fail with EEXIST.
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ELOOP') return undefined;
    throw error;
  }
}

/** Symbolic links, hard links and other spellings on a case-blind disk all lead to the same file number. */
async function refuseSource(target: string, sources: readonly string[]): Promise<void> {
  const there = await identity(target);
  if (!there) return;
  for (const source of sources) {
    if ((await identity(source)) === there) {
      throw new FourfoldError(
        'target-is-source',
        'The output would replace your original. Nothing was written. Choose another name.',
        { path: target },
      );
    }
  }
}

function targetExists(target: string): FourfoldError {
  return new FourfoldError(
    'target-exists',
    'A file with this name exists. It was not touched. Choose Add number, Skip or Replace.',
    { path: target },
  );
}

async function createTemp(folder: string, letters?: string): Promise<string> {
  const temp = join(folder, tempName(process.pid, randomBytes(6).toString('hex'), letters));
  await (await open(temp, 'wx')).close();
  return temp;
}

/** Each letter of a name once, as far as there is room: a disk that forbids one of them refuses the trial. */
function lettersOf(name: string): string {
  let letters = '';
  for (const letter of new Set(name)) if (Buffer.byteLength(letters + letter) <= TRIAL_BYTES) letters += letter;
  return letters;
}

/**
 * The temporary name of a file that `pid` writes on this machine; `random` is 12 hex digits. The machine is in it because a
 * folder may be shared, and another machine's process numbers say nothing here.
 */
export function tempName(pid: number, random: string, letters = ''): string {
  return `.fourfold-${machine()}-${pid}-${random}${letters && `-${letters}`}.part`;
}

/** Which process of this machine writes a file of this name; undefined for another machine's, or another file. */
function writerOf(name: string): number | undefined {
  const [, there, pid] = TEMP_NAME.exec(name) ?? [];
  return there === machine() ? Number(pid) : undefined;
}

function machine(): string {
  return createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
}

/** Takes away what processes of this machine left that were killed while writing here, as far as that is allowed. */
export function clearLeftovers(folder: string): void {
  clearFolder(folder, (name) => {
    const pid = writerOf(name);
    return pid !== undefined && !isRunning(pid);
  });
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Takes away what this very process is writing in a folder; for its last moments only. */
export function clearOwn(folder: string): void {
  clearFolder(folder, (name) => writerOf(name) === process.pid);
}
