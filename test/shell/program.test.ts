import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { DEFAULT_SETTINGS, type EventMessage } from '../../electron/contract.ts';
import { CHANNELS } from '../../electron/shell/channels.ts';
import { Program } from '../../electron/shell/program.ts';
import {
  app,
  defaultSession,
  dialog,
  FakeNotification,
  FakeWindow,
  ipcMain,
  Menu,
  nativeTheme,
  powerSaveBlocker,
  shell,
} from './electron-double.ts';
import { FakeService } from './fake-service.ts';

vi.mock('electron', () => import('./electron-double.ts'));

let service: FakeService;
/** Throws away what nothing holds. */
async function collect(): Promise<void> {
  setFlagsFromString('--expose-gc');
  await settle();
  (runInNewContext('gc') as () => void)();
  await settle();
}
const settle = () => new Promise((done) => setTimeout(done, 5));

beforeEach(async () => {
  vi.clearAllMocks();
  app.removeAllListeners();
  defaultSession.removeAllListeners();
  app.userData = await mkdtemp(join(tmpdir(), 'fourfold-program-'));
  Object.assign(app, { quits: 0, ended: false });
  app.recent.length = 0;
  FakeWindow.all = [];
  FakeWindow.focused = null;
  FakeNotification.shown = [];
  ipcMain.handlers.clear();
  service = new FakeService();
});
afterEach(() => rm(app.userData, { recursive: true, force: true }));

async function start(paths: string[] = []): Promise<FakeWindow> {
  const program = new Program({
    startService: async () => service,
    pageFolder: '/built/renderer',
    preload: '/built/preload.cjs',
    licences: '/built/licences.txt',
    paths,
  });
  await program.run();
  return FakeWindow.all[0]!;
}

const fromPage = (window: FakeWindow, method: string, params?: unknown) =>
  ipcMain.handlers.get(CHANNELS.request)!(
    { sender: window.webContents, senderFrame: window.webContents.mainFrame },
    { id: 1, method, params },
  );
const events = (window: FakeWindow) => window.webContents.sent.map(({ message }) => message as EventMessage);
const running = (state: 'running' | 'idle') =>
  service.tell({
    event: 'album.changed',
    data: {
      album: { state, counts: { total: 2, done: 1, skipped: 0, failed: 0, cancelled: 0 } as never, secondsLeft: null },
      jobs: [],
    },
  });

describe('opening photos', () => {
  test('named at the start wait for the page, then reach it as grants and become recent', async () => {
    const window = await start(['/photos/a.jpg']);
    await settle();
    expect(events(window)).toEqual([]);
    await fromPage(window, 'app.hello');
    await settle();
    expect(events(window)).toEqual([
      { event: 'shell.opened', data: { grants: [{ id: 'g0', name: 'a.jpg', kind: 'file' }] } },
    ]);
    expect(app.recent).toEqual(['/photos/a.jpg']);
  });

  test('through the dialog', async () => {
    const window = await start();
    dialog.showOpenDialog.mockResolvedValueOnce({ canceled: false, filePaths: ['/photos/a.jpg', '/photos/b.png'] });
    const answer = await fromPage(window, 'shell.openPhotos');
    expect(answer).toMatchObject({ result: { grants: [{ name: 'a.jpg' }, { name: 'b.png' }] } });
    expect(app.recent).toEqual(['/photos/a.jpg', '/photos/b.png']);
    expect(dialog.showOpenDialog.mock.calls[0]![0]).toBe(window);
  });

  test('a cancelled dialog grants nothing', async () => {
    const window = await start();
    expect(await fromPage(window, 'shell.chooseFolder')).toMatchObject({ result: { grant: null } });
    expect(await fromPage(window, 'shell.openFolder')).toMatchObject({ result: { grants: [] } });
    expect(service.asked.map(({ message }) => message.method)).not.toContain('grants.add');
  });

  test('a chosen folder is granted for writing', async () => {
    const window = await start();
    dialog.showOpenDialog.mockResolvedValueOnce({ canceled: false, filePaths: ['/results'] });
    await fromPage(window, 'shell.chooseFolder');
    expect(service.asked.at(-1)?.message.params).toEqual({ files: [{ path: '/results' }], use: 'write' });
  });
});

test('a file is shown by what the service knows of it, never by a path of the page', async () => {
  const window = await start();
  service.results['files.path'] = { path: '/photos/a-4x.jpg' };
  await fromPage(window, 'shell.showFile', { file: 'abc' });
  expect(shell.showItemInFolder).toHaveBeenCalledExactlyOnceWith('/photos/a-4x.jpg');
  expect(service.asked.at(-1)).toMatchObject({ from: 'owner', message: { method: 'files.path' } });
});

describe('settings', () => {
  test('theme and language reach the system as soon as they change', async () => {
    await start();
    await settle();
    expect(nativeTheme.themeSource).toBe('system');
    expect(JSON.stringify(Menu.setApplicationMenu.mock.calls.at(-1))).toContain('&File');
    const data = { ...DEFAULT_SETTINGS, theme: 'dark', language: 'zh-Hant' } as const;
    service.tell({ event: 'settings.changed', data });
    expect(nativeTheme.themeSource).toBe('dark');
    expect(JSON.stringify(Menu.setApplicationMenu.mock.calls.at(-1))).toContain('檔案');
  });

  test('clearing the recent list clears the system’s too', async () => {
    const window = await start();
    service.results['recent.clear'] = null;
    await fromPage(window, 'recent.clear');
    expect(app.clearRecentDocuments).toHaveBeenCalledOnce();
  });
});

test('work keeps the computer awake and shows in the taskbar; a click on the notification shows the window', async () => {
  const window = await start();
  running('running');
  expect(powerSaveBlocker.start).toHaveBeenCalledExactlyOnceWith('prevent-app-suspension');
  expect(window.progress.at(-1)).toEqual([0.5, { mode: 'normal' }]);
  const clock = vi.spyOn(performance, 'now').mockReturnValue(1e9);
  running('idle');
  clock.mockRestore();
  expect(powerSaveBlocker.stop).toHaveBeenCalledExactlyOnceWith(7);
  expect(window.progress.at(-1)).toEqual([-1, { mode: 'normal' }]);
  FakeNotification.shown[0]!.emit('click');
  expect(window.focus).toHaveBeenCalled();
});

test('a notification is held until it is clicked or closed, or Electron would collect it with its click', async () => {
  await start();
  const clock = vi.spyOn(performance, 'now');
  const held: WeakRef<FakeNotification>[] = [];
  for (const [time, end] of (['click', 'close'] as const).entries()) {
    clock.mockReturnValue(time * 1e9);
    running('running');
    clock.mockReturnValue(time * 1e9 + 1e8);
    running('idle');
    held.push(new WeakRef(FakeNotification.shown.pop()!));
    await collect();
    expect(held[time]!.deref()).toBeDefined();
    held[time]!.deref()!.emit(end);
    await collect();
    expect(held[time]!.deref()).toBeUndefined();
  }
  clock.mockRestore();
});

describe('leaving', () => {
  const close = async (window: FakeWindow) => {
    window.close();
    await settle();
  };

  test('idle: the window closes, the service is closed before the program ends', async () => {
    await close(await start());
    expect(dialog.showMessageBox).not.toHaveBeenCalled();
    expect(service.asked.map(({ message }) => message.method)).toContain('service.close');
    expect(service.closed).toBe(true);
    expect(app.ended).toBe(true);
    expect(FakeWindow.all).toEqual([]);
  });

  test('at work: asks, and keeps the window when told to keep working', async () => {
    const window = await start();
    running('running');
    await close(window);
    expect(dialog.showMessageBox).toHaveBeenCalledOnce();
    expect(service.closed).toBe(false);
    expect(FakeWindow.all).toEqual([window]);
    dialog.showMessageBox.mockResolvedValueOnce({ response: 1 });
    await close(window);
    expect(service.closed).toBe(true);
    expect(app.ended).toBe(true);
  });

  test.each([
    [true, false, /album goes on when/, /export/, 'Pause and quit'],
    [false, true, /exports are stopped and leave no file/, /goes on/, 'Stop and quit'],
    [true, true, /album goes on when .* exports are stopped and leave no file/, /The rest/, 'Stop and quit'],
  ])('album %s, export %s: says what becomes of it', async (album, exporting, says, saysNot, button) => {
    const window = await start();
    if (album) running('running');
    if (exporting) service.tell({ event: 'export.changed', data: { id: 'a', state: 'running', progress: 0 } as never });
    await close(window);
    const [, question] = dialog.showMessageBox.mock.calls[0]! as [unknown, { detail: string; buttons: string[] }];
    expect(question.detail).toMatch(says);
    expect(question.detail).not.toMatch(saysNot);
    expect(question.buttons).toEqual(['Keep working', button]);
  });
});

test('activated without a window, it opens one; with one, it shows that', async () => {
  const window = await start();
  app.emit('activate');
  expect(FakeWindow.all).toHaveLength(1);
  window.minimized = true;
  app.emit('second-instance', {}, [], '/', { paths: [] });
  expect(window.restore).toHaveBeenCalledOnce();
  window.emit('closed');
  app.emit('activate');
  expect(FakeWindow.all).toHaveLength(2);
});
