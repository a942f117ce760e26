import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Album, type AlbumEvent } from '../../electron/engine/album/album.ts';
import { readAlbum } from '../../electron/engine/album/album-record.ts';
import {
  type AlbumPhoto,
  type AlbumResult,
  countPhotos,
  PHOTO_STATES,
} from '../../electron/engine/album/album-state.ts';
import type { AlbumWork, PhotoWork, WorkSurroundings } from '../../electron/engine/album/album-work.ts';
import { FourfoldError } from '../../electron/engine/errors.ts';
import { tempName } from '../../electron/engine/output/place.ts';

const disk = vi.hoisted(() => ({ isReadOnly: false }));
/** Every folder that was listed. */
const listed = vi.hoisted((): string[] => []);
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  return {
    ...fs,
    fdatasyncSync(file: number) {
      if (disk.isReadOnly) throw Object.assign(new Error('EROFS'), { code: 'EROFS' });
      fs.fdatasyncSync(file);
    },
    readdirSync(path: string) {
      listed.push(path);
      return fs.readdirSync(path);
    },
  };
});

let folder: string;
let journal: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fourfold-test-'));
  journal = join(folder, 'album.jsonl');
});
afterEach(() => {
  disk.isReadOnly = false;
  rmSync(folder, { recursive: true, force: true });
});

type Settings = { readonly tiles: number };
type Photo = AlbumPhoto<Settings>;

/** Work without pixels: five tiles a photo, each a turn of the event loop; files named `bad…` fail, and so on. */
class Studio {
  readonly log: string[] = [];
  fail: (source: string, stage: string) => Error | undefined = (source, stage) =>
    source.startsWith('bad') && stage === 'prepare'
      ? new FourfoldError('damaged', 'This photo is damaged.')
      : undefined;
  /** Called before each tile. */
  atTile: (source: string, tile: number) => void | Promise<void> = () => {};

  readonly work: AlbumWork<Settings, string> = (photo, around) => new FakeWork(this, photo, around);
}

class FakeWork implements PhotoWork {
  stage: PhotoWork['stage'] = 'prepare';
  ended: AlbumResult | undefined;
  constructor(
    private readonly studio: Studio,
    private readonly photo: Photo,
    private readonly around: WorkSurroundings<Settings, string>,
  ) {}

  async prepare(): Promise<void> {
    await this.#step('prepare');
    if (this.photo.source.startsWith('there')) this.ended = this.#result();
  }

  async enlarge(): Promise<void> {
    this.stage = 'network';
    await this.#step('enlarge');
    for (let tile = 0; tile < this.photo.settings.tiles; tile++) {
      await this.around.turn();
      await this.studio.atTile(this.photo.source, tile);
      await new Promise(setImmediate);
    }
  }

  async finish() {
    this.stage = 'finish';
    await this.#step('finish');
    return { skipped: false, result: this.#result() };
  }

  async discard(): Promise<void> {
    this.studio.log.push(`discard ${this.photo.source}`);
  }

  async #step(stage: string): Promise<void> {
    this.studio.log.push(`${stage} ${this.photo.source}`);
    await new Promise((done) => setTimeout(done, 1));
    const error = this.studio.fail(this.photo.source, stage);
    if (error) throw error;
  }

  #result(): AlbumResult {
    const path = join(folder, `${this.photo.source}.done`);
    writeFileSync(path, '');
    const what = { bytes: 0, width: 4, height: 4, device: 'cpu', deviceName: 'CPU', precision: 'fp32', seconds: 1 };
    return { path, ...what, notes: [] };
  }
}

async function open(studio: Studio, more: { onEvent?: (event: AlbumEvent<Settings, string>) => void } = {}) {
  return Album.open<Settings, string>({ journal, work: studio.work, ...more });
}

function tooLittleRoom(params: { needed: number; free: number }): FourfoldError {
  return new FourfoldError('disk-full', 'The disk is too full.', { params });
}

const photos = (...sources: string[]) => sources.map((source) => ({ source, settings: { tiles: 5 } }));
const states = (album: Album<Settings, string>) => album.photos.map(({ source, state }) => `${source} ${state}`);

describe('the album', () => {
  it('does every photo, passes over what exists, and a bad one stops nobody; the counts always sum', async () => {
    const studio = new Studio();
    const sums: boolean[] = [];
    const album = await open(studio, {
      onEvent: () => {
        const { total, ...parts } = countPhotos(album.photos);
        sums.push(Object.values(parts).reduce((sum, count) => sum + count, 0) === total && total === 5);
      },
    });
    album.add(photos('a', 'bad1', 'there', 'b', 'bad2'));
    sums.length = 0;
    await album.start();
    expect(states(album)).toEqual(['a done', 'bad1 failed', 'there skipped', 'b done', 'bad2 failed']);
    expect(album.counts).toMatchObject({ done: 2, skipped: 1, failed: 2, total: 5, waiting: 0, running: 0 });
    expect(sums.length).toBeGreaterThan(5);
    expect(sums.every(Boolean)).toBe(true);
    expect(album.photos[1]!.error).toMatchObject({ code: 'damaged', path: 'bad1' });
    await album.close();
  });

  it('decodes the next photo and encodes the last one while the network runs', async () => {
    const studio = new Studio();
    const album = await open(studio);
    album.add(photos('a', 'b', 'c'));
    await album.start();
    const order = studio.log.filter((line) => !line.startsWith('discard'));
    expect(order.indexOf('prepare b')).toBeLessThan(order.indexOf('finish a'));
    expect(order.indexOf('enlarge b')).toBeLessThan(order.indexOf('finish b'));
    // Never more than one ahead: a thousand decoded photos would fill the disk.
    expect(order.indexOf('prepare c')).toBeGreaterThan(order.indexOf('enlarge a'));
    await album.close();
  });

  it('takes more photos while it runs, and again after it has ended', async () => {
    const studio = new Studio();
    const album = await open(studio);
    album.add(photos('a'));
    let added = false;
    studio.atTile = () => {
      if (!added) album.add(photos('b', 'c'));
      added = true;
    };
    await album.start();
    album.add(photos('d'));
    await album.start();
    expect(states(album)).toEqual(['a done', 'b done', 'c done', 'd done']);
    await album.close();
  });

  it('pauses within one tile and goes on where it was', async () => {
    const studio = new Studio();
    const album = await open(studio);
    album.add(photos('a', 'b'));
    let tiles = 0;
    studio.atTile = () => {
      if (++tiles === 2) album.pause();
    };
    const run = album.start();
    await album.halted();
    await new Promise((done) => setTimeout(done, 20));
    expect([tiles, album.state]).toEqual([2, 'paused']);
    expect(states(album)).toEqual(['a paused', 'b waiting']);
    album.resume();
    await run;
    expect(tiles).toBe(10);
    expect(studio.log.filter((line) => line === 'enlarge a')).toHaveLength(1);
    expect(states(album)).toEqual(['a done', 'b done']);
    await album.close();
  });

  it.each(['disk-full', 'device-lost', 'device-unavailable', 'drive-gone'] as const)(
    'waits for the user when %s, and then tries again',
    async (code) => {
      const studio = new Studio();
      const album = await open(studio);
      album.add(photos('a', 'b', 'c'));
      let broken = true;
      const calm = studio.fail;
      studio.fail = (source, stage) =>
        broken && source === 'b' && stage === 'finish' ? new FourfoldError(code, 'Wait.') : calm(source, stage);
      void album.start();
      await album.halted();
      await new Promise((done) => setTimeout(done, 20));
      expect(album.pausedBy?.code).toBe(code);
      expect(album.counts).toMatchObject({ done: 1, failed: 0 });
      expect(album.photos[1]).toMatchObject({ state: 'paused', error: { code } });
      broken = false;
      album.resume();
      await album.start();
      expect(album.counts).toMatchObject({ done: 3, total: 3 });
      expect(album.photos[1]!.error).toBeUndefined();
      await album.close();
    },
  );

  it('pauses when the journal cannot be written, and fails nobody', async () => {
    const paused = await open(new Studio());
    paused.add(photos('a', 'b'));
    disk.isReadOnly = true;
    void paused.start();
    await paused.halted();
    disk.isReadOnly = false;
    expect(states(paused).filter((state) => state.endsWith('failed'))).toEqual([]);
    expect(paused.pausedBy).toMatchObject({ code: 'target-unwritable', path: journal });
    paused.resume();
    await paused.start();
    expect(states(paused)).toEqual(['a done', 'b done']);
    await paused.close();
  });

  it('fails a photo the disk is too small for, and does the others', async () => {
    const studio = new Studio();
    const album = await open(studio);
    album.add(photos('a', 'huge', 'c', 'd'));
    studio.fail = (source, stage) =>
      source === 'huge' && stage === 'prepare' ? tooLittleRoom({ needed: 9e12, free: 1e9 }) : undefined;
    await album.start();
    expect(states(album)).toEqual(['a done', 'huge failed', 'c done', 'd done']);
    expect(album.photos[1]!.error).toMatchObject({ code: 'disk-full', params: { needed: 9e12 } });
    await album.close();
  });

  it('asks for room again when the photos at hand have freed theirs', async () => {
    const studio = new Studio();
    const album = await open(studio);
    album.add(photos('a', 'b', 'c'));
    studio.fail = (source, stage) =>
      source === 'b' && stage === 'prepare' && album.photos[0]!.state !== 'done'
        ? tooLittleRoom({ needed: 6e9, free: 4e9 })
        : undefined;
    await album.start();
    expect(states(album)).toEqual(['a done', 'b done', 'c done']);
    expect(studio.log.filter((line) => line === 'prepare b')).toHaveLength(2);
    await album.close();
  });

  it('lets the photo at hand finish before it pauses for the one after it', async () => {
    const studio = new Studio();
    const album = await open(studio);
    album.add(photos('a', 'b', 'c'));
    studio.fail = (source, stage) =>
      source === 'b' && stage === 'prepare' ? new FourfoldError('drive-gone', 'Wait.') : undefined;
    void album.start();
    await album.halted();
    expect(states(album)).toEqual(['a done', 'b paused', 'c waiting']);
    expect(album.pausedBy).toMatchObject({ code: 'drive-gone', path: 'b' });
    studio.fail = () => undefined;
    album.resume();
    await album.start();
    expect(states(album)).toEqual(['a done', 'b done', 'c done']);
    await album.close();
  });

  it('does not pause for a photo that was cancelled while the one at hand was finished', async () => {
    const studio = new Studio();
    const album = await open(studio);
    album.add(photos('a', 'b', 'c'));
    studio.fail = (source, stage) =>
      source === 'b' && stage === 'prepare' ? new FourfoldError('drive-gone', 'Wait.') : undefined;
    studio.atTile = (source, tile) => {
      if (source === 'a' && tile === 4) album.cancel([album.photos[1]!.id]);
      return new Promise((done) => setTimeout(done, 2));
    };
    await album.start();
    expect(states(album)).toEqual(['a done', 'b cancelled', 'c done']);
    await album.close();
  });

  it('cancels one, or everything unfinished, and keeps what is done', async () => {
    const studio = new Studio();
    const album = await open(studio);
    album.add(photos('a', 'b', 'c', 'd'));
    studio.atTile = (source, tile) => {
      if (source === 'a' && tile === 0) album.cancel([album.photos[2]!.id]);
      if (source === 'b' && tile === 1) album.cancel();
    };
    await album.start();
    // By then `a` is done or on its way to its final name, which is not taken from it.
    expect(states(album)).toEqual(['a done', 'b cancelled', 'c cancelled', 'd cancelled']);
    expect(studio.log).toContain('discard b');
    expect(album.clear()).toHaveLength(4);
    expect(album.counts.total).toBe(0);
    await album.close();
  });

  it('tries failed photos again', async () => {
    const studio = new Studio();
    const album = await open(studio);
    album.add(photos('bad', 'a'));
    await album.start();
    studio.fail = () => undefined;
    album.retry();
    await album.start();
    expect(states(album)).toEqual(['bad done', 'a done']);
    await album.close();
  });

  it('puts the photo at hand back when closed, and goes on from the journal', async () => {
    const studio = new Studio();
    const album = await open(studio);
    album.add(photos('a', 'b', 'c', 'bad'));
    studio.atTile = (source) => {
      if (source === 'b') void album.close();
    };
    await album.start();
    await album.close();
    expect(states(album)).toEqual(['a done', 'b waiting', 'c waiting', 'bad waiting']);
    expect(readAlbum<Settings>(journal).map(({ state }) => state)).toEqual(['done', 'waiting', 'waiting', 'waiting']);

    const later = new Studio();
    const again = await open(later);
    expect(again.startedMs).toBe(album.startedMs);
    const [added] = again.add(photos('e'));
    expect(again.photos.filter(({ id }) => id === added!.id)).toHaveLength(1);
    await again.start();
    expect(states(again)).toEqual(['a done', 'b done', 'c done', 'bad failed', 'e done']);
    expect(later.log).not.toContain('prepare a');
    await again.close();
    expect(readdirSync(folder).filter((name) => name.startsWith('album'))).toEqual(['album.jsonl']);
  });

  it('is opened by one process only, and forgets when asked to start fresh', async () => {
    const album = await open(new Studio());
    await expect(open(new Studio())).rejects.toMatchObject({ code: 'queue-in-use' });
    album.add(photos('a'));
    await album.close();
    const fresh = await Album.open<Settings, string>({ journal, work: new Studio().work, fresh: true });
    expect(fresh.counts.total).toBe(0);
    await fresh.close();
  });

  it('makes a finished file again that has vanished, unless its folder is gone too (a drive unplugged)', async () => {
    const drive = join(folder, 'drive');
    mkdirSync(drive);
    const album = await open(new Studio());
    album.add(photos('a', 'b', 'drive/c'));
    await album.start();
    await album.close();
    rmSync(join(folder, 'a.done'));
    rmSync(drive, { recursive: true });
    const again = await open(new Studio());
    expect(states(again)).toEqual(['a waiting', 'b done', 'drive/c done']);
    await again.close();
  });

  it('looks for half files once in each folder, however many photos went there', async () => {
    const sources = Array.from({ length: 40 }, (_, i) => `photo-${i}`);
    const target = (source: string) => join(folder, 'out', `${source}.jpg`);
    mkdirSync(join(folder, 'out'));
    const left = join(folder, 'out', tempName(99_999_999, '0123456789ab'));
    writeFileSync(left, 'half');
    const lines = sources.map((source, i) => {
      const photo: Photo = { id: `p${i}`, source, settings: { tiles: 1 }, state: 'failed', target: target(source) };
      return JSON.stringify({ kind: 'photo', photo });
    });
    writeFileSync(journal, `${lines.join('\n')}\n`);
    listed.length = 0;
    const album = await open(new Studio());
    expect(listed.filter((path) => path === join(folder, 'out'))).toHaveLength(1);
    expect(existsSync(left)).toBe(false);
    await album.close();
  });

  it('tells each photo of every source, also of those added later', async () => {
    let around: WorkSurroundings<Settings, string> | undefined;
    const studio = new Studio();
    const work: Studio['work'] = (photo, given) => {
      around ??= given;
      return studio.work(photo, given);
    };
    const album = await Album.open<Settings, string>({ journal, work });
    album.add(photos('a'));
    studio.atTile = (source, tile) => {
      if (source !== 'a' || tile > 0) return;
      album.add(photos('b'));
      expect(around!.sources).toEqual(['a', 'b']);
    };
    await album.start();
    expect(states(album)).toEqual(['a done', 'b done']);
    await album.close();
  });

  it('opens though half files cannot be cleared', async () => {
    const album = await open(new Studio());
    const [photo] = album.add([{ source: 'a', settings: { tiles: 1 } }]);
    await album.close();
    writeFileSync(join(folder, 'file'), '');
    const target = join(folder, 'file', 'a.jpg');
    appendFileSync(journal, `${JSON.stringify({ kind: 'change', id: photo!.id, target })}\n`);
    const again = await open(new Studio());
    expect(again.counts.waiting).toBe(1);
    await again.close();
  });

  it('knows every state', () => {
    expect(Object.keys(countPhotos([])).sort()).toEqual([...PHOTO_STATES, 'total'].sort());
  });
});
