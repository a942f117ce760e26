import { BrowserWindow, screen } from 'electron';
import { PAGE_URL } from './page-scheme.ts';
import { SMALLEST, visibleBounds } from './visible-bounds.ts';
import type { WindowMemory } from './window-memory.ts';

export interface WindowOptions {
  /** The built preload, absolute. */
  readonly preload: string;
  readonly memory: WindowMemory;
  readonly icon?: string;
}

/** The one window, with a page that has nothing of Node and only what the preload gives it. */
export function openWindow({ preload, memory, icon }: WindowOptions): BrowserWindow {
  const { bounds, maximized } = memory.read();
  const window = new BrowserWindow({
    ...visibleBounds(
      bounds,
      screen.getAllDisplays().map((display) => display.workArea),
    ),
    minWidth: SMALLEST.width,
    minHeight: SMALLEST.height,
    show: false,
    title: 'Fourfold',
    // The page's own surround, so that opening does not flash white.
    backgroundColor: '#1c1c1c',
    ...(icon && { icon }),
    webPreferences: {
      preload,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webviewTag: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      navigateOnDragDrop: false,
      spellcheck: false,
      enableWebSQL: false,
    },
  });
  if (maximized) window.maximize();
  window.once('ready-to-show', () => window.show());
  window.on('close', () => memory.write({ bounds: window.getNormalBounds(), maximized: window.isMaximized() }));
  window.on('page-title-updated', (event) => event.preventDefault());
  // The page keeps nothing the service does not know, so a fresh one is as good as the one that went down.
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason !== 'clean-exit' && reason !== 'killed') window.webContents.reload();
  });
  void window.loadURL(PAGE_URL);
  return window;
}
