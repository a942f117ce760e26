import { createContext } from 'svelte';
import type { Banner, Hello, PlainError } from '../../electron/contract.ts';
import { type Connection, connectionLost, plainOf } from '../client.ts';
import { i18n } from '../i18n/i18n.svelte.ts';
import { AlbumQueue } from './album-queue.svelte.ts';
import { Announcer } from './announcer.svelte.ts';
import { BlendControl } from './blend-control.svelte.ts';
import { Exporting } from './exporting.svelte.ts';
import { Library } from './library.svelte.ts';
import { Preferences } from './preferences.svelte.ts';
import { Viewer } from './viewer.svelte.ts';

export type Screen = 'photo' | 'album';
export type DialogName = 'settings' | 'shortcuts' | 'device';

/** Everything the screens bind to. One instance, made once the service has said hello. */
export class App {
  readonly connection: Connection;
  readonly preferences: Preferences;
  readonly library: Library;
  readonly viewer: Viewer;
  readonly blend: BlendControl;
  readonly exporting: Exporting;
  readonly album: AlbumQueue;
  readonly announcer = new Announcer();
  screen = $state<Screen>('photo');
  dialog = $state<DialogName | null>(null);
  /** The panel as a drawer, in narrow windows. */
  isDrawerOpen = $state(false);
  error = $state.raw<PlainError | null>(null);
  isLost = $state(false);
  readonly banners: readonly Banner[] = $derived.by(() => [
    ...(this.isLost ? [{ id: 'lost', error: connectionLost(), actions: ['reload' as const] }] : []),
    ...this.album.banners,
  ]);

  constructor(connection: Connection, hello: Hello) {
    this.connection = connection;
    this.preferences = new Preferences(connection, hello);
    this.library = new Library(connection, this.preferences, hello);
    this.viewer = new Viewer(connection, this.library, this.preferences);
    this.blend = new BlendControl(this.library, this.viewer, this.announcer);
    this.exporting = new Exporting(connection, this.library, this.preferences, hello);
    this.album = new AlbumQueue(connection, hello);
    connection.onEvent('restarted', () => void this.attempt(() => this.#again()));
  }

  /** Runs what a button or key starts; a refusal is shown, never lost. */
  async attempt(work: () => Promise<unknown>): Promise<void> {
    this.error = null;
    try {
      await work();
    } catch (error) {
      const plain = plainOf(error);
      if (plain.code === 'cancelled') return;
      this.error = plain;
      this.announcer.fail(i18n.sentence(plain));
    }
  }

  /** The service died and another took its place: everything it says is read anew. */
  async #again(): Promise<void> {
    const hello = await this.connection.request('app.hello');
    this.preferences.settings = hello.settings;
    this.preferences.device = hello.device;
    this.library.reset(hello.photos);
    this.exporting.jobs = hello.exports;
    this.album.reset(hello);
    await this.viewer.showAgain();
  }

  exportAlbum(): Promise<void> {
    const { selection, ready } = this.library;
    const chosen = selection.size > 1 ? ready.filter((photo) => selection.has(photo.id)) : ready;
    this.screen = 'album';
    return this.album.add(
      chosen.map((photo) => photo.id),
      this.exporting.settings,
    );
  }
}

export const [useApp, provideApp] = createContext<App>();
