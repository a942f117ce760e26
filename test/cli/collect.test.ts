import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { collectPhotos } from '../../electron/cli/collect.ts';

/** Folders the disk does not list, by name, and the system's reason. */
const unlisted = vi.hoisted(() => new Map<string, string>());
vi.mock('node:fs/promises', async (original) => {
  const fs = await original<typeof import('node:fs/promises')>();
  return {
    ...fs,
    async readdir(path: string) {
      const code = unlisted.get(basename(path));
      if (code) throw Object.assign(new Error(`${code}: scandir`), { code });
      return fs.readdir(path);
    },
  };
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fourfold-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function files(...names: string[]): void {
  for (const name of names) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), name);
  }
}

async function collect(options: { recursive?: boolean; except?: string } = {}, ...names: string[]) {
  const paths = (names.length > 0 ? names : ['']).map((name) => join(folder, name));
  const { photos, failures, results } = await collectPhotos(paths, { recursive: false, ...options });
  return {
    found: photos.map(({ source, folder: below }) => `${relative(folder, source)}${below && ` in ${below}`}`),
    failures: failures.map(({ code, path }) => `${code} ${relative(folder, path!)}`),
    results,
  };
}

describe('what is meant by the paths', () => {
  it('takes the photos of a folder in the order people count, and only with recursive those below', async () => {
    files('2.jpg', '10.JPG', 'notes.txt', '.hidden.jpg', 'sub/a.png', 'sub/deep/b.webp', '.git/c.png');
    expect((await collect()).found).toEqual(['2.jpg', '10.JPG']);
    expect((await collect({ recursive: true })).found).toEqual([
      '2.jpg',
      '10.JPG',
      'sub/a.png in sub',
      'sub/deep/b.webp in sub/deep',
    ]);
  });

  it('takes a named file whatever it is called, and each file once', async () => {
    files('photo', 'a.jpg');
    symlinkSync(join(folder, 'a.jpg'), join(folder, 'again.jpg'));
    expect((await collect({}, 'photo', 'a.jpg', 'a.jpg', 'again.jpg', '')).found).toEqual(['photo', 'a.jpg']);
  });

  it('follows links and comes out of their loops', async () => {
    files('a.jpg', 'sub/b.jpg', 'elsewhere/c.jpg');
    symlinkSync(folder, join(folder, 'sub', 'up'));
    symlinkSync('self', join(folder, 'self'));
    symlinkSync('loop.jpg', join(folder, 'loop.jpg'));
    symlinkSync(join(folder, 'gone.jpg'), join(folder, 'dangling.jpg'));
    symlinkSync(join(folder, 'elsewhere'), join(folder, 'sub', 'link'));
    const { found, failures } = await collect({ recursive: true });
    expect(found).toEqual(['a.jpg', 'elsewhere/c.jpg in elsewhere', 'sub/b.jpg in sub']);
    expect(failures).toEqual(['source-missing dangling.jpg', 'source-missing loop.jpg']);
  });

  it('leaves out results of an earlier run, and the output folder inside', async () => {
    files('a.jpg', 'a-4x.jpg', 'a-4x (2).jpg', 'b.png', 'b-2x.webp', 'c-4x.jpg', 'out/a-4x.jpg', 'out/z.jpg');
    const { found, results } = await collect({ recursive: true, except: join(folder, 'out') });
    // Without its source beside it, c-4x.jpg may be anybody's photo.
    expect(found).toEqual(['a.jpg', 'b.png', 'c-4x.jpg']);
    expect(results).toBe(3);
  });

  it('never leaves out a folder that was named, though it is the output folder', async () => {
    files('a.jpg', 'sub/b.jpg', 'sub/deep/c.jpg');
    expect((await collect({ except: folder })).found).toEqual(['a.jpg']);
    const both = await collect({ recursive: true, except: join(folder, 'sub') }, '', 'sub');
    expect(both.found).toEqual(['a.jpg', 'sub/b.jpg', 'sub/deep/c.jpg in deep']);
  });

  it('names pictures it cannot read as what they are: photos somebody will miss', async () => {
    files('a.heic', 'b.psd', 'c.txt');
    expect((await collect()).found).toEqual(['a.heic', 'b.psd']);
  });

  it('tells every folder that cannot be listed, with its reason', async () => {
    const reasons = ['EPERM', 'EACCES', 'EIO', 'ESTALE', 'ETIMEDOUT'];
    files('a.jpg', ...reasons.map((code) => `of ${code}/b.jpg`));
    for (const code of reasons) unlisted.set(`of ${code}`, code);
    const { found, failures } = await collect({ recursive: true });
    unlisted.clear();
    expect(found).toEqual(['a.jpg']);
    expect(failures.sort()).toEqual([
      'drive-gone of EIO',
      'drive-gone of ESTALE',
      'drive-gone of ETIMEDOUT',
      'source-unreadable of EACCES',
      'source-unreadable of EPERM',
    ]);
  });

  it('tells missing paths and closed folders, and goes on', async () => {
    files('a.jpg', 'closed/b.jpg');
    chmodSync(join(folder, 'closed'), 0);
    const { found, failures } = await collect({ recursive: true }, 'missing.jpg', '');
    expect(found).toContain('a.jpg');
    expect(failures[0]).toBe('source-missing missing.jpg');
    if (process.getuid?.() !== 0) expect(failures[1]).toBe('source-unreadable closed');
    chmodSync(join(folder, 'closed'), 0o700);
  });
});
