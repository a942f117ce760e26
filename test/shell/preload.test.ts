import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Bridge } from '../../electron/contract.ts';
import { CHANNELS } from '../../electron/shell/channels.ts';
import { buildParts } from '../../scripts/dev/build.ts';
import { contextBridge, ipcRenderer } from './electron-double.ts';

vi.mock('electron', () => import('./electron-double.ts'));

describe('the bridge', () => {
  let bridge: Bridge;
  beforeAll(async () => {
    await import('../../electron/shell/preload.ts');
    expect(contextBridge.exposeInMainWorld.mock.calls).toEqual([['fourfold', expect.anything()]]);
    bridge = contextBridge.exposeInMainWorld.mock.calls[0]![1];
  });
  beforeEach(() => vi.clearAllMocks());

  test('is all the page gets', () => {
    expect(Object.keys(bridge).sort()).toEqual(['grant', 'onEvent', 'send']);
  });

  test('sends a message as it is', async () => {
    expect(await bridge.send({ id: 1, method: 'app.hello' })).toBe('answer');
    expect(ipcRenderer.invoke).toHaveBeenCalledExactlyOnceWith(CHANNELS.request, { id: 1, method: 'app.hello' });
  });

  test('keeps the event object, which holds the sender, from the page', () => {
    const listener = vi.fn();
    const stop = bridge.onEvent(listener);
    const [channel, relay] = ipcRenderer.on.mock.calls[0]!;
    expect(channel).toBe(CHANNELS.event);
    relay({ sender: 'secret' }, { event: 'banners', data: [] });
    expect(listener).toHaveBeenCalledExactlyOnceWith({ event: 'banners', data: [] });
    stop();
    expect(ipcRenderer.removeListener).toHaveBeenCalledExactlyOnceWith(CHANNELS.event, relay);
  });

  test('a file the page made up has no path and is no grant', async () => {
    const dropped = Object.assign(new File([], 'a.jpg'), { path: '/photos/a.jpg' });
    await bridge.grant([dropped, new File(['x'], 'made-up.jpg')]);
    expect(ipcRenderer.invoke).toHaveBeenCalledExactlyOnceWith(CHANNELS.grant, ['/photos/a.jpg']);
  });
});

test('built, it is one CommonJS file that requires nothing but electron', async () => {
  const outDir = join(tmpdir(), `fourfold-preload-${process.pid}`);
  try {
    await buildParts(['preload'], { outDir });
    const code = await readFile(join(outDir, 'shell/preload.cjs'), 'utf8');
    expect([...code.matchAll(/require\(["'](.+?)["']\)/g)].map((match) => match[1])).toEqual(['electron']);
    expect(code).not.toMatch(/^\s*(import|export)\s/m);
  } finally {
    await rm(outDir, { recursive: true, force: true });
  }
});
