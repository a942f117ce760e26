import { EventEmitter } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { openWith } from '../../electron/shell/open-with.ts';
import { pathsOf } from '../../electron/shell/photo-files.ts';
import { preventable } from './electron-double.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fourfold-open-'));
  await writeFile(join(folder, 'a.jpg'), '');
  await writeFile(join(folder, 'b c.png'), '');
});
afterAll(() => rm(folder, { recursive: true }));

describe('a command line', () => {
  test('gives the files and folders that exist, absolute', () =>
    expect(pathsOf(['a.jpg', join(folder, 'b c.png'), '.', 'missing.jpg'], folder)).toEqual([
      join(folder, 'a.jpg'),
      join(folder, 'b c.png'),
      folder,
    ]));
  test('the program’s own folder is none of them, wherever it stands', () =>
    expect(pathsOf(['--inspect=0', `${folder}/`, 'a.jpg'], folder, folder)).toEqual([join(folder, 'a.jpg')]));
  test('gives those that come as addresses, as Linux’ file managers hand them over', () =>
    expect(
      pathsOf(
        [
          pathToFileURL(join(folder, 'b c.png')).href,
          'file:///missing.jpg',
          'file:///a%zz.jpg',
          'file:///a%2Fb.jpg',
          'https://example.org/a.jpg',
        ],
        folder,
      ),
    ).toEqual([join(folder, 'b c.png')]));
  test('switches, of Chromium or others, are no files', () =>
    expect(pathsOf(['--allow-file-access-from-files', '-psn_0_1', '', '--type=a.jpg'], folder)).toEqual([]));
});

describe('photos from outside', () => {
  let app: EventEmitter;
  const deliver = vi.fn();
  const show = vi.fn();
  beforeEach(() => {
    vi.clearAllMocks();
    app = new EventEmitter();
  });
  const start = (first: string[] = []) => openWith({ app: app as never, first, deliver, show });

  test('wait until the page listens, then come together in order', () => {
    const outside = start(['/a.jpg']);
    const event = preventable();
    app.emit('open-file', event, '/b.jpg');
    expect(event.preventDefault).toHaveBeenCalledOnce();
    expect(deliver).not.toHaveBeenCalled();
    outside.pageListens();
    expect(deliver).toHaveBeenCalledExactlyOnceWith(['/a.jpg', '/b.jpg']);
    app.emit('open-file', preventable(), '/c.jpg');
    expect(deliver).toHaveBeenLastCalledWith(['/c.jpg']);
  });

  test('wait again while the page is loaded anew', () => {
    const outside = start();
    outside.pageListens();
    outside.pageGone();
    app.emit('open-file', preventable(), '/a.jpg');
    expect(deliver).not.toHaveBeenCalled();
    outside.pageListens();
    expect(deliver).toHaveBeenCalledExactlyOnceWith(['/a.jpg']);
  });

  test('a second start brings its own and shows the window', () => {
    start().pageListens();
    app.emit('second-instance', {}, ['fourfold', '--switch'], folder, { paths: ['/told.jpg'] });
    expect(deliver).toHaveBeenCalledExactlyOnceWith(['/told.jpg']);
    expect(show).toHaveBeenCalledOnce();
  });

  test('a second start that says nothing beside its command line is read by that', () => {
    start().pageListens();
    app.emit('second-instance', {}, ['fourfold', 'a.jpg'], folder, undefined);
    expect(deliver).toHaveBeenCalledExactlyOnceWith([join(folder, 'a.jpg')]);
  });

  test('nothing to open, nothing delivered', () => {
    start().pageListens();
    app.emit('second-instance', {}, ['fourfold'], folder, { paths: [] });
    expect(deliver).not.toHaveBeenCalled();
    expect(show).toHaveBeenCalledOnce();
  });
});
