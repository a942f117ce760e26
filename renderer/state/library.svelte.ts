import type { Grant, Hello, Photo, PlainError, Recent } from '../../electron/contract.ts';
import type { Connection } from '../client.ts';
import type { Preferences } from './preferences.svelte.ts';

/** The photos that are open, which one is looked at, which are selected, and their blends. */
export class Library {
  photos = $state.raw<readonly Photo[]>([]);
  currentId = $state<string | null>(null);
  selection = $state.raw<ReadonlySet<string>>(new Set());
  recent = $state.raw<readonly Recent[]>([]);
  /** Files are being handed over or a folder walked. */
  isOpening = $state(false);
  foundNothing = $state(false);
  readonly current: Photo | null = $derived(this.photos.find((photo) => photo.id === this.currentId) ?? null);
  readonly ready: readonly Photo[] = $derived(this.photos.filter((photo) => photo.state === 'ready'));

  readonly #connection: Connection;
  readonly #preferences: Preferences;
  #anchor: string | null = null;
  #changes = new Map<string, Photo>();
  #onRead = (): void => {};
  #settle = (): void => {};
  #onRefused = (_error: PlainError): void => {};

  constructor(connection: Connection, preferences: Preferences, hello: Hello) {
    this.#connection = connection;
    this.#preferences = preferences;
    this.photos = hello.photos;
    this.#chooseFirst();
    connection.onEvent('photo.changed', (photo) => this.#change(photo));
    connection.onEvent('recent.changed', (recent) => {
      if (preferences.capabilities.recent) this.recent = recent;
    });
  }

  /** Told whenever photos changed: headers were read, or a file was made. */
  onRead(listener: () => void): void {
    this.#onRead = listener;
  }

  /** Called before blends are used, or another photo is looked at: a value that has not come to rest yet is kept. */
  settleWith(settle: () => void): void {
    this.#settle = settle;
  }

  settle(): void {
    this.#settle();
  }

  /** Told when of files handed over one or more were not taken; the others open all the same. */
  onRefused(listener: (error: PlainError) => void): void {
    this.#onRefused = listener;
  }

  /** The blend a photo is shown and exported with. */
  blendOf(photo: Photo): number {
    return photo.blend ?? this.#preferences.settings.albumBlend;
  }

  /** The photos of the files, those that were open before too, as all of these answer. */
  async openFiles(files: readonly File[]): Promise<readonly Photo[]> {
    if (files.length === 0) return [];
    return this.#during(async () => {
      const { grants, error } = await this.#connection.grant(files);
      if (error) this.#onRefused(error);
      return this.open(grants);
    });
  }

  async openDialog(what: 'shell.openPhotos' | 'shell.openFolder'): Promise<readonly Photo[]> {
    const { grants } = await this.#connection.request(what);
    return this.open(grants);
  }

  async open(grants: readonly Grant[]): Promise<readonly Photo[]> {
    if (grants.length === 0) return [];
    return this.#during(async () => {
      const { photos } = await this.#connection.request('photos.open', { grants: grants.map((grant) => grant.id) });
      this.#add(photos);
      return photos;
    });
  }

  async openRecent(id: string): Promise<void> {
    await this.#during(async () => this.#add((await this.#connection.request('recent.open', { recent: id })).photos));
  }

  async close(ids: readonly string[]): Promise<void> {
    await this.#connection.request('photos.close', { photos: [...ids] });
    const gone = new Set(ids);
    // What was still to be told of them would put them on the list again.
    for (const id of gone) this.#changes.delete(id);
    const at = this.photos.findIndex((photo) => photo.id === this.currentId);
    this.photos = this.photos.filter((photo) => !gone.has(photo.id));
    if (this.currentId && gone.has(this.currentId)) {
      this.currentId = this.photos[Math.min(at, this.photos.length - 1)]?.id ?? null;
      this.selection = new Set(this.currentId ? [this.currentId] : []);
    } else this.selection = new Set([...this.selection].filter((id) => !gone.has(id)));
  }

  /** A click in the filmstrip: alone, with Shift (from the last one on) or with Ctrl (one more, one less). */
  select(id: string, keys: { shift?: boolean; ctrl?: boolean } = {}): void {
    if (id !== this.currentId) this.settle();
    if (keys.shift && this.#anchor) {
      const ids = this.photos.map((photo) => photo.id);
      const [from, to] = [ids.indexOf(this.#anchor), ids.indexOf(id)].sort((a, b) => a - b) as [number, number];
      this.selection = new Set(ids.slice(Math.max(0, from), to + 1));
    } else if (keys.ctrl) {
      const next = new Set(this.selection);
      if (!next.delete(id)) next.add(id);
      this.selection = next.size > 0 ? next : new Set([id]);
      this.#anchor = id;
    } else {
      this.selection = new Set([id]);
      this.#anchor = id;
    }
    this.currentId = id;
  }

  /** Takes another list for true, and keeps the current photo if it is still there. */
  reset(photos: readonly Photo[]): void {
    this.#changes.clear();
    this.photos = photos;
    this.#chooseFirst();
  }

  selectAll(): void {
    this.selection = new Set(this.photos.map((photo) => photo.id));
  }

  /** The photo before (−1) or after (+1) the current one. */
  step(by: 1 | -1): void {
    const at = this.photos.findIndex((photo) => photo.id === this.currentId);
    const next = this.photos[at + by];
    if (next) this.select(next.id);
  }

  /** Sets blends at once on screen; the service keeps and undoes them. The old ones come back if it refuses. */
  async setBlend(ids: readonly string[], value: number | null): Promise<void> {
    const before = new Map(this.photos.map(({ id, blend }) => [id, blend]));
    this.#showBlends(new Map(ids.map((id) => [id, value])));
    try {
      await this.#connection.request('blend.set', { photos: [...ids], value });
    } catch (error) {
      this.#showBlends(new Map(ids.map((id) => [id, before.get(id) ?? null])));
      throw error;
    }
  }

  #showBlends(blends: ReadonlyMap<string, number | null>): void {
    this.photos = this.photos.map((photo) =>
      blends.has(photo.id) ? { ...photo, blend: blends.get(photo.id) ?? null } : photo,
    );
  }

  async setAlbumBlend(value: number): Promise<void> {
    const before = this.#preferences.settings.albumBlend;
    this.#preferences.settings = { ...this.#preferences.settings, albumBlend: value };
    try {
      await this.#connection.request('blend.album', { value });
    } catch (error) {
      this.#preferences.settings = { ...this.#preferences.settings, albumBlend: before };
      throw error;
    }
  }

  undo = (): Promise<void> => this.#step('blend.undo');
  redo = (): Promise<void> => this.#step('blend.redo');

  async #step(way: 'blend.undo' | 'blend.redo'): Promise<void> {
    this.settle();
    await this.#connection.request(way);
  }

  /** The list as it stands; from here on the service tells its changes. */
  async readRecent(): Promise<void> {
    if (!this.#preferences.capabilities.recent) return;
    this.recent = (await this.#connection.request('recent.list')).recent;
  }

  async #during<T>(work: () => Promise<T>): Promise<T> {
    const before = this.photos.length;
    this.isOpening = true;
    this.foundNothing = false;
    try {
      const result = await work();
      this.foundNothing = this.photos.length === before && before === 0;
      return result;
    } finally {
      this.isOpening = false;
    }
  }

  #add(photos: readonly Photo[]): void {
    const known = new Map(this.photos.map((photo) => [photo.id, photo]));
    const fresh = photos.filter((photo) => !known.has(photo.id)).map((photo) => this.#changes.get(photo.id) ?? photo);
    this.photos = [...this.photos, ...fresh];
    this.#chooseFirst();
  }

  #chooseFirst(): void {
    if (this.current || this.photos.length === 0) return;
    const first = this.photos.find((photo) => photo.state !== 'skipped') ?? this.photos[0]!;
    this.select(first.id);
  }

  /** Many photos turn ready in a burst; one new array a frame is enough. */
  #change(photo: Photo): void {
    if (this.#changes.size === 0)
      setTimeout(() => {
        const changes = this.#changes;
        this.#changes = new Map();
        const known = new Set(this.photos.map((each) => each.id));
        const fresh = [...changes.values()].filter((each) => !known.has(each.id));
        this.photos = [...this.photos.map((each) => changes.get(each.id) ?? each), ...fresh];
        this.#chooseFirst();
        this.#onRead();
      }, 16);
    this.#changes.set(photo.id, photo);
  }
}
