import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EnhanceArguments } from '../../electron/cli/arguments.ts';
import { enhance } from '../../electron/cli/enhance.ts';
import { readAlbum } from '../../electron/engine/album/album-record.ts';
import type { PhotoSettings } from '../../electron/engine/enhance-options.ts';
import { fakeModels, fakeSessions } from '../engine/fake-session.ts';
import { listen } from './listen.ts';

// The command over a fake network; everything else is real. test/main-job.test.ts runs it with the shipped models.

vi.mock('../../electron/engine/network/model.ts', () => ({ loadModelPair: async () => fakeModels }));
vi.mock('../../electron/engine/run/network-pool.ts', async (original) => {
  const { NetworkPool } = await original<typeof import('../../electron/engine/run/network-pool.ts')>();
  return {
    NetworkPool: class extends NetworkPool {
      constructor(given: ConstructorParameters<typeof NetworkPool>[0]) {
        super({ ...given, openSession: fakeSessions().open });
      }
    },
  };
});

/** Every folder that was cleared of this process's half files. */
const cleared = vi.hoisted((): string[] => []);
vi.mock('../../electron/engine/output/place.ts', async (original) => ({
  ...(await original<typeof import('../../electron/engine/output/place.ts')>()),
  clearOwn: (folder: string) => cleared.push(folder),
}));

let home: string;
let photos: string;
let said: ReturnType<typeof listen>;
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'fourfold-cli-'));
  photos = join(home, 'photos');
  mkdirSync(photos);
  vi.stubEnv('FOURFOLD_STATE', join(home, 'state'));
  vi.stubEnv('FOURFOLD_SCRATCH', join(home, 'scratch'));
  said = listen();
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true, force: true });
});

async function photo(...names: string[]): Promise<void> {
  for (const name of names) {
    const create = { width: 40, height: 30, channels: 3 as const, background: '#468' };
    await sharp({ create }).toFile(join(photos, name));
  }
}

const DEFAULTS: EnhanceArguments = {
  blend: 0.5,
  scale: 4,
  quality: 92,
  device: 'cpu',
  precision: 'fp32',
  ifExists: 'rename',
  metadata: 'keep',
  recursive: false,
  resume: false,
  json: true,
  quiet: false,
};

/** The exit code, and what was told as JSON lines. */
async function run(paths: string[], options: Partial<EnhanceArguments> = {}) {
  said.text = '';
  const code = await enhance(paths, { ...DEFAULTS, ...options });
  const lines = said.text.split('\n').filter((line) => line.startsWith('{'));
  return { code, told: lines.map((line) => JSON.parse(line) as Record<string, unknown> & { event: string }) };
}

/** The photos in the journal of the one command that was run. */
function inJournal() {
  const folder = join(home, 'state', 'albums');
  const [name, ...more] = readdirSync(folder).filter((entry) => entry.endsWith('.jsonl'));
  expect(more).toEqual([]);
  return readAlbum<PhotoSettings>(join(folder, name!));
}

describe('what is found', () => {
  it('is enlarged into the very folder that was named', async () => {
    await photo('a.png');
    expect((await run([photos], { output: photos })).code).toBe(0);
    expect(readdirSync(photos).sort()).toEqual(['a-4x.png', 'a.png']);
  });

  it('is wrong use when it is nothing at all', async () => {
    expect((await run([photos])).code).toBe(2);
    expect(said.text).toContain(`No photo was found in ${photos}.`);
    expect(said.text).toContain('--recursive');
  });
});

describe('--output', () => {
  it('that cannot be looked at has its own words', async () => {
    await photo('a.png');
    const source = join(photos, 'a.png');
    const below = await run([source], { output: join(source, 'x', 'out.jpg') });
    expect(below.code).toBe(1);
    expect(below.told.at(-1)).toMatchObject({ failures: [{ code: 'target-unwritable' }] });
    const long = await run([source], { output: join(home, `${'x'.repeat(300)}.jpg`) });
    expect(long.told.at(-1)).toMatchObject({ failures: [{ code: 'name-too-long' }] });
  });
});

describe('--format same', () => {
  it('is wrong use with a file of another format, and may stand beside one of the same', async () => {
    await photo('a.jpg');
    const source = join(photos, 'a.jpg');
    expect((await run([source], { format: 'same', output: join(home, 'out.png') })).code).toBe(2);
    expect(said.text).toContain('--format same and --output out.png contradict each other for a.jpg.');
    expect(existsSync(join(home, 'out.png'))).toBe(false);
    expect((await run([source], { format: 'same', output: join(home, 'out.jpeg') })).code).toBe(0);
  });

  it('writes what the file’s name says, though the photo’s own name is wrong', async () => {
    await photo('a.jpg');
    renameSync(join(photos, 'a.jpg'), join(photos, 'a.png'));
    const output = join(home, 'out.png');
    expect((await run([join(photos, 'a.png')], { format: 'same', output })).code).toBe(0);
    expect((await sharp(output).metadata()).format).toBe('png');
  });
});

describe('--resume', () => {
  it('works with the options of this command line on what is not done', async () => {
    await photo('a.png', 'b.png');
    const first = await run([photos], { pixelLimit: 0.001 });
    expect(first.code).toBe(1);
    expect(inJournal().map(({ error }) => error?.code)).toEqual(['too-many-pixels', 'too-many-pixels']);
    const second = await run([photos], { resume: true, pixelLimit: 300, tile: 32, threads: 1 });
    expect(second.told.at(-1)).toMatchObject({ event: 'end', counts: { done: 2, total: 2 }, failures: [] });
    expect(second.code).toBe(0);
    for (const { settings } of inJournal()) expect(settings).toMatchObject({ pixelLimit: 300e6, tile: 32, threads: 1 });
    const third = await run([photos], { resume: true });
    expect(third.told).toContainEqual({ event: 'begin', total: 2, alreadyDone: 2 });
    // Done with those, whatever is wished now.
    expect(inJournal()[0]!.settings.tile).toBe(32);
  });

  it('forgets a photo that failed and is gone, and counts one that is done and gone', async () => {
    await photo('a.png', 'b.png');
    writeFileSync(join(photos, 'bad.png'), 'no picture');
    const output = join(home, 'large');
    expect((await run([photos], { output })).code).toBe(1);
    for (const name of ['a.png', 'bad.png']) rmSync(join(photos, name));
    const second = await run([photos], { output, resume: true });
    expect(second.told).toEqual([
      { event: 'begin', total: 2, alreadyDone: 2 },
      expect.objectContaining({ event: 'end', failures: [], counts: expect.objectContaining({ done: 2, total: 2 }) }),
    ]);
    expect(second.code).toBe(0);
  });
});

describe('Ctrl-C', () => {
  it('while the journal is opened stops before the first photo, and --resume does them', async () => {
    await photo('a.png', 'b.png');
    writeFileSync(join(photos, 'bad.png'), 'no picture');
    const output = join(home, 'large');
    await run([photos], { output, pixelLimit: 0.001 });
    const pressed = (event: string, stop: () => void) => {
      if (event !== 'SIGINT') return;
      process.off('newListener', pressed);
      // The album is opened in the same breath, and first waits for the photos in the journal.
      queueMicrotask(stop);
    };
    process.on('newListener', pressed);
    const stopped = await run([photos], { output, resume: true });
    expect(stopped.code).toBe(130);
    expect(stopped.told.map(({ event }) => event)).toEqual(['notice', 'end', 'notice']);
    expect(existsSync(output)).toBe(false);
    const again = await run([photos], { output, resume: true });
    expect(again.told.at(-1)).toMatchObject({ counts: { done: 2, failed: 1, total: 3 } });
  });

  it('pressed again clears each folder once, however many photos went there', async () => {
    await photo('a.png', 'b.png', 'c.png');
    let press = () => {};
    const taken = (event: string, stop: () => void) => {
      if (event === 'SIGINT') press = stop;
    };
    process.on('newListener', taken);
    const output = join(home, 'large');
    await run([photos], { output });
    process.off('newListener', taken);
    const exit = vi.spyOn(process, 'exit').mockReturnValue(undefined as never);
    const now = vi.spyOn(performance, 'now').mockReturnValue(1000);
    press();
    now.mockReturnValue(2000);
    press();
    expect(exit).toHaveBeenCalledWith(130);
    expect(cleared).toEqual([output]);
  });
});
