import type { MenuItemConstructorOptions } from 'electron';
import type { Words } from './words.ts';

export interface MenuOptions {
  readonly words: Words;
  readonly platform: NodeJS.Platform;
  /** False: the developer tools are offered. */
  readonly packaged: boolean;
  /** One of the page's own action names. */
  readonly command: (command: string) => void;
  readonly clearRecent: () => void;
  readonly showLicences: () => void;
}

type Item = MenuItemConstructorOptions;

/**
 * The menu bar. The page binds the same keys itself, so on Windows and Linux they are only shown
 * here; on a Mac they reach the menu when the page did not take them.
 */
export function menuTemplate(options: MenuOptions): Item[] {
  const { words, command } = options;
  const mac = options.platform === 'darwin';
  const label = (text: string) => (mac ? text.replace(/\(&.\)|&/g, '') : text);
  const says = (text: string, name: string, accelerator?: string): Item => ({
    label: text,
    ...(accelerator && { accelerator, registerAccelerator: false }),
    click: () => command(name),
  });
  const line: Item = { type: 'separator' };
  const settings = says(words.settings, 'settings', 'CmdOrCtrl+,');
  const about: Item = { role: 'about', label: words.about };
  const quit: Item = { role: 'quit', label: words.quit };

  const file: Item[] = [
    says(words.openPhotos, 'open', 'CmdOrCtrl+O'),
    says(words.openFolder, 'openFolder', 'CmdOrCtrl+Shift+O'),
    ...(mac ? [recentMenu(options)] : []),
    line,
    says(words.exportPhoto, 'export', 'CmdOrCtrl+E'),
    says(words.exportAlbum, 'exportAlbum', 'CmdOrCtrl+Shift+E'),
    ...(mac ? [line, { role: 'close' } as Item] : [line, settings, line, quit]),
  ];
  const edit: Item[] = [
    says(words.undoBlend, 'undo', 'CmdOrCtrl+Z'),
    says(words.redoBlend, 'redo', 'CmdOrCtrl+Shift+Z'),
    line,
    { role: 'cut' },
    { role: 'copy' },
    { role: 'paste' },
    { role: 'selectAll' },
  ];
  const view: Item[] = [
    says(words.single, 'single'),
    says(words.split, 'split'),
    says(words.side, 'side'),
    says(words.four, 'four'),
    line,
    says(words.zoomIn, 'zoomIn'),
    says(words.zoomOut, 'zoomOut'),
    says(words.fit, 'fit'),
    says(words.actual, 'actual'),
    line,
    says(words.loupe, 'loupe'),
    says(words.overlay, 'overlay'),
    line,
    { role: 'togglefullscreen', label: words.fullScreen },
    ...(options.packaged ? [] : [line, { role: 'reload' } as Item, { role: 'toggleDevTools' } as Item]),
  ];
  const help: Item[] = [
    says(words.shortcuts, 'shortcuts', 'F1'),
    { label: words.licences, click: options.showLicences },
    ...(mac ? [] : [line, about]),
  ];
  const own: Item = {
    label: 'Fourfold',
    submenu: [about, line, settings, line, { role: 'hide' }, { role: 'hideOthers' }, { role: 'unhide' }, line, quit],
  };
  return [
    ...(mac ? [own] : []),
    { label: label(words.file), submenu: file },
    { label: label(words.edit), submenu: edit },
    { label: label(words.view), submenu: view },
    ...(mac ? [{ role: 'windowMenu', label: label(words.window) } as Item] : []),
    { role: 'help', label: label(words.help), submenu: help },
  ];
}

/** Only macOS fills this menu by itself; Windows shows recent documents in the taskbar's list. */
function recentMenu({ words, clearRecent }: MenuOptions): Item {
  return {
    label: words.openRecent,
    role: 'recentDocuments',
    submenu: [{ label: words.clearRecent, click: clearRecent }],
  };
}
