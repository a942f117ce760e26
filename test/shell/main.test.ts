import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';

vi.mock('electron', () => import('./electron-double.ts'));

type Double = typeof import('./electron-double.ts');
let folder: string;
let electron: Double;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fourfold-main-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach(async () => {
  // The module under test runs when it is loaded, so each start loads it anew; the double outlives that.
  vi.resetModules();
  vi.clearAllMocks();
  electron = (await import('electron')) as unknown as Double;
  electron.app.userData = folder;
  electron.app.removeAllListeners();
  electron.FakeUtility.all = [];
  electron.FakeWindow.all = [];
});
const settle = () => new Promise((done) => setTimeout(done, 20));

test('a first start: scheme and fences before Electron is ready, service and window after', async () => {
  await import('../../electron/shell/main.ts');
  expect(electron.protocol.registerSchemesAsPrivileged).toHaveBeenCalledOnce();
  expect(electron.app.listenerCount('web-contents-created')).toBe(1);
  expect(electron.app.setAppUserModelId).toHaveBeenCalledExactlyOnceWith('app.fourfold.desktop');
  expect(electron.FakeUtility.all).toEqual([]);
  expect(electron.FakeWindow.all).toEqual([]);
  electron.app.ready();
  await settle();
  expect(electron.FakeUtility.all.map(({ entry }) => entry)).toEqual([expect.stringMatching(/service[\\/]entry\.ts$/)]);
  expect(electron.FakeWindow.all).toHaveLength(1);
  expect(electron.defaultSession.webRequest.onBeforeRequest).toHaveBeenCalledOnce();
  expect(electron.FakeWindow.all[0]!.webContents.openHandler?.({ url: 'https://example.org/' })).toEqual({
    action: 'deny',
  });
});

test('a second start hands over its photos and goes, without a window or a service', async () => {
  electron.app.requestSingleInstanceLock.mockReturnValue(false);
  const argv = process.argv;
  process.argv = ['electron', '--switch', folder];
  await import('../../electron/shell/main.ts');
  process.argv = argv;
  expect(electron.app.requestSingleInstanceLock).toHaveBeenCalledExactlyOnceWith({ paths: [folder] });
  expect(electron.app.quits).toBe(1);
  electron.app.ready();
  await settle();
  expect(electron.FakeUtility.all).toEqual([]);
  expect(electron.FakeWindow.all).toEqual([]);
});
