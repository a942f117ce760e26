import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkTarget, clearOwn, type IfExists, placeFile, tempName } from '../../electron/engine/output/place.ts';
import { targetPath } from '../../electron/engine/output/target-path.ts';
import { withSmallDisk } from '../small-disk.ts';

let folder: string;
let source: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fourfold-place-'));
  source = join(folder, 'photo.jpg');
  writeFileSync(source, 'the original');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const place = (target: string, ifExists: IfExists = 'rename', words = 'new') =>
  placeFile({ target, ifExists, sources: [source], write: (temp) => writeFile(temp, words) });
const isRoot = process.getuid?.() === 0;

describe('placeFile', () => {
  it('makes missing folders and gives the name only to the finished file', async () => {
    const target = join(folder, 'a/b/out.jpg');
    await placeFile({
      target,
      ifExists: 'fail',
      sources: [source],
      write: async (temp) => {
        await writeFile(temp, 'half');
        expect(existsSync(target)).toBe(false);
        await writeFile(temp, 'whole');
      },
    });
    expect(readFileSync(target, 'utf8')).toBe('whole');
    expect(readdirSync(join(folder, 'a/b'))).toEqual(['out.jpg']);
  });

  it('adds numbers, skips, replaces or refuses when the name is taken', async () => {
    const target = join(folder, 'out.jpg');
    await place(target, 'rename', 'first');
    expect((await place(target)).path).toBe(join(folder, 'out (2).jpg'));
    expect((await place(target)).path).toBe(join(folder, 'out (3).jpg'));
    expect(await place(target, 'skip')).toEqual({ path: target, outcome: 'skipped' });
    await expect(place(target, 'fail')).rejects.toMatchObject({ code: 'target-exists' });
    expect(readFileSync(target, 'utf8')).toBe('first');
    await place(target, 'overwrite', 'second');
    expect(readFileSync(target, 'utf8')).toBe('second');
    expect(readdirSync(folder).sort()).toEqual(['out (2).jpg', 'out (3).jpg', 'out.jpg', 'photo.jpg']);
  });

  it('takes the next number when another program takes the name meanwhile', async () => {
    const target = join(folder, 'out.jpg');
    const placed = await placeFile({
      target,
      ifExists: 'rename',
      sources: [],
      write: async (temp) => {
        await writeFile(temp, 'ours');
        writeFileSync(target, 'theirs');
      },
    });
    expect(placed.path).toBe(join(folder, 'out (2).jpg'));
    expect(readFileSync(target, 'utf8')).toBe('theirs');
  });

  it('never replaces a source, whatever name leads to it', async () => {
    symlinkSync(source, join(folder, 'link.jpg'));
    linkSync(source, join(folder, 'hard.jpg'));
    for (const name of ['photo.jpg', 'link.jpg', 'hard.jpg', './photo.jpg']) {
      await expect(place(join(folder, name), 'overwrite')).rejects.toMatchObject({ code: 'target-is-source' });
      await expect(
        checkTarget({ target: join(folder, name), ifExists: 'overwrite', sources: [source] }),
      ).rejects.toMatchObject({ code: 'target-is-source' });
    }
    expect(readFileSync(source, 'utf8')).toBe('the original');
    expect((await place(source)).path).toBe(join(folder, 'photo (2).jpg'));
  });

  it('leaves nothing when writing fails or is stopped', async () => {
    const stop = new AbortController();
    const failing = placeFile({
      target: join(folder, 'out.jpg'),
      ifExists: 'rename',
      sources: [source],
      signal: stop.signal,
      write: async (temp) => {
        await writeFile(temp, 'half');
        stop.abort();
      },
    });
    await expect(failing).rejects.toMatchObject({ name: 'AbortError' });
    expect(readdirSync(folder)).toEqual(['photo.jpg']);
  });

  it('clears what a killed process left, and nothing of a living one or of another machine', async () => {
    const dead = Number(execFileSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' }));
    const living = tempName(process.pid, '0123456789ab');
    const elsewhere = `.fourfold-00000000-${dead}-0123456789ab.part`;
    for (const name of [tempName(dead, '0123456789ab'), living, elsewhere]) writeFileSync(join(folder, name), 'half');
    await place(join(folder, 'out.jpg'));
    expect(readdirSync(folder).sort()).toEqual([elsewhere, living, 'out.jpg', 'photo.jpg'].sort());
    clearOwn(folder);
    expect(readdirSync(folder).sort()).toEqual([elsewhere, 'out.jpg', 'photo.jpg'].sort());
  });

  it('leaves what it may not clear, and goes on', async () => {
    const dead = Number(execFileSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' }));
    const stuck = tempName(dead, '000000000000');
    const own = tempName(process.pid, '000000000000');
    // A folder is not taken away like a file: a removal that fails for root, too.
    for (const name of [stuck, own]) mkdirSync(join(folder, name));
    writeFileSync(join(folder, tempName(dead, '0123456789ab')), 'half');
    await place(join(folder, 'out.jpg'));
    clearOwn(folder);
    expect(readdirSync(folder).sort()).toEqual([own, stuck, 'out.jpg', 'photo.jpg'].sort());
    clearOwn(source);
  });

  it('writes under a name that clearing knows', async () => {
    const names: string[] = [];
    await placeFile({
      target: join(folder, 'out.jpg'),
      ifExists: 'rename',
      sources: [source],
      write: async (temp) => {
        names.push(basename(temp));
        await writeFile(temp, 'whole');
      },
    });
    const [, random] = /-([0-9a-f]{12})\.part$/.exec(names[0]!)!;
    expect(names).toEqual([tempName(process.pid, random!)]);
  });

  it('says so when the folder cannot be written, is a file, or the name is too long', async () => {
    await expect(place(join(source, 'out.jpg'))).rejects.toMatchObject({ code: 'target-unwritable' });
    await expect(place(join(folder, `${'x'.repeat(300)}.jpg`))).rejects.toMatchObject({ code: 'name-too-long' });
    await expect(place('/proc/nowhere/out.jpg')).rejects.toMatchObject({ code: 'target-unwritable' });
    symlinkSync(join(folder, 'round'), join(folder, 'round'));
    await expect(place(join(folder, 'round/out.jpg'))).rejects.toMatchObject({ code: 'target-unwritable' });
  });

  it.skipIf(isRoot)('says so when the folder is read-only', async () => {
    const locked = join(folder, 'locked');
    mkdirSync(locked);
    chmodSync(locked, 0o555);
    await expect(place(join(locked, 'out.jpg'))).rejects.toMatchObject({ code: 'target-unwritable' });
  });

  it('says so on a disk that is full or read-only, and leaves nothing', (context) =>
    withSmallDisk(context, join(folder, 'disk'), '1m', async ({ path: disk, makeReadOnly }) => {
      const tooMuch = place(join(disk, 'out.jpg'), 'rename', 'x'.repeat(3 << 20));
      await expect(tooMuch).rejects.toMatchObject({ code: 'disk-full' });
      expect(readdirSync(disk)).toEqual([]);
      makeReadOnly();
      await expect(place(join(disk, 'out.jpg'))).rejects.toMatchObject({ code: 'target-unwritable' });
      await expect(
        checkTarget({ target: join(disk, 'out.jpg'), ifExists: 'rename', sources: [] }),
      ).rejects.toMatchObject({ code: 'target-unwritable' });
    }));
});

describe('targetPath', () => {
  const path = (name: string, template?: string) =>
    targetPath(name, { format: 'jpeg', ...(template && { template }), values: { blend: 50, n: 3 } });

  it('keeps the name and, where it fits the format, the extension as written', () => {
    expect(path('/p/UPPER.JPG')).toBe('/p/UPPER-4x.JPG');
    expect(path('/p/photo.jpeg')).toBe('/p/photo-4x.jpeg');
    expect(path('/p/photo.png')).toBe('/p/photo-4x.jpg');
    expect(path('/p/holiday.2024')).toBe('/p/holiday.2024-4x.jpg');
    expect(path('/p/no-extension')).toBe('/p/no-extension-4x.jpg');
    expect(path('/p/.jpg')).toBe('/p/.jpg-4x.jpg');
    expect(targetPath('/p/a.jpg', { format: 'png', output: '/q' })).toBe('/q/a-4x.png');
  });

  it('fills templates and refuses what some disk forbids', () => {
    expect(path('/p/a.jpg', '{n} {name} {blend}')).toBe('/p/3 a 50.jpg');
    expect(path('/p/a:b.jpg', '{name}!')).toBe('/p/a:b!.jpg');
    for (const template of ['{name}:x', 'a/{name}', 'a\\{name}', '{name}?', '{name}\n'])
      expect(() => path('/p/a.jpg', template)).toThrow(/forbidden character/);
  });

  it('shortens a name that would outgrow the disk, at a whole letter', () => {
    const long = path(`/p/${'é'.repeat(125)}.jpg`).slice(3);
    expect(Buffer.byteLength(long)).toBeLessThanOrEqual(255 - ' (9999)'.length);
    expect(long).toMatch(/^é+-4x\.jpg$/);
    expect(() => path('/p/a.jpg', 'x'.repeat(300))).toThrow(/too long/);
  });
});
