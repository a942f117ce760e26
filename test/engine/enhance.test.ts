import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type EnhanceEvent, type EnhanceOptions, enhancePhoto, type TileKey } from '../../electron/engine/enhance.ts';
import type { Raster } from '../../electron/engine/photo/raster.ts';
import { fixture } from '../fixture.ts';
import { withSmallDisk } from '../small-disk.ts';
import { deviceLost, fakeModels, fakeSessions, flat, outOfMemory } from './fake-session.ts';

let folder: string;
let scratch: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fourfold-test-'));
  scratch = join(folder, 'scratch');
  mkdirSync(scratch);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const chelsea = fixture('chelsea.png');

async function photo(name: string, width = 100, height = 70): Promise<string> {
  const path = join(folder, name);
  await sharp(chelsea).resize(width, height).toFile(path);
  return path;
}

function options(more: Partial<EnhanceOptions> = {}): EnhanceOptions {
  return { models: fakeModels, openSession: fakeSessions().open, blend: 0.5, tile: 48, scratchDir: scratch, ...more };
}

/** Nothing but these files may lie in the test's folder, and nothing in scratch. */
function expectOnly(...names: string[]): void {
  expect(readdirSync(folder).sort()).toEqual([...names, 'scratch'].sort());
  expect(readdirSync(scratch)).toEqual([]);
}

const pixelsOf = async (path: string) => sharp(path).raw().toBuffer({ resolveWithObject: true });

describe('the main job with a session that fails on demand', () => {
  it('writes each pixel of the source as a 4×4 block, tells every stage in order, and leaves nothing behind', async () => {
    const source = await photo('cat.png');
    const events: EnhanceEvent[] = [];
    const result = await enhancePhoto(source, options(), (event) => events.push(event));
    expect(result).toMatchObject({ path: join(folder, 'cat-4x.png'), outcome: 'written', width: 400, height: 280 });
    expect(result).toMatchObject({ device: 'webgpu', deviceName: 'Fake auto', precision: 'fp32', sourcePixels: 7000 });
    expect(result.bytes).toBe(statSync(result.path).size);
    const large = await pixelsOf(result.path);
    const small = await pixelsOf(source);
    const at = (x: number, y: number) => large.data.subarray((y * 400 + x) * 3, (y * 400 + x) * 3 + 3);
    for (const [x, y] of [
      [0, 0],
      [47, 47],
      [48, 48],
      [99, 69],
    ] as const)
      for (const [dx, dy] of [
        [0, 0],
        [3, 3],
      ] as const)
        expect(at(x * 4 + dx, y * 4 + dy)).toEqual(small.data.subarray((y * 100 + x) * 3, (y * 100 + x) * 3 + 3));
    const stages = events.flatMap((event) => (event.kind === 'stage' ? [event.stage] : []));
    expect(stages).toEqual(['decode', 'network', 'encode', 'verify', 'place']);
    const tiles = events.filter((event) => event.kind === 'tile');
    expect(tiles.map(({ done }) => done)).toEqual(tiles.map((_, index) => index + 1));
    expect(tiles.at(-1)).toMatchObject({ done: tiles.length, total: tiles.length, secondsLeft: 0 });
    expect(Object.values(result.timings).every((seconds) => seconds >= 0)).toBe(true);
    expectOnly('cat.png', 'cat-4x.png');
  });

  it('finishes with the same pixels when memory runs out, the device is lost or a tile comes back wrong', async () => {
    const source = await photo('cat.png');
    const calm = await enhancePhoto(source, options({ tile: 96 }));
    const expected = readFileSync(calm.path);
    const faults = {
      'device-memory': fakeSessions(({ session, run }) => {
        if (session.tile.width > 48) throw outOfMemory();
        return run();
      }),
      'device-lost': fakeSessions(({ session, tile, run }) => {
        if (tile > 0 && session.device !== 'cpu') throw deviceLost();
        return run();
      }),
      'result-wrong': fakeSessions(({ session, run }) => (session.device === 'cpu' ? run() : flat(run(), 0))),
    };
    for (const [after, fake] of Object.entries(faults)) {
      const events: EnhanceEvent[] = [];
      const result = await enhancePhoto(source, options({ tile: 96, openSession: fake.open }), (event) =>
        events.push(event),
      );
      expect((await pixelsOf(result.path)).data.equals((await pixelsOf(calm.path)).data)).toBe(true);
      expect(events).toContainEqual(expect.objectContaining({ kind: 'session', after }));
      expect(fake.now).toBe(0);
    }
    expect(readFileSync(calm.path).equals(expected)).toBe(true);
    expect(readdirSync(scratch)).toEqual([]);
  });

  it('saves nothing when the result stays black', async () => {
    const source = await photo('cat.png');
    const fake = fakeSessions(({ run }) => flat(run(), 0));
    await expect(enhancePhoto(source, options({ openSession: fake.open }))).rejects.toMatchObject({
      code: 'result-wrong',
    });
    expectOnly('cat.png');
  });

  it('stops between two tiles and leaves nothing', async () => {
    const source = await photo('cat.png');
    const stop = new AbortController();
    const fake = fakeSessions(({ tile, run }) => {
      if (tile === 1) stop.abort();
      return run();
    });
    const working = enhancePhoto(source, options({ openSession: fake.open, signal: stop.signal }));
    await expect(working).rejects.toMatchObject({ name: 'AbortError' });
    expect(fake.tiles).toBe(2);
    expectOnly('cat.png');
  });

  it('uses tiles made before and gives new ones to the cache', async () => {
    const source = await photo('cat.png');
    const kept = new Map<string, Raster>();
    const name = ({ core, blend, depth }: TileKey) => JSON.stringify([core, blend, depth]);
    const tileCache = {
      get: (key: TileKey) => kept.get(name(key)),
      put: (key: TileKey, raster: Raster) => void kept.set(name(key), raster),
    };
    const first = fakeSessions();
    const one = await enhancePhoto(source, options({ openSession: first.open, tileCache }));
    const second = fakeSessions();
    const two = await enhancePhoto(source, options({ openSession: second.open, tileCache }));
    expect(first.tiles).toBeGreaterThan(2);
    expect(second.tiles).toBe(0);
    expect(readFileSync(two.path).equals(readFileSync(one.path))).toBe(true);
  });

  it('needs no device where tiles on the grid that is given are all made, and opens one for the first that is not', async () => {
    const source = await photo('cat.png');
    const kept = new Map<string, Raster>();
    const tileCache = {
      get: ({ core }: TileKey) => kept.get(JSON.stringify(core)),
      put: ({ core }: TileKey, raster: Raster) => void kept.set(JSON.stringify(core), raster),
    };
    const run = async () => {
      const fake = fakeSessions();
      const result = await enhancePhoto(source, options({ openSession: fake.open, tileCache, tile: 32 }));
      return { opened: fake.opened.length, tiles: fake.tiles, ...result };
    };
    const first = await run();
    expect(first.opened).toBe(1);
    const second = await run();
    expect(second).toMatchObject({ opened: 0, outcome: 'written', device: 'none', precision: 'none' });
    expect(readFileSync(second.path).equals(readFileSync(first.path))).toBe(true);
    kept.delete([...kept.keys()].at(-1)!);
    expect(await run()).toMatchObject({ opened: 1, tiles: 1, device: 'webgpu' });
  });

  it('waits for its turn before every tile', async () => {
    const source = await photo('cat.png');
    let turns = 0;
    const fake = fakeSessions();
    await enhancePhoto(source, options({ openSession: fake.open, turn: async () => void turns++ }));
    expect(turns).toBe(fake.tiles);
  });
});

describe('channels and depth', () => {
  it('keeps grey one channel, 16 bits 16 and opaque parts opaque', async () => {
    const grey = join(folder, 'grey.png');
    await sharp(chelsea).resize(60, 40).toColourspace('b-w').toFile(grey);
    const deep = join(folder, 'deep.png');
    await sharp(chelsea).resize(60, 40).toColourspace('rgb16').toFile(deep);
    const clear = join(folder, 'clear.png');
    const hole = Buffer.alloc(60 * 40 * 4, 255);
    for (let y = 10; y < 20; y++) for (let x = 10; x < 30; x++) hole[(y * 60 + x) * 4 + 3] = 0;
    await sharp(hole, { raw: { width: 60, height: 40, channels: 4 } })
      .png()
      .toFile(clear);
    const meta = async (source: string) => sharp((await enhancePhoto(source, options())).path).metadata();
    expect(await meta(grey)).toMatchObject({ space: 'b-w', channels: 1, width: 240 });
    expect(await meta(deep)).toMatchObject({ space: 'rgb16', depth: 'ushort', channels: 3 });
    expect(await meta(clear)).toMatchObject({ channels: 4, hasAlpha: true });
    const { data } = await pixelsOf(join(folder, 'clear-4x.png'));
    const alpha = (x: number, y: number) => data[(y * 240 + x) * 4 + 3];
    expect([alpha(0, 0), alpha(239, 159), alpha(80, 60), alpha(30 * 4 + 8, 60)]).toEqual([255, 255, 0, 255]);
  });

  it('keeps alpha exact away from its edges, whatever ripple a network leaves', async () => {
    const clear = join(folder, 'clear.png');
    const hole = Buffer.alloc(60 * 40 * 4, 255);
    for (let y = 10; y < 20; y++) for (let x = 10; x < 30; x++) hole[(y * 60 + x) * 4 + 3] = 0;
    await sharp(hole, { raw: { width: 60, height: 40, channels: 4 } })
      .png()
      .toFile(clear);
    const rippling = fakeSessions(({ run }) => {
      const raster = run();
      return { ...raster, data: raster.data.map((value) => Math.abs(value - 3)) };
    });
    const { path } = await enhancePhoto(clear, options({ openSession: rippling.open }));
    const { data } = await pixelsOf(path);
    const alpha = (x: number, y: number) => data[(y * 240 + x) * 4 + 3];
    expect([alpha(0, 0), alpha(239, 159), alpha(80, 60)]).toEqual([255, 255, 0]);
    expect(alpha(42, 60)).toBe(3);
  });

  it('makes 8 bits of 16 where asked, and 16 of 8', async () => {
    const source = await photo('cat.png', 40, 30);
    const deep = await enhancePhoto(source, options({ depth: 16, format: 'tiff' }));
    expect(await sharp(deep.path).metadata()).toMatchObject({ depth: 'ushort' });
    const jpeg = await enhancePhoto(deep.path, options({ format: 'jpeg' }));
    expect(await sharp(jpeg.path).metadata()).toMatchObject({ depth: 'uchar', width: 640 });
    expect(jpeg.notes.map(({ code }) => code)).toContain('depth-reduced');
  });

  it('reduces exactly for scales 2 and 3 and a long edge', async () => {
    const source = await photo('cat.png', 41, 31);
    const size = async (scale: EnhanceOptions['scale']) => {
      const { path, width, height } = await enhancePhoto(source, options({ scale: scale! }));
      const meta = await sharp(path).metadata();
      expect([meta.width, meta.height]).toEqual([width, height]);
      return `${width}×${height}`;
    };
    expect(await size(2)).toBe('82×62');
    expect(await size(3)).toBe('123×93');
    expect(await size({ longEdge: 100 })).toBe('100×76');
    expect(readdirSync(folder)).toContain('cat-2x.png');
  });
});

describe('names and faults of the disk', () => {
  it('numbers, skips, replaces or refuses an existing name', async () => {
    const source = await photo('cat.png', 40, 30);
    const target = join(folder, 'cat-4x.png');
    writeFileSync(target, 'mine');
    const run = (ifExists: EnhanceOptions['ifExists'], open = fakeSessions()) =>
      enhancePhoto(source, options({ ifExists: ifExists!, openSession: open.open }));
    expect((await run('rename')).path).toBe(join(folder, 'cat-4x (2).png'));
    const idle = fakeSessions();
    expect(await run('skip', idle)).toMatchObject({ outcome: 'skipped', path: target });
    await expect(run('fail', idle)).rejects.toMatchObject({ code: 'target-exists' });
    expect(idle.opened).toEqual([]);
    expect(readFileSync(target, 'utf8')).toBe('mine');
    await run('overwrite');
    expect((await sharp(target).metadata()).width).toBe(160);
    expectOnly('cat.png', 'cat-4x.png', 'cat-4x (2).png');
  });

  it('never replaces the source, by whatever name it is reached', async () => {
    const source = await photo('cat.png', 40, 30);
    const before = readFileSync(source);
    const soft = join(folder, 'soft.png');
    const hard = join(folder, 'hard.png');
    symlinkSync(source, soft);
    linkSync(source, hard);
    for (const output of [source, soft, hard]) {
      const idle = fakeSessions();
      const work = enhancePhoto(
        source,
        options({ output, outputIs: 'file', ifExists: 'overwrite', openSession: idle.open }),
      );
      await expect(work).rejects.toMatchObject({ code: 'target-is-source' });
      expect(idle.opened).toEqual([]);
    }
    expect(readFileSync(source).equals(before)).toBe(true);
    expectOnly('cat.png', 'soft.png', 'hard.png');
  });

  it('tells a format’s limit before any work', async () => {
    const source = join(folder, 'wide.png');
    await sharp({ create: { width: 4096, height: 2, channels: 3, background: '#888' } }).toFile(source);
    const idle = fakeSessions();
    const work = enhancePhoto(source, options({ format: 'webp', openSession: idle.open }));
    await expect(work).rejects.toMatchObject({ code: 'format-limit', message: expect.stringMatching(/PNG.*TIFF/) });
    expect(idle.opened).toEqual([]);
    expectOnly('wide.png');
  });

  it('leaves nothing on a disk that fills up', (context) =>
    withSmallDisk(context, join(folder, 'disk'), '200k', async ({ path: disk }) => {
      const source = join(folder, 'noise.png');
      const noise = Buffer.from(Array.from({ length: 100 * 80 * 3 }, (_, i) => ((i * 2654435761) >>> 13) & 255));
      await sharp(noise, { raw: { width: 100, height: 80, channels: 3 } }).toFile(source);
      writeFileSync(join(disk, 'mine.txt'), 'kept');
      // The estimate is rough on purpose, so this disk fills up in the middle of the encoder's work.
      const work = enhancePhoto(source, options({ output: disk, format: 'jpeg', quality: 100 }));
      await expect(work).rejects.toMatchObject({ code: 'disk-full' });
      expect(readdirSync(disk)).toEqual(['mine.txt']);
      // A full scratch disk is told before the network runs.
      const idle = fakeSessions();
      const other = enhancePhoto(source, options({ scratchDir: disk, openSession: idle.open }));
      await expect(other).rejects.toMatchObject({ code: 'disk-full' });
      expect(idle.tiles).toBe(0);
      expect(readdirSync(disk)).toEqual(['mine.txt']);
    }));

  describe('says so before the network runs when the folder', () => {
    async function expectRefusal(output: string): Promise<void> {
      const source = await photo('cat.png', 40, 30);
      const idle = fakeSessions();
      const work = enhancePhoto(source, options({ output, openSession: idle.open }));
      await expect(work).rejects.toMatchObject({ code: 'target-unwritable' });
      expect(idle.opened).toEqual([]);
      expect(readdirSync(scratch)).toEqual([]);
    }

    it('lies below a file', async () => {
      writeFileSync(join(folder, 'file'), '');
      await expectRefusal(join(folder, 'file', 'below'));
    });

    // Nothing is locked to root, and Windows has no such bits.
    it.skipIf(process.platform === 'win32' || process.getuid?.() === 0)('is locked', async () => {
      mkdirSync(join(folder, 'locked'), { mode: 0o500 });
      await expectRefusal(join(folder, 'locked'));
    });

    it('is on a disk that cannot be written to', (context) =>
      withSmallDisk(context, join(folder, 'read-only'), '100k', async ({ path, makeReadOnly }) => {
        makeReadOnly();
        await expectRefusal(path);
      }));
  });
});
