import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { DEFAULT_SETTINGS } from '../../electron/contract.ts';
import type { StartOptions } from '../../electron/service/entry.ts';
import { startService } from '../../electron/shell/start-service.ts';
import { app, dialog, FakeUtility, MessageChannelMain } from './electron-double.ts';

vi.mock('electron', () => import('./electron-double.ts'));

const settle = () => new Promise((done) => setTimeout(done, 5));
const startOf = (child: FakeUtility) => (child.posted[0]!.message as { options: StartOptions }).options;

beforeEach(async () => {
  vi.clearAllMocks();
  FakeUtility.all = [];
  MessageChannelMain.all = [];
  app.userData = await mkdtemp(join(tmpdir(), 'fourfold-start-'));
});
afterEach(() => rm(app.userData, { recursive: true, force: true }));

test('the service is told where its things are, what this edition can, and the kept settings', async () => {
  await writeFile(join(app.userData, 'settings.json'), '{"albumBlend": 70}');
  await startService('/models');
  expect(startOf(FakeUtility.all[0]!)).toMatchObject({
    stateDir: join(app.userData, 'state'),
    cacheDir: join(app.userData, 'tiles'),
    modelsDir: '/models',
    locale: 'en-GB',
    restored: false,
    capabilities: { edition: 'electron', dialogs: true, beside: true, upload: false },
    settings: { initial: { albumBlend: 70 }, bad: false },
  });
});

test('settings that change are kept', async () => {
  await startService('/models');
  const data = { ...DEFAULT_SETTINGS, theme: 'dark' };
  MessageChannelMain.all[0]!.port1.emit('message', {
    data: { type: 'event', message: { event: 'settings.changed', data } },
    ports: [],
  });
  expect(JSON.parse(await readFile(join(app.userData, 'settings.json'), 'utf8'))).toEqual(data);
});

test('settings that change and cannot be kept still reach everybody else', async () => {
  const told = vi.spyOn(console, 'error').mockImplementation(() => {});
  const service = await startService('/models');
  const heard = vi.fn();
  service.onEvent(heard);
  await rm(app.userData, { recursive: true });
  await writeFile(app.userData, '');
  const message = { event: 'settings.changed', data: { ...DEFAULT_SETTINGS, theme: 'dark' } };
  MessageChannelMain.all[0]!.port1.emit('message', { data: { type: 'event', message }, ports: [] });
  expect(heard).toHaveBeenCalledExactlyOnceWith(message);
  expect(told).toHaveBeenCalledOnce();
  told.mockRestore();
});

describe('a service that dies', () => {
  test('is started again with the settings of now, and those that were unreadable are told of once', async () => {
    await writeFile(join(app.userData, 'settings.json'), '');
    await startService('/models');
    expect(startOf(FakeUtility.all[0]!).settings).toMatchObject({ bad: true });
    FakeUtility.all[0]!.emit('exit', 139);
    await settle();
    expect(FakeUtility.all).toHaveLength(2);
    expect(startOf(FakeUtility.all[1]!)).toMatchObject({ restored: true, settings: { bad: false } });
  });

  test('again and again is given up, with words', async () => {
    await startService('/models');
    for (let death = 0; death < 6; death++) {
      FakeUtility.all.at(-1)!.emit('exit', 139);
      await settle();
    }
    expect(FakeUtility.all).toHaveLength(6);
    expect(dialog.showErrorBox).toHaveBeenCalledExactlyOnceWith(
      'Fourfold',
      expect.stringContaining('Saved photos are intact'),
    );
    expect(app.exit).toHaveBeenCalledExactlyOnceWith(1);
  });
});
