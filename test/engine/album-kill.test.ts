import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAlbum } from '../../electron/engine/album/album-record.ts';
import { readEntries } from '../../electron/engine/album/journal.ts';
import { fixture } from '../fixture.ts';

/** Points a process kills itself at, and then this many random moments. */
const POINTS = ['added', 'decode', 'network', 'tile', 'encode', 'verify', 'place', 'placing', 'placed', 'done'];
const RANDOM_MOMENTS = 30;
const PHOTOS = 60;
const AHEAD = 3;

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fourfold-kill-'));
  for (const name of ['in', 'out', 'scratch']) mkdirSync(join(folder, name));
  const rocket = sharp(fixture('rocket.jpg'));
  const small = await rocket.resize(40, 27).png().toBuffer();
  for (let i = 0; i < PHOTOS; i++)
    await sharp(small)
      .rotate((i % 4) * 90)
      .toFile(join(folder, 'in', `photo-${i}.png`));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('an album killed at any moment', () => {
  it('loses nothing, does nothing twice, leaves no half file', { timeout: 240_000 }, async () => {
    // The next processes load while one works.
    const ready = Array.from({ length: AHEAD }, (_, round) => startChild(POINTS[round]));
    for (let round = 0; round < POINTS.length + RANDOM_MOMENTS; round++) {
      const child = ready.shift()!;
      await child.ready;
      ready.push(startChild(POINTS[round + AHEAD]));
      child.process.send('go');
      if (round >= POINTS.length) {
        const timer = setTimeout(() => child.process.kill('SIGKILL'), Math.random() * 150);
        await child.ended;
        clearTimeout(timer);
      } else expect(await child.ended, `did not come to “${POINTS[round]}”`).toBe('SIGKILL');
      expectSound();
    }
    const last = ready.shift()!;
    for (const idle of ready) idle.process.kill('SIGKILL');
    await last.ready;
    last.process.send('go');
    expect(await last.ended).toBe(0);

    const photos = readAlbum(join(folder, 'album.jsonl'));
    expect(photos.filter(({ state }) => state !== 'done')).toEqual([]);
    expect(photos).toHaveLength(PHOTOS);
    const expected = Array.from({ length: PHOTOS }, (_, i) => `photo-${i}-4x.jpg`).sort();
    // A photo done twice would have a second file, `… (2).jpg`; a half file would still be a `.part`.
    expect(readdirSync(join(folder, 'out')).sort()).toEqual(expected);
    expect(readdirSync(join(folder, 'scratch'))).toEqual([]);
    expect(readdirSync(folder).sort()).toEqual(['album.jsonl', 'in', 'out', 'scratch']);
    for (const name of expected) {
      const { width, height } = await sharp(join(folder, 'out', name), { failOn: 'warning' })
        .stats()
        .then(() => sharp(join(folder, 'out', name)).metadata());
      expect([width, height].sort()).toEqual([108, 160]);
    }
  });
});

/** After every kill: each file under a final name is whole, and the journal accounts for every photo. */
function expectSound(): void {
  const { entries } = readEntries<{ kind: string }>(join(folder, 'album.jsonl'));
  if (entries.some(({ kind }) => kind === 'photo')) expect(readAlbum(join(folder, 'album.jsonl'))).toHaveLength(PHOTOS);
  for (const name of readdirSync(join(folder, 'out')))
    expect(name).toMatch(/^(photo-\d+-4x\.jpg|\.fourfold-.*\.part)$/);
}

function startChild(kill: string | undefined) {
  const sources = Array.from({ length: PHOTOS }, (_, i) => join(folder, 'in', `photo-${i}.png`));
  const script = fileURLToPath(new URL('./album-child.ts', import.meta.url));
  const child: ChildProcess = fork(script, [join(folder, 'album.jsonl'), join(folder, 'out'), ...sources], {
    execArgv: ['--import', 'tsx'],
    env: { ...process.env, FOURFOLD_SCRATCH: join(folder, 'scratch'), KILL: kill ?? '' },
  });
  const ready = new Promise((done) => child.once('message', done));
  const ended = new Promise<number | string | null>((done) =>
    child.once('exit', (code, signal) => done(signal ?? code)),
  );
  return { process: child, ready, ended };
}
