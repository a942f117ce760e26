import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { DEFAULT_SETTINGS } from '../../electron/contract.ts';
import { settingsStore } from '../../electron/shell/settings-store.ts';
import { visibleBounds } from '../../electron/shell/visible-bounds.ts';
import { openWindow } from '../../electron/shell/window.ts';
import { windowMemory } from '../../electron/shell/window-memory.ts';
import { FakeWindow } from './electron-double.ts';

vi.mock('electron', () => import('./electron-double.ts'));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fourfold-window-'));
  FakeWindow.all = [];
});
afterEach(() => rm(folder, { recursive: true }));

describe('the window', () => {
  const open = () => openWindow({ preload: '/built/preload.cjs', memory: windowMemory(folder) }) as never as FakeWindow;

  test('has a page without Node, behind isolation and sandbox', () => {
    expect(open().options.webPreferences).toMatchObject({
      preload: '/built/preload.cjs',
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      webviewTag: false,
      navigateOnDragDrop: false,
    });
  });

  test('loads the page of the own scheme and shows it once it is painted', () => {
    const window = open();
    expect(window.loadURL).toHaveBeenCalledExactlyOnceWith('fourfold://app/');
    expect(window.show).not.toHaveBeenCalled();
    window.emit('ready-to-show');
    expect(window.show).toHaveBeenCalledOnce();
  });

  test('opens where it was closed', () => {
    const first = open();
    expect(first.options).toMatchObject({ width: 1280, height: 800 });
    first.bounds = { x: 50, y: 60, width: 900, height: 650 };
    first.maximize();
    first.close();
    const second = open();
    expect(second.options).toMatchObject({ x: 50, y: 60, width: 900, height: 650 });
    expect(second.maximized).toBe(true);
  });

  test.each([
    ['crashed', 1],
    ['oom', 1],
    ['clean-exit', 0],
    ['killed', 0],
  ])('a page that went by %s is loaded again %i times', (reason, times) => {
    const window = open();
    window.webContents.emit('render-process-gone', {}, { reason });
    expect(window.webContents.reload).toHaveBeenCalledTimes(times);
  });
});

describe('settings', () => {
  test.each([
    ['empty', ''],
    ['cut short', '{"albumBlend": 3'],
    ['no object', '17'],
    ['a list', '[]'],
  ])('a file that is %s is put aside as settings.bad', async (_, text) => {
    await writeFile(join(folder, 'settings.json'), text);
    const store = settingsStore(folder);
    expect(store.read()).toEqual({});
    expect(store.aside).toBe(join(folder, 'settings.bad'));
    expect(await readFile(join(folder, 'settings.bad'), 'utf8')).toBe(text);
  });

  test('are kept whole, those of other versions too', async () => {
    await writeFile(join(folder, 'settings.json'), '{"albumBlend": 70, "fromTheFuture": {"x": 1}}');
    const store = settingsStore(folder);
    expect(store.aside).toBeUndefined();
    expect(store.read()).toEqual({ albumBlend: 70, fromTheFuture: { x: 1 } });
    store.write(DEFAULT_SETTINGS);
    expect(settingsStore(folder).read()).toEqual(DEFAULT_SETTINGS);
  });
});

describe('what the shell remembers', () => {
  test.each([
    ['empty', ''],
    ['cut short', '{"bounds": {"x": 1'],
    ['no object', '17'],
    ['of another shape', '{"bounds": {"x": "left", "y": 0, "width": 800, "height": 600}}'],
  ])('a file that is %s is put aside and kept, byte for byte', async (_, text) => {
    await writeFile(join(folder, 'window.json'), text);
    const memory = windowMemory(folder);
    expect(memory.read()).toEqual({});
    expect(memory.aside).toBe(join(folder, 'window.bad'));
    expect(await readFile(join(folder, 'window.bad'), 'utf8')).toBe(text);
    memory.write({ maximized: true });
    expect(windowMemory(folder).read()).toEqual({ maximized: true });
  });

  test('a good file is read and nothing is put aside', async () => {
    windowMemory(folder).write({ bounds: { x: 1, y: 2, width: 800, height: 600 }, maximized: false });
    const memory = windowMemory(folder);
    expect(memory.read().bounds).toEqual({ x: 1, y: 2, width: 800, height: 600 });
    expect(memory.aside).toBeUndefined();
    expect(await readdir(folder)).toEqual(['window.json']);
  });
});

describe('where nothing can be written', () => {
  // A file where the folder was: nothing can be made or read below it, on any system.
  const block = async () => {
    await rm(folder, { recursive: true });
    await writeFile(folder, '');
  };

  test('settings stand as they were set, which is told once, and are kept as soon as it can', async () => {
    const told = vi.spyOn(console, 'error').mockImplementation(() => {});
    const store = settingsStore(folder);
    await block();
    store.write(DEFAULT_SETTINGS);
    store.write({ ...DEFAULT_SETTINGS, theme: 'dark' });
    expect(store.read()).toEqual({ ...DEFAULT_SETTINGS, theme: 'dark' });
    expect(told).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('settings.json'), expect.any(Error));
    told.mockRestore();
    await rm(folder);
    store.write({ ...DEFAULT_SETTINGS, theme: 'light' });
    expect(settingsStore(folder).read()).toEqual({ ...DEFAULT_SETTINGS, theme: 'light' });
    expect(store.read().theme).toBe('light');
  });

  test('the window closes', async () => {
    const told = vi.spyOn(console, 'error').mockImplementation(() => {});
    const window = openWindow({ preload: '/built/preload.cjs', memory: windowMemory(folder) }) as never as FakeWindow;
    await block();
    expect(window.close()).toBe(true);
    expect(told).toHaveBeenCalledOnce();
    told.mockRestore();
  });
});

describe('bounds', () => {
  const left = { x: 0, y: 0, width: 1920, height: 1040 };
  const right = { x: 1920, y: 0, width: 1280, height: 1000 };
  test.each([
    ['none: the usual', undefined, [left], { width: 1280, height: 800 }],
    ['none on a small screen', undefined, [{ x: 0, y: 0, width: 1024, height: 600 }], { width: 1024, height: 600 }],
    ['on a screen', { x: 100, y: 50, width: 900, height: 700 }, [left], { x: 100, y: 50, width: 900, height: 700 }],
    [
      'on the second screen',
      { x: 2000, y: 9, width: 900, height: 700 },
      [left, right],
      { x: 2000, y: 9, width: 900, height: 700 },
    ],
    ['on a screen that is gone', { x: 2000, y: 9, width: 900, height: 700 }, [left], { width: 1280, height: 800 }],
    ['above every screen', { x: 0, y: -700, width: 900, height: 700 }, [left], { width: 1280, height: 800 }],
    [
      'larger than the screen',
      { x: 0, y: 0, width: 4000, height: 3000 },
      [left],
      { x: 0, y: 0, width: 1920, height: 1040 },
    ],
    ['no screen at all', { x: 0, y: 0, width: 900, height: 700 }, [], { width: 1280, height: 800 }],
  ])('%s', (_, remembered, areas, expected) => expect(visibleBounds(remembered, areas)).toEqual(expected));
});
