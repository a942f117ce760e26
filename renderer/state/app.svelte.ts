import { createContext } from 'svelte';
import type { Banner, Grant, Hello, Photo, PlainError } from '../../electron/contract.ts';
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
  /** Opened for the album, and still being read. */
  readonly #joining = new Set<string>();
  isLost = $state(false);
  /** Something is asked or shown in front of everything else: keys and menu mean nothing behind it. */
  get hasDialog(): boolean {
    return this.dialog !== null || this.exporting.isAsking;
  }

  readonly banners: readonly Banner[] = $derived.by(() => [
    ...(this.isLost ? [{ id: 'lost', error: connectionLost(), actions: ['reload' as const] }] : []),
    ...this.album.banners,
  ]);

  constructor(connection: Connection, hello: Hello) {
    this.connection = connection;
    this.preferences = new Preferences(connection, hello);
    this.library = new Library(connection, this.preferences, hello);
    this.viewer = new Viewer(connection, this.library, this.preferences);
    this.blend = new BlendControl(this.library, this.viewer, this.announcer, (work) => void this.attempt(work));
    this.exporting = new Exporting(connection, this.library, this.preferences, hello);
    this.album = new AlbumQueue(connection, hello, (error) => this.announcer.fail(i18n.sentence(error)));
    this.library.onRead(() => void this.#join());
    this.library.onRefused((error) => this.#fail(error));
    connection.onEvent('shell.opened', ({ grants }) => void this.attempt(() => this.#openAndShow(grants)));
    connection.onEvent('restarted', () => void this.attempt(() => this.#again()));
  }

  /** Runs what a button or key starts; a refusal is shown, never lost. */
  async attempt(work: () => Promise<unknown>): Promise<void> {
    this.error = null;
    try {
      await work();
    } catch (error) {
      const plain = plainOf(error);
      if (plain.code !== 'cancelled') this.#fail(plain);
    }
  }

  #fail(error: PlainError): void {
    this.error = error;
    this.announcer.fail(i18n.sentence(error));
  }

  /** The service died and another took its place: everything it says is read anew. */
  async #again(): Promise<void> {
    const hello = await this.connection.request('app.hello');
    this.preferences.settings = hello.settings;
    this.preferences.device = hello.device;
    this.library.reset(hello.photos);
    this.exporting.reset(hello);
    this.album.reset(hello);
    await this.viewer.showAgain();
  }

  /** Takes photos out of the list, and what was kept of them out of memory. */
  async close(photos: readonly string[]): Promise<void> {
    await this.library.close(photos);
    for (const photo of photos) this.viewer.enhancing.store.forget(photo);
  }

  async exportAlbum(): Promise<void> {
    if (!(await this.exporting.confirmReplacing())) return;
    this.library.settle();
    const { selection, ready } = this.library;
    const chosen = selection.size > 1 ? ready.filter((photo) => selection.has(photo.id)) : ready;
    const { settings } = this.exporting;
    const fresh = chosen.filter((photo) => !this.album.holds(photo.id, this.library.blendOf(photo), settings));
    this.screen = 'album';
    if (fresh.length > 0)
      await this.album.add(
        fresh.map((photo) => photo.id),
        settings,
      );
  }

  /** Handed over by the system ("Open with Fourfold"): it is looked at, whatever was before. */
  async #openAndShow(grants: readonly Grant[]): Promise<void> {
    const [first] = await this.library.open(grants);
    if (!first) return;
    this.library.select(first.id);
    this.screen = 'photo';
  }

  /** Opens photos; those that are new join the album if it runs, as soon as their headers have been read. */
  async openForAlbum(open: () => Promise<readonly Photo[]>): Promise<void> {
    const before = new Set(this.library.photos.map((photo) => photo.id));
    const photos = await open();
    if (!this.album.isActive) return;
    for (const { id } of photos) if (!before.has(id)) this.#joining.add(id);
    await this.#join();
  }

  async #join(): Promise<void> {
    const { photos } = this.library;
    const known = photos.filter((photo) => this.#joining.has(photo.id) && photo.state !== 'reading');
    for (const { id } of known) this.#joining.delete(id);
    const ready = known.filter((photo) => photo.state === 'ready');
    if (ready.length > 0 && (await this.exporting.confirmReplacing()))
      await this.album.add(
        ready.map((photo) => photo.id),
        this.exporting.settings,
      );
  }
}

export const [useApp, provideApp] = createContext<App>();
