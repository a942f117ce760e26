import { EventEmitter } from 'node:events';
import { vi } from 'vitest';

/**
 * A double of the module `electron`, as far as electron/shell uses it: it remembers what it was told and lets a test
 * play the system's part. What Electron itself does is left to the suite that runs in the real one.
 */
export class FakeContents extends EventEmitter {
  readonly mainFrame = { url: 'fourfold://app/', parent: null };
  readonly sent: { channel: string; message: unknown }[] = [];
  openHandler: ((details: { url: string }) => { action: string }) | undefined;
  readonly reload = vi.fn();
  send(channel: string, message: unknown): void {
    this.sent.push({ channel, message });
  }
  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.openHandler = handler;
  }
}

export class FakeWindow extends EventEmitter {
  static all: FakeWindow[] = [];
  static focused: FakeWindow | null = null;
  static getFocusedWindow = () => FakeWindow.focused;
  readonly webContents = new FakeContents();
  readonly progress: [number, unknown][] = [];
  bounds = { x: 10, y: 20, width: 1000, height: 700 };
  minimized = false;
  maximized = false;
  readonly options: Record<string, unknown>;
  readonly loadURL = vi.fn(async (_url: string) => {});
  readonly show = vi.fn();
  readonly focus = vi.fn();
  readonly restore = vi.fn();
  constructor(options: Record<string, unknown>) {
    super();
    this.options = options;
    FakeWindow.all.push(this);
    app.emit('web-contents-created', {}, this.webContents);
    app.emit('browser-window-created', {}, this);
  }
  maximize = () => {
    this.maximized = true;
  };
  isMaximized = () => this.maximized;
  isMinimized = () => this.minimized;
  getNormalBounds = () => this.bounds;
  setProgressBar = (share: number, options: unknown) => void this.progress.push([share, options]);
  /** As the user's click on ×: returns whether the window is gone. */
  close(): boolean {
    const event = preventable();
    this.emit('close', event);
    if (event.preventDefault.mock.calls.length > 0) return false;
    FakeWindow.all = FakeWindow.all.filter((window) => window !== this);
    this.emit('closed');
    if (FakeWindow.all.length === 0) app.emit('window-all-closed');
    return true;
  }
}

export const preventable = <T extends object>(extra?: T) => ({ preventDefault: vi.fn(), ...(extra as T) });

class FakeApp extends EventEmitter {
  isPackaged = false;
  userData = '';
  quits = 0;
  ended = false;
  readonly recent: string[] = [];
  readonly setAppUserModelId = vi.fn();
  readonly requestSingleInstanceLock = vi.fn((_told?: unknown) => true);
  readonly clearRecentDocuments = vi.fn();
  ready: () => void = () => {};
  #whenReady = new Promise<void>((resolve) => {
    this.ready = resolve;
  });
  whenReady = () => this.#whenReady;
  getPath = () => this.userData;
  getAppPath = () => '/program';
  getVersion = () => '1.2.3';
  readonly exit = vi.fn((_code?: number) => {});
  getLocale = () => 'en-GB';
  getPreferredSystemLanguages = () => ['en-GB'];
  addRecentDocument = (path: string) => void this.recent.push(path);
  /** As Electron: asks `before-quit`, then closes the windows, then is gone. */
  quit(): void {
    this.quits++;
    const event = preventable();
    this.emit('before-quit', event);
    if (event.preventDefault.mock.calls.length > 0) return;
    this.ended = [...FakeWindow.all].every((window) => window.close());
  }
}

interface ForkOptions {
  readonly env?: NodeJS.ProcessEnv;
}

export class FakeUtility extends EventEmitter {
  static all: FakeUtility[] = [];
  readonly posted: { message: unknown; ports: unknown[] }[] = [];
  readonly kill = vi.fn(() => true);
  readonly entry: string;
  readonly options: ForkOptions;
  constructor(entry: string, options: ForkOptions) {
    super();
    this.entry = entry;
    this.options = options;
    FakeUtility.all.push(this);
  }
  postMessage(message: unknown, ports: unknown[] = []): void {
    this.posted.push({ message, ports });
  }
}

export class FakePort extends EventEmitter {
  readonly posted: unknown[] = [];
  readonly start = vi.fn();
  readonly close = vi.fn();
  postMessage(message: unknown): void {
    this.posted.push(message);
  }
}

export class MessageChannelMain {
  static all: MessageChannelMain[] = [];
  readonly port1 = new FakePort();
  readonly port2 = new FakePort();
  constructor() {
    MessageChannelMain.all.push(this);
  }
}

type Handler = (event: unknown, argument: unknown) => Promise<unknown>;
export const ipcMain = {
  handlers: new Map<string, Handler>(),
  handle: (channel: string, handler: Handler) => void ipcMain.handlers.set(channel, handler),
  on: vi.fn(),
};

export class FakeNotification extends EventEmitter {
  static shown: FakeNotification[] = [];
  static isSupported = () => true;
  readonly options: { title: string; body: string };
  constructor(options: { title: string; body: string }) {
    super();
    this.options = options;
  }
  show = () => void FakeNotification.shown.push(this);
}

export const defaultSession = Object.assign(new EventEmitter(), {
  setPermissionRequestHandler: vi.fn(),
  setPermissionCheckHandler: vi.fn(),
  setDevicePermissionHandler: vi.fn(),
  setDisplayMediaRequestHandler: vi.fn(),
  setSpellCheckerEnabled: vi.fn(),
  webRequest: { onBeforeRequest: vi.fn() },
  protocol: { handle: vi.fn() },
});

export const app = new FakeApp();
export const dialog = {
  showOpenDialog: vi.fn(async (..._given: unknown[]) => ({ canceled: true, filePaths: [] as string[] })),
  showErrorBox: vi.fn((_title: string, _words: string) => {}),
  showMessageBox: vi.fn(async (..._given: unknown[]) => ({ response: 0 })),
};
export const shell = { showItemInFolder: vi.fn(), openPath: vi.fn(async () => '') };
export const Menu = { setApplicationMenu: vi.fn(), buildFromTemplate: vi.fn((template: unknown) => template) };
export const nativeTheme = { themeSource: 'system' };
export const powerSaveBlocker = { start: vi.fn((_kind: string) => 7), stop: vi.fn((_id: number) => true) };
export const screen = { getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1920, height: 1040 } }] };
export const session = { defaultSession };
export const protocol = { registerSchemesAsPrivileged: vi.fn() };
export const utilityProcess = {
  fork: (entry: string, _args: readonly string[], options: ForkOptions) => new FakeUtility(entry, options),
};
export const contextBridge = { exposeInMainWorld: vi.fn() };
export const ipcRenderer = { invoke: vi.fn(async () => 'answer'), on: vi.fn(), removeListener: vi.fn() };
export const webUtils = { getPathForFile: vi.fn((file: File) => (file as { path?: string }).path ?? '') };
export { FakeNotification as Notification, FakeWindow as BrowserWindow };
export default { app, ipcMain, shell };
