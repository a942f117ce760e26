import type { Checked, Events, ViewAnswer } from '../contract.ts';
import { type PlainError, toPlainError } from '../engine/errors.ts';
import type { ModelPair } from '../engine/network/model.ts';
import type { Depth, Raster } from '../engine/photo/raster.ts';
import { NetworkRunner } from '../engine/run/network-runner.ts';
import { enlargeRegion } from '../engine/run/tile-run.ts';
import type { DeviceDesk } from './device-desk.ts';
import type { EngineClient } from './engine-client.ts';
import { type Lane, RANK } from './lane.ts';
import { type Opened, VIEW_TILE } from './opened-photos.ts';
import type { TileKey, TileStore } from './tile-store.ts';
import { tileRegion, type WantedTile, wantedTiles } from './view-tiles.ts';

export interface ViewerOptions {
  readonly store: TileStore;
  readonly engine: EngineClient;
  readonly lane: Lane;
  readonly desk: DeviceDesk;
  readonly models: ModelPair;
  readonly onTile: (tile: Events['tile']) => void;
  readonly onView: (view: Events['view']) => void;
}

interface Current {
  readonly view: Checked<'view.set'>;
  readonly opened: Opened;
  readonly started: boolean;
  readonly shown: readonly WantedTile[];
  /** Everything still to be made, most urgent first. */
  readonly todo: WantedTile[];
  error?: PlainError;
}

/** `enhance: 'auto'` starts by itself up to this. */
const SECONDS_UNASKED = 10;

/** Blends with an open runner: the one shown, both ends, the one before. */
const KEPT_RUNNERS = 4;

/** Makes the tiles the page looks at: those in view first, from the middle outward; what scrolled away is never begun. */
export class Viewer {
  readonly #options: ViewerOptions;
  readonly #runners = new Map<string, Promise<NetworkRunner>>();
  #current: Current | undefined;
  #working = false;
  #latest: Checked<'view.set'> | undefined;
  #first: Promise<void> | undefined;

  constructor(options: ViewerOptions) {
    this.#options = options;
  }

  /** Replaces the view; an older number than the current one changes nothing. */
  async set(view: Checked<'view.set'>, opened: Opened): Promise<ViewAnswer> {
    const latest = this.#latest;
    if (latest?.photo !== view.photo || view.number >= latest.number) this.#latest = view;
    // Before a device is chosen there is no key to keep tiles under.
    await this.#options.desk.chosen;
    // Whether to start unasked depends on the rate, and the tile under the cursor says it as well as any other.
    if (view.enhance === 'auto' && this.#options.desk.rate === null) {
      this.#first ??= this.#makeFirst(view, opened).finally(() => {
        this.#first = undefined;
      });
      await this.#first;
    }
    const { answer, current } = this.#plan(view, opened);
    if (this.#latest === view) {
      this.#current = current;
      void this.#work();
    }
    return answer;
  }

  /** No view any more; numbers start anew (a page was loaded again). */
  clear(): void {
    this.#latest = undefined;
    this.#current = undefined;
  }

  /** The photo being viewed. */
  get photo(): string | undefined {
    return this.#current?.view.photo;
  }

  /** Sessions are opened anew from here on (another device was chosen). */
  reset(): void {
    this.#runners.clear();
  }

  /** Opens the session for a blend, so that the first tile need not wait for it. */
  async warm(blend: number, depth: Depth): Promise<void> {
    await this.#options.desk.chosen;
    await this.#runner(blend, depth).catch(() => {});
  }

  /** Where a tile of a photo is kept. */
  key(opened: Opened, { blend, column, row }: WantedTile, depth: Depth = opened.pixels.depth): TileKey {
    const models = `${this.#options.models.id}-${this.#options.desk.signature}-${depth}`;
    return { source: opened.source, models, blend, column, row };
  }

  #plan(view: Checked<'view.set'>, opened: Opened): { answer: ViewAnswer; current: Current } {
    const { store, desk } = this.#options;
    const missing = (tile: WantedTile) => !store.has(this.key(opened, tile));
    const grid = { edge: VIEW_TILE, columns: opened.columns, rows: opened.rows };
    const asked = wantedTiles(view, grid, true);
    const left = asked.shown.filter(missing);
    const pixels = left.reduce((sum, { column, row }) => {
      const { width, height } = tileRegion(opened.pixels, VIEW_TILE, column, row);
      return sum + width * height;
    }, 0);
    const seconds = desk.rate === null ? null : pixels / desk.rate;
    const started = view.enhance === 'always' || (view.enhance === 'auto' && (seconds ?? 0) <= SECONDS_UNASKED);
    const todo = [...asked.loupe, ...(started ? [...asked.shown, ...asked.background] : [])].filter(missing);
    const total = asked.shown.length;
    return {
      answer: { number: view.number, total, done: total - left.length, seconds, started: started || left.length === 0 },
      current: { view, opened, started, shown: asked.shown, todo },
    };
  }

  /** The most urgent tile of a view, before anybody knows how long the others take. */
  async #makeFirst(view: Checked<'view.set'>, opened: Opened): Promise<void> {
    const { current } = this.#plan({ ...view, enhance: 'always' }, opened);
    const [tile] = current.todo;
    if (tile) await this.#attempt(current, tile);
  }

  async #work(): Promise<void> {
    if (this.#working) return;
    this.#working = true;
    const release = this.#options.lane.hold(RANK.view);
    try {
      for (;;) {
        const current = this.#current;
        const tile = current?.todo.shift();
        if (!current || !tile) return;
        if (this.#options.store.has(this.key(current.opened, tile))) continue;
        await this.#attempt(current, tile);
      }
    } finally {
      release();
      this.#working = false;
    }
  }

  async #attempt(current: Current, tile: WantedTile): Promise<void> {
    const { photo } = current.view;
    try {
      this.#options.store.put(this.key(current.opened, tile), await this.#make(current.opened, tile));
      this.#options.onTile({ photo, ...tile });
    } catch (error) {
      // The photo was put away in the meantime: nobody waits for its tile.
      if (this.#current?.opened !== current.opened) return;
      current.error = toPlainError(error);
      this.#runners.clear();
      // A tile that fails by itself leaves the others; a device or process that fails would fail them all.
      if (current.error.code !== 'result-wrong') current.todo.length = 0;
    }
    if (this.#current === current) this.#report(current);
  }

  #report({ view, opened, shown, error }: Current): void {
    const left = shown.filter((tile) => !this.#options.store.has(this.key(opened, tile))).length;
    const { rate } = this.#options.desk;
    this.#options.onView({
      photo: view.photo,
      number: view.number,
      done: shown.length - left,
      total: shown.length,
      seconds: rate === null ? null : (left * VIEW_TILE * VIEW_TILE) / rate,
      ...(error && { error }),
    });
  }

  async #make(opened: Opened, { blend, column, row }: WantedTile): Promise<Raster> {
    const { pixels } = opened;
    const runner = await this.#runner(blend, pixels.depth);
    return enlargeRegion(pixels, tileRegion(pixels, VIEW_TILE, column, row), runner, pixels.depth);
  }

  #runner(blend: number, depth: Depth): Promise<NetworkRunner> {
    const { engine, models, desk } = this.#options;
    const key = `${blend}-${depth}`;
    const kept = this.#runners.get(key);
    const runner =
      kept ??
      NetworkRunner.open({
        ...desk.wish,
        models,
        blend: blend / 100,
        tile: VIEW_TILE,
        io: depth === 8 ? 'u8' : 'f32',
        openSession: engine.opener(RANK.view, true),
        onSession: (session, after) => desk.replaced(session, after),
      });
    this.#runners.delete(key);
    this.#runners.set(key, runner);
    if (!kept) runner.catch(() => this.#runners.delete(key));
    const [oldest] = this.#runners.keys();
    if (this.#runners.size > KEPT_RUNNERS && oldest !== undefined) this.#runners.delete(oldest);
    return runner;
  }
}
