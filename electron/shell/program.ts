import { join } from 'node:path';
import {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  Menu,
  Notification,
  nativeTheme,
  powerSaveBlocker,
  session,
  shell,
} from 'electron';
import { DEFAULT_SETTINGS, type EventMessage, type Service, type Settings } from '../contract.ts';
import { ask } from '../service/ask.ts';
import { pageFiles, securityHeaders } from '../service/page-files.ts';
import { Activity } from './activity.ts';
import { CHANNELS } from './channels.ts';
import { dialogs } from './dialogs.ts';
import { fenceSession } from './fences.ts';
import { menuTemplate } from './menu.ts';
import { openWith } from './open-with.ts';
import { handleScheme } from './page-scheme.ts';
import { orderlyQuit } from './quitting.ts';
import { relay } from './relay.ts';
import { systemLocale } from './start-service.ts';
import { openWindow } from './window.ts';
import { windowMemory } from './window-memory.ts';
import { type Words, wordsFor } from './words.ts';

export interface ProgramOptions {
  /** Starts the service; called once Electron is ready. */
  readonly startService: () => Promise<Service>;
  /** The built page and the built preload, absolute. */
  readonly pageFolder: string;
  readonly preload: string;
  readonly licences: string;
  /** Photos the program was started with. */
  readonly paths: readonly string[];
}

/** The whole shell, wired: service, page, window, menu, and what the system shows of them. */
export class Program {
  readonly #options: ProgramOptions;
  readonly #memory = windowMemory(app.getPath('userData'));
  readonly #outside: ReturnType<typeof openWith>;
  #service: Service | undefined;
  #window: BrowserWindow | undefined;
  #settings: Settings = DEFAULT_SETTINGS;
  #activity: Activity | undefined;
  /** Those on screen: one that nothing holds is collected, and its click with it. */
  readonly #notifications = new Set<Notification>();

  constructor(options: ProgramOptions) {
    this.#options = options;
    this.#outside = openWith({
      app,
      first: options.paths,
      deliver: (paths) => void this.#deliver(paths),
      show: () => this.#show(),
    });
    app.on('activate', () => this.#show());
    app.on('window-all-closed', () => process.platform !== 'darwin' && app.quit());
  }

  /** To be called once Electron is ready. */
  async run(): Promise<void> {
    fenceSession(session.defaultSession);
    const service = await this.#options.startService();
    this.#service = service;
    handleScheme(session.defaultSession, pageFiles(this.#options.pageFolder, securityHeaders()), service);
    this.#activity = this.#startActivity();
    this.#relay(service);
    service.onEvent((message) => this.#take(message));
    this.#confirmQuit(service);
    this.#show();
    void ask(service, 'app.hello').then(
      (hello) => this.#applySettings(hello.settings),
      () => this.#applySettings(DEFAULT_SETTINGS),
    );
  }

  reload(): void {
    this.#window?.webContents.reloadIgnoringCache();
  }

  #relay(service: Service): void {
    const onOpened = (paths: readonly string[]) => {
      for (const path of paths.slice(0, 20)) app.addRecentDocument(path);
    };
    relay({
      ipcMain,
      service,
      shell: dialogs({ service, window: () => this.#window, words: () => this.#words(), onOpened }),
      contents: () => this.#window?.webContents,
      onOpened,
      onAnswered: (method) => {
        if (method === 'app.hello') this.#outside.pageListens();
        if (method === 'recent.clear') app.clearRecentDocuments();
      },
    });
  }

  #take(message: EventMessage): void {
    this.#activity?.take(message);
    if (message.event === 'settings.changed') this.#applySettings(message.data);
    if (message.event === 'restarted') this.#activity?.reset();
  }

  #applySettings(settings: Settings): void {
    this.#settings = settings;
    nativeTheme.themeSource = settings.theme;
    const template = menuTemplate({
      words: this.#words(),
      platform: process.platform,
      packaged: app.isPackaged,
      command: (command) => this.#send({ event: 'shell.command', data: { command } }),
      clearRecent: () => this.#clearRecent(),
      showLicences: () => void shell.openPath(this.#options.licences),
    });
    Menu.setApplicationMenu(Menu.buildFromTemplate(template));
  }

  #clearRecent(): void {
    app.clearRecentDocuments();
    if (this.#service) void ask(this.#service, 'recent.clear').catch(() => {});
  }

  #words(): Words {
    return wordsFor(this.#settings.language, systemLocale());
  }

  #send(message: EventMessage): void {
    this.#window?.webContents.send(CHANNELS.event, message);
  }

  #show(): void {
    // Before the service is there the page would find nobody; `run` comes here again.
    if (!this.#service) return;
    if (this.#window) {
      if (this.#window.isMinimized()) this.#window.restore();
      this.#window.show();
      this.#window.focus();
      return;
    }
    const window = openWindow({ preload: this.#options.preload, memory: this.#memory });
    window.webContents.on('did-start-navigation', ({ isMainFrame, isSameDocument }) => {
      if (isMainFrame && !isSameDocument) this.#outside.pageGone();
    });
    window.on('closed', () => {
      this.#window = undefined;
      this.#outside.pageGone();
    });
    this.#window = window;
  }

  async #deliver(paths: readonly string[]): Promise<void> {
    if (!this.#service) return;
    const files = paths.map((path) => ({ path }));
    try {
      const { grants } = await ask(this.#service, 'grants.add', { files, use: 'read' });
      for (const path of paths.slice(0, 20)) app.addRecentDocument(path);
      this.#send({ event: 'shell.opened', data: { grants } });
    } catch {
      // A file that went away between the click and now: the page simply opens without it.
    }
  }

  #startActivity(): Activity {
    return new Activity(
      {
        setProgress: (share, mode) => this.#window?.setProgressBar(share, { mode }),
        keepAwake: () => {
          const id = powerSaveBlocker.start('prevent-app-suspension');
          return () => powerSaveBlocker.stop(id);
        },
        notify: (title, body) => {
          if (!Notification.isSupported()) return;
          const notification = new Notification({ title, body });
          const forget = () => this.#notifications.delete(notification);
          notification.on('click', () => {
            forget();
            this.#show();
          });
          notification.on('close', forget);
          this.#notifications.add(notification);
          notification.show();
        },
        focused: () => BrowserWindow.getFocusedWindow() !== null,
        words: () => this.#words(),
        now: () => performance.now(),
      },
      this.#settings,
    );
  }

  #confirmQuit(service: Service): void {
    const quitting = orderlyQuit({
      app,
      busy: () => this.#activity?.busy ?? false,
      ask: async () => {
        const words = this.#words();
        const running = this.#activity?.running ?? { album: false, exports: false };
        const question = {
          type: 'question' as const,
          message: words.quitTitle,
          detail: words.quitDetail(running),
          buttons: [words.keepWorking, running.exports ? words.stopAndQuit : words.pauseAndQuit],
          defaultId: 0,
          cancelId: 0,
        };
        const { response } = await (this.#window
          ? dialog.showMessageBox(this.#window, question)
          : dialog.showMessageBox(question));
        return response === 1;
      },
      closeService: async () => {
        await ask(service, 'service.close');
        await service.close();
      },
    });
    // Where closing the window means quitting, the question must come before the window is gone.
    app.on('browser-window-created', (_event, window) =>
      window.on('close', (event) => {
        if (process.platform === 'darwin' || quitting.agreed()) return;
        event.preventDefault();
        app.quit();
      }),
    );
  }
}

/** The page and preload as `npm run build` laid them beside this file. */
export function builtPaths(here: string): Pick<ProgramOptions, 'pageFolder' | 'preload'> {
  return { pageFolder: join(here, '../renderer'), preload: join(here, 'preload.cjs') };
}
