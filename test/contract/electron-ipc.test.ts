import { vi } from 'vitest';
import type { AnswerMessage, EventMessage } from '../../electron/contract.ts';
import { CHANNELS } from '../../electron/shell/channels.ts';
import { handleScheme, PAGE_ORIGIN } from '../../electron/shell/page-scheme.ts';
import { relay, type ShellAnswers } from '../../electron/shell/relay.ts';
import { defaultSession, FakeContents, ipcMain } from '../shell/electron-double.ts';
import type { Carrier } from './carriers.ts';
import { contractSuite } from './suite.ts';

vi.mock('electron', () => import('../shell/electron-double.ts'));

/** The shell's own relay and scheme, with a double of Electron under them; every message is cloned, as IPC does. */
const overElectron: Carrier = {
  name: 'Electron IPC and scheme',
  async carry(service) {
    const contents = new FakeContents();
    const listeners = new Set<(message: EventMessage) => void>();
    contents.send = (channel, message) => {
      if (channel === CHANNELS.event)
        for (const listener of listeners) listener(structuredClone(message) as EventMessage);
    };
    const refuse = async () => Promise.reject(new Error('no file manager in a test'));
    const shell = { 'shell.showFile': refuse } as unknown as ShellAnswers;
    relay({ ipcMain: ipcMain as never, service, shell, contents: () => contents as never });
    let handle: (request: Request) => Promise<Response> = async () => new Response(null, { status: 500 });
    defaultSession.protocol.handle.mockImplementation((_scheme, handler) => (handle = handler));
    handleScheme(defaultSession as never, async () => new Response(null, { status: 404 }), service);
    const event = { sender: contents, senderFrame: contents.mainFrame };
    return {
      page: {
        answer: async (message) =>
          structuredClone(
            await ipcMain.handlers.get(CHANNELS.request)!(event, structuredClone(message)),
          ) as AnswerMessage,
        onEvent(listener) {
          listeners.add(listener);
          return () => void listeners.delete(listener);
        },
        pixels: (request) => {
          const { pathname, search } = new URL(request.url);
          return handle(new Request(PAGE_ORIGIN + pathname + search, { method: request.method }));
        },
      },
      owner: service,
      close: async () => ipcMain.handlers.clear(),
    };
  },
};

contractSuite(overElectron);
