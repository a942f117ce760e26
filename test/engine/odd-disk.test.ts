import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { enhancePhoto } from '../../electron/engine/enhance.ts';
import { writingError } from '../../electron/engine/file-errors.ts';
import { checkTarget, placeFile } from '../../electron/engine/output/place.ts';
import { fakeModels, fakeSessions } from './fake-session.ts';

// Disks that lack what others have, which no test can mount everywhere.

/** Names with a colon are refused; what a folder's sync gives; below what nothing can be taken away. */
const disk = vi.hoisted(() => ({ isFat: false, folderSync: '', keeps: '' }));
vi.mock('node:fs/promises', async (original) => {
  const fs = await original<typeof import('node:fs/promises')>();
  return {
    ...fs,
    async open(path: string, flags: string) {
      if (disk.isFat && basename(path).includes(':')) throw refused('EINVAL', 'open');
      const file = await fs.open(path, flags);
      if (disk.folderSync && (await file.stat()).isDirectory())
        file.sync = () => Promise.reject(refused(disk.folderSync, 'fsync'));
      return file;
    },
    async rm(path: string, options: object) {
      if (disk.keeps && path.startsWith(disk.keeps)) throw refused('EBUSY', 'rm');
      await fs.rm(path, options);
    },
  };
});

function refused(code: string, syscall: string): Error {
  return Object.assign(new Error(`${code}: ${syscall}`), { code, syscall });
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fourfold-odd-'));
  vi.stubEnv('FOURFOLD_SCRATCH', join(folder, 'scratch'));
});
afterEach(() => {
  Object.assign(disk, { isFat: false, folderSync: '', keeps: '' });
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

it('a name the disk forbids is refused before the work, and a long one is not', async () => {
  disk.isFat = true;
  const check = (name: string) => checkTarget({ target: join(folder, name), ifExists: 'rename', sources: [] });
  await expect(check('12:30-4x.jpg')).rejects.toMatchObject({ code: 'name-forbidden' });
  await expect(check(`${'夜'.repeat(80)}.jpg`)).resolves.toBe('write');
  const different = Array.from({ length: 80 }, (_, i) => String.fromCodePoint(0x4e00 + i)).join('');
  await expect(check(`${different}.jpg`)).resolves.toBe('write');
  await expect(check(`${'夜'.repeat(90)}.jpg`)).rejects.toMatchObject({ code: 'name-too-long' });
  expect(readdirSync(folder)).toEqual([]);
});

it('what a disk says of a name, and of a busy file, has its words', () => {
  expect(writingError(refused('EILSEQ', 'open'), '/a')).toMatchObject({ code: 'name-forbidden', path: '/a' });
  expect(writingError(refused('EINVAL', 'rename'), '/a')).toMatchObject({ code: 'name-forbidden' });
  expect(writingError(refused('EBUSY', 'rename'), '/a')).toMatchObject({ code: 'target-unwritable' });
  // Not about a name.
  const other = refused('EINVAL', 'ftruncate');
  expect(writingError(other, '/a')).toBe(other);
});

it('a file that has its name stays finished though its folder cannot be synced', async () => {
  for (const code of ['EPERM', 'EIO']) {
    disk.folderSync = code;
    const target = join(folder, `${code}.jpg`);
    const write = (temp: string) => writeFile(temp, 'whole');
    expect(await placeFile({ target, ifExists: 'fail', sources: [], write })).toEqual({
      path: target,
      outcome: 'written',
    });
    expect(readFileSync(target, 'utf8')).toBe('whole');
  }
});

it('a finished photo stays finished though its scratch files cannot be taken away', async () => {
  const source = join(folder, 'a.tif');
  await sharp({ create: { width: 40, height: 30, channels: 3, background: '#468' } }).toFile(source);
  disk.keeps = join(folder, 'scratch');
  const result = await enhancePhoto(source, { models: fakeModels, openSession: fakeSessions().open, blend: 0.5 });
  expect(result.outcome).toBe('written');
  expect(existsSync(result.path)).toBe(true);
});

it('a file that became a source while it was made is not replaced', async () => {
  const target = join(folder, 'out.jpg');
  writeFileSync(target, 'the original');
  const sources: string[] = [];
  const placing = placeFile({
    target,
    ifExists: 'overwrite',
    get sources() {
      return [...sources];
    },
    write: async (temp) => {
      await writeFile(temp, 'new');
      sources.push(target);
    },
  });
  await expect(placing).rejects.toMatchObject({ code: 'target-is-source' });
  expect(readFileSync(target, 'utf8')).toBe('the original');
});
