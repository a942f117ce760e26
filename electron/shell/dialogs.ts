import { type BrowserWindow, dialog, type OpenDialogOptions, shell } from 'electron';
import type { Grant, Service } from '../contract.ts';
import { ask } from '../service/ask.ts';
import { PHOTO_EXTENSIONS } from './photo-files.ts';
import type { ShellAnswers } from './relay.ts';
import type { Words } from './words.ts';

export interface DialogOptions {
  readonly service: Service;
  readonly window: () => BrowserWindow | undefined;
  readonly words: () => Words;
  readonly onOpened: (paths: readonly string[]) => void;
}

/** Choosing photos and folders, and showing a file where it lies. What is chosen becomes a grant, never a path. */
export function dialogs({ service, window, words, onOpened }: DialogOptions): ShellAnswers {
  const choose = async (options: OpenDialogOptions): Promise<string[]> => {
    const parent = window();
    const chosen = parent ? await dialog.showOpenDialog(parent, options) : await dialog.showOpenDialog(options);
    return chosen.canceled ? [] : chosen.filePaths;
  };
  const grant = async (paths: readonly string[], use: 'read' | 'write'): Promise<Grant[]> => {
    if (paths.length === 0) return [];
    return (await ask(service, 'grants.add', { files: paths.map((path) => ({ path })), use })).grants;
  };
  const open = async (options: OpenDialogOptions) => {
    const paths = await choose(options);
    const grants = await grant(paths, 'read');
    onOpened(paths);
    return { grants };
  };
  return {
    'shell.openPhotos': () =>
      open({
        title: words().openPhotos,
        properties: ['openFile', 'multiSelections'],
        filters: [
          { name: words().photos, extensions: [...PHOTO_EXTENSIONS] },
          { name: words().allFiles, extensions: ['*'] },
        ],
      }),
    'shell.openFolder': () => open({ title: words().openFolder, properties: ['openDirectory'] }),
    'shell.chooseFolder': async () => {
      const paths = await choose({ title: words().chooseFolder, properties: ['openDirectory', 'createDirectory'] });
      return { grant: (await grant(paths, 'write'))[0] ?? null };
    },
    'shell.showFile': async ({ file }) => {
      const { path } = await ask(service, 'files.path', { file });
      shell.showItemInFolder(path);
      return null;
    },
  };
}
