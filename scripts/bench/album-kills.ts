/**
 * An album whose processes are killed (kill -9) at random moments, through the real service, engine and network:
 *   npx tsx scripts/bench/album-kills.ts [--kills 30] [--photos 200]
 * Each time one of three dies: the service, the engine, or the process that owns them. In the end every photo must be
 * done once: no second file of one photo, no half file, no file that cannot be read. Ends with 1 otherwise.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Album } from '../../electron/contract.ts';
import { sharp } from '../../electron/engine/photo/imaging.ts';
import { commandOptions } from '../command-options.ts';
import { processesBelow } from './process-memory.ts';
import { makeSmallPhotos } from './small-photos.ts';

const TARGETS = ['service', 'engine', 'owner'] as const;
/** The owner gives a service up that dies six times in a minute. */
const SERVICE_DEATHS = 4;
/** A life lasts so long after its first sign of work, ms at most. */
const LIFE_MS = 3000;
/** Nothing is heard for so long: it hangs. */
const SILENCE_MS = 60_000;

const { values } = commandOptions(import.meta.filename, {
  options: { kills: { type: 'string', default: '30' }, photos: { type: 'string', default: '200' } },
});
const folder = mkdtempSync(join(process.env.FOURFOLD_BENCH ?? tmpdir(), 'fourfold-kills-'));
const count = Number(values.photos);
const holiday = await makeSmallPhotos(join(folder, 'holiday'), count);
const script = fileURLToPath(new URL('./album-owner.ts', import.meta.url));

let album: Album | undefined;
let timesInUse = 0;
let heard: () => void = () => {};

function begin(...args: string[]): ChildProcess {
  const child = fork(script, [folder, ...args], { execArgv: ['--import', import.meta.resolve('tsx')] });
  child.on('message', (message: { kind: 'begun'; inUse: boolean } | { kind: 'album'; album: Album }) => {
    if (message.kind === 'album') album = message.album;
    else if (message.inUse) timesInUse++;
    heard();
  });
  return child;
}

/** Until a message after which `fits`. */
async function until(fits: () => boolean, what: string): Promise<void> {
  while (!fits()) {
    const silence = new AbortController();
    const message = new Promise<'heard'>((resolve) => {
      heard = () => resolve('heard');
    });
    const first = await Promise.race([message, wait(SILENCE_MS, 'silent', { signal: silence.signal, ref: false })]);
    silence.abort();
    if (first === 'silent') throw new Error(`${what}: nothing heard for a minute; ${JSON.stringify(album)}`);
  }
}
const isOver = () => album?.state === 'idle' && album.counts.waiting === 0;

const from = performance.now();
const killed = { service: 0, engine: 0, owner: 0 };
const kills = () => killed.service + killed.engine + killed.owner;
let owner = begin(holiday);
let serviceDeaths = 0;
let doneBefore = 0;
while (kills() < Number(values.kills) && !isOver()) {
  const before = album;
  await until(() => (album !== before && album?.state === 'running') || isOver(), 'going on');
  if (isOver()) break;
  if (album!.counts.done < doneBefore) throw new Error(`${album!.counts.done} done after ${doneBefore}`);
  doneBefore = album!.counts.done;
  await wait(Math.random() * LIFE_MS);
  const wanted = TARGETS[Math.floor(Math.random() * TARGETS.length)]!;
  const found = processesBelow(owner.pid!).find(({ name }) => name === wanted);
  if (wanted === 'owner' || !found || (wanted === 'service' && serviceDeaths >= SERVICE_DEATHS)) {
    const gone = new Promise((resolve) => owner.once('exit', resolve));
    owner.kill('SIGKILL');
    await gone;
    killed.owner++;
    serviceDeaths = 0;
    owner = begin();
  } else {
    process.kill(found.pid, 'SIGKILL');
    killed[wanted]++;
    if (wanted === 'service') serviceDeaths++;
  }
}
const during = album?.counts.done ?? 0;
await until(isOver, 'finishing');
// A photo at hand at two deaths is set aside, as one that may be the reason; a person retries it.
const setAside = album!.counts.failed;
if (setAside > 0) {
  const before = album;
  owner.send('retry');
  await until(() => album !== before && isOver() && album!.counts.failed === 0, 'retrying');
}
const { counts } = album!;
const seconds = (performance.now() - from) / 1000;

const wrong: string[] = [];
// A list that had ended when its owner was killed is not opened again; the files below tell.
if (counts.total > 0 && (counts.done !== count || counts.total !== count))
  wrong.push(`counts ${JSON.stringify(counts)}`);
const files = readdirSync(join(folder, 'out', 'holiday')).sort();
const expected = Array.from({ length: count }, (_, n) => `small-${String(n).padStart(3, '0')}-4x.jpg`);
for (const name of files) if (!expected.includes(name)) wrong.push(`too much: ${name}`);
for (const name of expected) {
  if (!files.includes(name)) wrong.push(`missing: ${name}`);
  else {
    const picture = sharp(join(folder, 'out', 'holiday', name), { failOn: 'warning' }).raw();
    const { info } = await picture.toBuffer({ resolveWithObject: true }).catch(() => ({ info: undefined }));
    if (info?.width !== 256 || info.height !== 192) wrong.push(`unreadable: ${name}`);
  }
}
console.log(
  `${kills()} kills (${JSON.stringify(killed)}), the last after ${during} of ${count} photos; ${seconds.toFixed(0)} s in all`,
);
console.log(`${setAside} photos set aside and retried; the queue found in use ${timesInUse} times`);
console.log(wrong.length === 0 ? 'every photo done once, every file whole' : `WRONG: ${wrong.slice(0, 10).join('; ')}`);
const ended = new Promise((resolve) => owner.once('exit', resolve));
owner.disconnect();
owner.kill('SIGTERM');
await ended;
rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
process.exit(wrong.length > 0 ? 1 : 0);
