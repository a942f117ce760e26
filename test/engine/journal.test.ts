import { spawn } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  type RmOptions,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir, uptime } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AlbumRecord } from '../../electron/engine/album/album-record.ts';
import { Journal, readEntries } from '../../electron/engine/album/journal.ts';
import { takeLock } from '../../electron/engine/album/process-lock.ts';
import { openScratchFolder } from '../../electron/engine/output/scratch-folder.ts';

/**
 * Bytes a single write takes, those the disk has room for, what may not be taken away, what a link, a folder's sync and a
 * file's sync give, and whether processes can be looked up.
 */
const disk = vi.hoisted(() => {
  const whole = { atOnce: Number.POSITIVE_INFINITY, room: Number.POSITIVE_INFINITY, stuck: '' };
  return { ...whole, link: '', folderSync: '', fileSync: '', hasProc: true };
});
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  return {
    ...fs,
    writeSync(file: number, data: string | Uint8Array, from = 0, length?: number, position: number | null = null) {
      if (disk.room <= 0) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
      const bytes = Buffer.from(data as Uint8Array).subarray(from, length === undefined ? undefined : from + length);
      const taken = fs.writeSync(file, bytes, 0, Math.min(bytes.length, disk.atOnce, disk.room), position);
      disk.room -= taken;
      return taken;
    },
    rmSync(path: string, options?: RmOptions) {
      if (path === disk.stuck) throw refused('EPERM');
      fs.rmSync(path, options);
    },
    linkSync(path: string, other: string) {
      if (disk.link) throw refused(disk.link);
      fs.linkSync(path, other);
    },
    fsyncSync(file: number) {
      if (disk.folderSync && fs.fstatSync(file).isDirectory()) throw refused(disk.folderSync);
      fs.fsyncSync(file);
    },
    fdatasyncSync(file: number) {
      if (disk.fileSync) throw refused(disk.fileSync);
      fs.fdatasyncSync(file);
    },
    readFileSync(path: string, encoding?: 'utf8') {
      if (!disk.hasProc && path.startsWith('/proc/')) throw refused('ENOENT');
      return fs.readFileSync(path, encoding);
    },
  };
});

function refused(code: string): Error {
  return Object.assign(new Error(code), { code });
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fourfold-test-'));
});
afterEach(() => {
  Object.assign(disk, { atOnce: Number.POSITIVE_INFINITY, room: Number.POSITIVE_INFINITY, stuck: '' });
  Object.assign(disk, { link: '', folderSync: '', fileSync: '', hasProc: true });
  rmSync(folder, { recursive: true, force: true });
});

describe('the journal', () => {
  it('gives back what was appended, in order, after being closed', () => {
    const path = join(folder, 'deep', 'album.jsonl');
    const { journal } = Journal.open<number>(path);
    journal.append(1, 2);
    journal.append(3);
    journal.close();
    expect(Journal.open<number>(path).entries).toEqual([1, 2, 3]);
  });

  it('cuts off half a record and goes on behind the last whole one', () => {
    const path = join(folder, 'album.jsonl');
    writeFileSync(path, '{"a":1}\n{"a":2}\n{"a":');
    const { journal, entries } = Journal.open<object>(path);
    expect(entries).toEqual([{ a: 1 }, { a: 2 }]);
    journal.append({ a: 3 });
    journal.close();
    expect(readEntries(path).entries).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }]);
  });

  it('passes over a line that a damaged disk made unreadable', () => {
    const path = join(folder, 'album.jsonl');
    writeFileSync(path, '{"a":1}\n\0\0\0\n{"a":2}\n');
    expect(Journal.open<object>(path).entries).toEqual([{ a: 1 }, { a: 2 }]);
  });

  it('replaces everything at once', () => {
    const path = join(folder, 'album.jsonl');
    const { journal } = Journal.open<number>(path);
    journal.append(1, 2, 3);
    journal.rewrite([7]);
    journal.append(8);
    journal.close();
    expect(readFileSync(path, 'utf8')).toBe('7\n8\n');
    expect(readdirSync(folder)).toEqual(['album.jsonl']);
  });
});

describe('the journal on a disk with little room', () => {
  it('is whole though each write takes a part', () => {
    const path = join(folder, 'album.jsonl');
    const { journal } = Journal.open<object>(path);
    disk.atOnce = 5;
    journal.rewrite([{ photo: 'a' }, { photo: 'b' }]);
    journal.append({ photo: 'c' });
    journal.close();
    expect(readEntries(path).entries).toEqual([{ photo: 'a' }, { photo: 'b' }, { photo: 'c' }]);
  });

  it('stays as it was when it cannot be appended to, and says why', () => {
    const path = join(folder, 'album.jsonl');
    const { journal } = Journal.open<number>(path);
    journal.append(1);
    disk.room = 3;
    expect(() => journal.append(2, 3)).toThrow(expect.objectContaining({ code: 'disk-full', path }));
    disk.room = Number.POSITIVE_INFINITY;
    journal.append(4);
    journal.close();
    expect(readEntries(path).entries).toEqual([1, 4]);
  });

  it('stays as it was when it cannot be replaced, and can still be appended to', () => {
    const path = join(folder, 'album.jsonl');
    const { journal } = Journal.open<number>(path);
    journal.append(1, 2, 3);
    const before = process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0;
    disk.room = 4;
    expect(() => journal.rewrite([1, 2, 3, 4])).toThrow(expect.objectContaining({ code: 'disk-full', path }));
    if (before > 0) expect(readdirSync('/proc/self/fd')).toHaveLength(before);
    expect(readdirSync(folder)).toEqual(['album.jsonl']);
    disk.room = Number.POSITIVE_INFINITY;
    journal.append(4);
    journal.close();
    expect(readEntries(path).entries).toEqual([1, 2, 3, 4]);
  });
});

describe('the album’s record', () => {
  const photo = { source: '/p/a.jpg', settings: {} };

  it('is kept on a disk without hard links, whose folders cannot be synced', async () => {
    Object.assign(disk, { link: 'EPERM', folderSync: 'EINVAL' });
    const path = join(folder, 'album.jsonl');
    const record = await AlbumRecord.open(path, { tell: () => {} });
    record.add([photo]);
    await expect(AlbumRecord.open(path, { tell: () => {} })).rejects.toMatchObject({ code: 'queue-in-use' });
    record.close();
    const again = await AlbumRecord.open(path, { tell: () => {} });
    expect(again.counts.waiting).toBe(1);
    again.close();
    expect(readdirSync(folder)).toEqual(['album.jsonl']);
  });

  it('says in words why it cannot be opened', async () => {
    writeFileSync(join(folder, 'file'), '');
    const below = join(folder, 'file', 'album.jsonl');
    await expect(AlbumRecord.open(below, { tell: () => {} })).rejects.toMatchObject({ code: 'target-unwritable' });
    disk.folderSync = 'EIO';
    const path = join(folder, 'album.jsonl');
    await expect(AlbumRecord.open(path, { tell: () => {} })).rejects.toMatchObject({ code: 'drive-gone' });
    expect(readdirSync(folder).sort()).toEqual(['album.jsonl', 'file']);
  });

  it('tells a drive that is gone and a file that may not be written from a full disk', async () => {
    const record = await AlbumRecord.open(join(folder, 'album.jsonl'), { tell: () => {} });
    const { id } = record.add([photo])[0]!;
    for (const [code, told] of [
      ['EIO', 'drive-gone'],
      ['EACCES', 'target-unwritable'],
      ['ENOSPC', 'disk-full'],
    ] as const) {
      disk.fileSync = code;
      expect(record.change(id, { state: 'failed' })).toMatchObject({ code: told });
      expect(() => record.change(id, { state: 'running' })).toThrow(expect.objectContaining({ code: told }));
    }
    disk.fileSync = '';
    record.close();
  });
});

describe('the lock', () => {
  it('is refused to a second owner and free again after release', () => {
    const path = join(folder, 'lock');
    const lock = takeLock(path);
    expect(() => takeLock(path)).toThrow(expect.objectContaining({ code: 'queue-in-use' }));
    lock.release();
    lock.release();
    takeLock(path).release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is taken over from a dead process, also when its number lives on in another', async () => {
    const path = join(folder, 'lock');
    const dead = await deadProcess();
    writeFileSync(path, JSON.stringify({ pid: dead, host: hostname(), born: '' }));
    writeFileSync(`${path}.${dead}.abc`, 'a draft it left');
    takeLock(path).release();
    expect(readdirSync(folder)).toEqual([]);
    if (process.platform === 'linux') {
      writeFileSync(path, JSON.stringify({ pid: process.pid, host: hostname(), born: 'another boot 1' }));
      takeLock(path).release();
    }
  });

  it('where only the last start of the machine is known, is taken over from before it', () => {
    disk.hasProc = false;
    const path = join(folder, 'lock');
    const started = Date.now() - uptime() * 1000;
    const owner = { pid: process.pid, host: hostname() };
    writeFileSync(path, JSON.stringify({ ...owner, born: `boot ${Math.round(started - 600_000)}` }));
    const lock = takeLock(path);
    expect(() => takeLock(path)).toThrow(expect.objectContaining({ code: 'queue-in-use' }));
    lock.release();
    // A clock is set by a little now and then.
    writeFileSync(path, JSON.stringify({ ...owner, born: `boot ${Math.round(started - 60_000)}` }));
    expect(() => takeLock(path)).toThrow(expect.objectContaining({ code: 'queue-in-use' }));
  });

  it('is left to a process on another machine that shares the folder', () => {
    const path = join(folder, 'lock');
    writeFileSync(path, JSON.stringify({ pid: 1, host: 'elsewhere', born: '' }));
    expect(() => takeLock(path)).toThrow(expect.objectContaining({ code: 'queue-in-use' }));
  });

  it('is not stopped by rubbish in the file', () => {
    const path = join(folder, 'lock');
    appendFileSync(path, '{"pid":');
    takeLock(path).release();
  });
});

describe('the scratch folder', () => {
  it('goes when removed, and clears those of dead processes only', async () => {
    const name = `${hostname().replace(/[^A-Za-z0-9]/g, '_')}-`;
    const abandoned = join(folder, `${name}${await deadProcess()}-abc123`);
    const living = join(folder, `${name}${process.ppid}-abc123`);
    const foreign = join(folder, 'elsewhere-99999999-abc123');
    for (const path of [abandoned, living, foreign]) writeFileSync(path, '');
    const scratch = await openScratchFolder(folder);
    writeFileSync(join(scratch.path, 'unfinished.v'), 'x');
    expect(readdirSync(folder)).toHaveLength(3);
    await scratch.remove();
    expect(readdirSync(folder).sort()).toEqual([foreign, living].map((path) => path.slice(folder.length + 1)).sort());
  });

  it('is made where it was wanted though a dead process’s one cannot be cleared', async () => {
    const name = `${hostname().replace(/[^A-Za-z0-9]/g, '_')}-`;
    disk.stuck = join(folder, `${name}${await deadProcess()}-abc123`);
    mkdirSync(disk.stuck);
    const scratch = await openScratchFolder(folder);
    expect(dirname(scratch.path)).toBe(folder);
    await scratch.remove();
  });
});

/** The number of a process that is no more. */
function deadProcess(): Promise<number> {
  return new Promise((done) => {
    const child = spawn(process.execPath, ['-e', '']);
    child.once('close', () => done(child.pid!));
  });
}
