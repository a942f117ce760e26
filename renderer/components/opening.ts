import { createContext } from 'svelte';
import type { Photo } from '../../electron/contract.ts';
import { droppedFolders } from '../client.ts';
import type { App } from '../state/app.svelte.ts';

const PICTURES = '.jpg,.jpeg,.png,.webp,.tif,.tiff,.avif,.gif,.heic,image/*';

/** The ways photos come in: native dialogs where there are, else file inputs; and dropping. */
export class Opening {
  readonly #app: App;

  constructor(app: App) {
    this.#app = app;
  }

  photos(): void {
    if (this.#app.preferences.capabilities.dialogs)
      void this.#app.attempt(() => this.#app.library.openDialog('shell.openPhotos'));
    else this.#choose(false, (files) => this.#app.library.openFiles(files));
  }

  /** Photos for the album: what is new goes to the end of a queue that runs. */
  forAlbum(): void {
    if (this.#app.preferences.capabilities.dialogs)
      void this.#app.attempt(() => this.#app.openForAlbum(() => this.#app.library.openDialog('shell.openPhotos')));
    else this.#choose(false, (files) => this.#app.openForAlbum(() => this.#app.library.openFiles(files)));
  }

  /** Another file for a photo that has moved: it takes the other's place and blend, and is looked at. */
  locate(): void {
    const { library } = this.#app;
    const lost = library.current;
    const find = async (open: Promise<readonly Photo[]>): Promise<void> => {
      const [found] = await open;
      if (!found || !lost) return;
      library.select(found.id);
      if (found.id === lost.id) return;
      if (lost.blend !== null && found.blend === null) await library.setBlend([found.id], lost.blend);
      await this.#app.close([lost.id]);
    };
    if (this.#app.preferences.capabilities.dialogs)
      void this.#app.attempt(() => find(library.openDialog('shell.openPhotos')));
    else this.#choose(false, (files) => find(library.openFiles(files)));
  }

  folder(): void {
    if (this.#app.preferences.capabilities.dialogs)
      void this.#app.attempt(() => this.#app.library.openDialog('shell.openFolder'));
    else this.#choose(true, (files) => this.#app.library.openFiles(files));
  }

  async drop(transfer: DataTransfer): Promise<void> {
    const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.() ?? null);
    const files = [...transfer.files];
    await this.#app.attempt(async () => {
      // Electron's bridge resolves a dropped folder by its path; an upload needs the files in it.
      const all = this.#app.preferences.capabilities.upload ? await filesOf(entries, files) : files;
      const open = () => this.#app.library.openFiles(all);
      // On the album's screen it is the album they are dropped on.
      await (this.#app.screen === 'album' ? this.#app.openForAlbum(open) : open());
    });
  }

  #choose(folder: boolean, open: (files: readonly File[]) => Promise<unknown>): void {
    const input = document.createElement('input');
    input.type = 'file';
    input.multiple = true;
    if (folder) input.webkitdirectory = true;
    else input.accept = PICTURES;
    input.hidden = true;
    document.body.append(input);
    const done = (): void => input.remove();
    input.addEventListener('cancel', done);
    input.addEventListener('change', () => {
      const files = [...(input.files ?? [])];
      done();
      void this.#app.attempt(() => open(files));
    });
    input.click();
  }
}

async function filesOf(entries: readonly (FileSystemEntry | null)[], files: readonly File[]): Promise<File[]> {
  const found: File[] = [];
  for (const [index, entry] of entries.entries()) {
    if (entry?.isDirectory) await walk(entry as FileSystemDirectoryEntry, found);
    else {
      const file = entry ? await fileOf(entry as FileSystemFileEntry) : files[index];
      if (file) found.push(file);
    }
  }
  return found;
}

async function walk(folder: FileSystemDirectoryEntry, found: File[]): Promise<void> {
  const reader = folder.createReader();
  for (;;) {
    // readEntries gives at most a hundred at a time, and none at the end.
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (batch.length === 0) return;
    for (const entry of batch)
      if (entry.isDirectory) await walk(entry as FileSystemDirectoryEntry, found);
      else {
        const file = await fileOf(entry as FileSystemFileEntry);
        droppedFolders.set(file, entry.fullPath.replace(/^\//, ''));
        found.push(file);
      }
  }
}

const fileOf = (entry: FileSystemFileEntry): Promise<File> =>
  new Promise((resolve, reject) => entry.file(resolve, reject));

export const [useOpening, provideOpening] = createContext<Opening>();
