import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodePhoto, inspectPhoto } from '../../electron/engine/photo/decode.ts';
import { previewPhoto } from '../../electron/engine/photo/preview.ts';
import { openSource } from '../../electron/engine/photo/source-file.ts';
import { fixture } from '../fixture.ts';
import { withSmallDisk } from '../small-disk.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fourfold-source-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const code = (path: string) =>
  inspectPhoto(path).then(
    () => 'taken',
    (error: { code?: string }) => error.code,
  );

describe('what is no photo', () => {
  it('is refused with words: missing, folder, pipe, device, socket, circle of links', async () => {
    expect(await code(join(folder, 'nothing.jpg'))).toBe('source-missing');
    expect(await code(folder)).toBe('not-a-picture');
    expect(await code(join(fixture('rocket.jpg'), 'inside.jpg'))).toBe('source-missing');
    symlinkSync(join(folder, 'circle'), join(folder, 'circle'));
    expect(await code(join(folder, 'circle'))).toBe('source-unreadable');
    symlinkSync(join(folder, 'gone'), join(folder, 'dangling.jpg'));
    expect(await code(join(folder, 'dangling.jpg'))).toBe('source-missing');
    expect(await code(`${folder}/${'x'.repeat(300)}.jpg`)).toBe('name-too-long');
  });

  it.skipIf(process.platform === 'win32')('never waits for a pipe, device or socket', async () => {
    const pipe = join(folder, 'pipe.jpg');
    execFileSync('mkfifo', [pipe]);
    expect(await code(pipe)).toBe('not-a-picture');
    await expect(previewPhoto(pipe, { maxEdge: 64 })).rejects.toMatchObject({ code: 'not-a-picture' });
    expect(await code('/dev/zero')).toBe('not-a-picture');
    const socket = join(folder, 'socket.jpg');
    const server = createServer().listen(socket);
    await new Promise((resolve) => server.once('listening', resolve));
    expect(await code(socket)).toBe('not-a-picture');
    server.close();
  });

  it.skipIf(process.platform !== 'linux')(
    'is damaged where the disk cannot read it: the drive is not gone',
    async () => {
      // Reading a process's memory at 0 fails as a bad sector does.
      symlinkSync('/proc/self/mem', join(folder, 'sector.jpg'));
      expect(await code(join(folder, 'sector.jpg'))).toBe('damaged');
    },
  );

  it.skipIf(process.getuid?.() === 0)('is refused when there is no permission', async () => {
    const path = join(folder, 'locked.jpg');
    copyFileSync(fixture('rocket.jpg'), path);
    chmodSync(path, 0);
    expect(await code(path)).toBe('source-unreadable');
  });

  it('is told by content, whatever the name: each blocked kind by its own', async () => {
    const words = async (name: string, head: string | Buffer) => {
      const path = join(folder, name);
      writeFileSync(path, typeof head === 'string' ? Buffer.from(head, 'latin1') : head);
      return inspectPhoto(path).then(
        () => 'taken',
        (error: Error & { code?: string }) => `${error.code}: ${error.message}`,
      );
    };
    expect(await words('a.png', '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')).toMatch(
      /^not-a-picture.*SVG/,
    );
    expect(await words('b.jpg', '%PDF-1.7 ')).toMatch(/^not-a-picture.*PDF/);
    expect(await words('c.jpg', '\0\0\0\x0cjP  \r\n\x87\n')).toMatch(/^not-a-picture.*JPEG 2000/);
    expect(await words('d.jpg', '\0\0\0\x18ftypheic\0\0\0\0mif1heic')).toMatch(/^codec-missing.*HEIC/);
    expect(await words('e.jpg', '\xff\x0aabc')).toMatch(/^not-a-picture.*JPEG XL/);
    expect(await words('f.nef', 'MM\0*\0\0\0\x08')).toMatch(/^codec-missing.*raw/);
    expect(await words('g.jpg', Buffer.from('b6a6f208', 'hex'))).toMatch(/^not-a-picture/);
    expect(await words('h.jpg', '\0\0\0\x18ftypisom\0\0\0\0isommp42')).toMatch(/^not-a-picture.*film/);
  });
});

describe('a source', () => {
  it('with brackets at the end of its name is opened by that name', async () => {
    const path = join(folder, 'photo.jpg[page=1]');
    copyFileSync(fixture('rocket.jpg'), path);
    const photo = await decodePhoto(path, { scratchDir: folder });
    expect(photo.info.name).toBe('photo.jpg[page=1]');
    await photo.close();
  });

  it('that changes while it is read is noticed', async () => {
    const path = join(folder, 'changing.jpg');
    copyFileSync(fixture('rocket.jpg'), path);
    const source = await openSource(path);
    await source.checkUnchanged();
    appendFileSync(path, 'more');
    await expect(source.checkUnchanged()).rejects.toMatchObject({ code: 'source-changed' });
    rmSync(path);
    await expect(source.checkUnchanged()).rejects.toMatchObject({ code: 'source-changed' });
  });

  it('over the limit is refused by its header, and taken when the limit is raised', async () => {
    const path = fixture('rocket.jpg');
    await expect(inspectPhoto(path, { pixelLimit: 1000 })).rejects.toMatchObject({ code: 'too-many-pixels' });
    await expect(previewPhoto(path, { maxEdge: 64, pixelLimit: 1000 })).rejects.toMatchObject({
      code: 'too-many-pixels',
    });
    expect((await inspectPhoto(path, { pixelLimit: 1e9 })).width).toBeGreaterThan(0);
  });

  it('gives a small upright picture for lists', async () => {
    const { width, height, contentType, bytes } = await previewPhoto(fixture('rocket.jpg'), { maxEdge: 72 });
    expect([Math.max(width, height), contentType]).toEqual([72, 'image/jpeg']);
    expect(bytes.length).toBeLessThan(8000);
  });

  it('is not called damaged for a scratch folder that is gone or cannot be written to', async (context) => {
    const decode = (to: string) => decodePhoto(fixture('rocket.jpg'), { scratchDir: to });
    await expect(decode(join(folder, 'no-scratch'))).rejects.toMatchObject({ code: 'target-unwritable' });
    await withSmallDisk(context, join(folder, 'closed'), '8m', async ({ path, makeReadOnly }) => {
      makeReadOnly();
      await expect(decode(path)).rejects.toMatchObject({ code: 'target-unwritable' });
    });
  });

  it('stops before decoding when told to', async () => {
    const signal = AbortSignal.abort();
    mkdirSync(join(folder, 'scratch'));
    await expect(
      decodePhoto(fixture('rocket.jpg'), { scratchDir: join(folder, 'scratch'), signal }),
    ).rejects.toMatchObject({
      name: 'AbortError',
    });
  });
});
