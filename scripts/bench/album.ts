/**
 * An album of small photos, some of them bad, through the real service, engine and network, as a page sees it:
 *   npx tsx scripts/bench/album.ts [--photos 300] [--corpus files.tar.gz]
 * The counts must add up at every event, the memory must be flat after the twentieth photo, and the service must answer
 * all the while. Ends with 1 when the counts or the files are wrong.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_SETTINGS, type Events, JOB_STATES, type Job } from '../../electron/contract.ts';
import { forkService } from '../../electron/service/fork-service.ts';
import { superviseService } from '../../electron/service/supervisor.ts';
import { overHost } from '../../test/contract/carriers.ts';
import { clientOf, serviceOptions } from '../../test/service/test-service.ts';
import { commandOptions } from '../command-options.ts';
import { type ProcessMemory, processesBelow } from './process-memory.ts';
import { makeSmallPhotos, unpackCorpus } from './small-photos.ts';

/** Larger ones of the corpus would measure the network. */
const SMALL_PIXELS = 20_000;
const ASK_EVERY_MS = 20;

const { values } = commandOptions(import.meta.filename, {
  options: { photos: { type: 'string', default: '300' }, corpus: { type: 'string' } },
});
const wanted = Number(values.photos);
const folder = mkdtempSync(join(process.env.FOURFOLD_BENCH ?? tmpdir(), 'fourfold-album-'));
const { launchEngine: _, ...options } = serviceOptions(folder);
const service = await superviseService({ launch: (restored) => forkService({ ...options, restored }) });
const carried = await overHost.carry(service, folder);
const client = clientOf(carried.page, service);
while ((await client.request('app.hello')).device.state === 'measuring') await new Promise((go) => setTimeout(go, 50));

const corpus =
  values.corpus === undefined ? [] : await client.open(unpackCorpus(values.corpus, join(folder, 'corpus')));
const chosen = corpus.filter(({ info }) => !info || info.width * info.height <= SMALL_PIXELS).slice(0, wanted);
const small = await client.open(await makeSmallPhotos(join(folder, 'small'), wanted - chosen.length));
// The bad ones among the good ones, not all at one end.
const photos = [...chosen, ...small].map((photo, index) => ({ photo, at: (index * 61) % wanted }));
photos.sort((a, b) => a.at - b.at);

const states = new Map<string, Job['state']>();
const wrong: string[] = [];
const memory: { ended: number; processes: ProcessMemory[] }[] = [];
let events = 0;
const check = ({ album: { counts }, jobs }: Events['album.changed']): void => {
  events++;
  for (const { id, state } of jobs) states.set(id, state);
  const seen = [...states.values()];
  const sum = JOB_STATES.reduce((total, state) => total + counts[state], 0);
  if (sum !== counts.total) wrong.push(`${sum} counted, ${counts.total} in all`);
  for (const state of JOB_STATES) {
    const rows = seen.filter((each) => each === state).length;
    if (seen.length === counts.total && rows !== counts[state])
      wrong.push(`${rows} rows ${state}, ${counts[state]} told`);
  }
  const ended = counts.done + counts.failed + counts.skipped;
  if (ended >= (memory.at(-1)?.ended ?? -20) + 20) memory.push({ ended, processes: processesBelow(process.pid) });
};
client.onEvent('album.changed', check);

const waits: number[] = [];
let isRunning = true;
const asking = (async () => {
  while (isRunning) {
    const asked = performance.now();
    await client.request('album.list');
    waits.push(performance.now() - asked);
    await new Promise((go) => setTimeout(go, ASK_EVERY_MS));
  }
})();
const from = performance.now();
const idle = client.next('album.changed', ({ album: { state, counts } }) => state === 'idle' && counts.waiting === 0);
const settings = { ...DEFAULT_SETTINGS.export, destination: { kind: 'host' as const } };
await client.request('album.add', { photos: photos.map(({ photo }) => photo.id), settings });
const { album: end } = await idle;
const seconds = (performance.now() - from) / 1000;
isRunning = false;
await asking;
memory.push({ ended: end.counts.total, processes: processesBelow(process.pid) });

const { jobs } = await client.request('album.list');
const reasons = new Map<string, number>();
for (const { error, state } of jobs)
  if (state === 'failed') reasons.set(error?.code ?? 'no reason', (reasons.get(error?.code ?? 'no reason') ?? 0) + 1);
const files = readdirSync(join(folder, 'out'), { recursive: true, withFileTypes: true }).filter((each) =>
  each.isFile(),
);
if (files.length !== end.counts.done) wrong.push(`${files.length} files, ${end.counts.done} done`);
if (end.counts.total !== wanted) wrong.push(`${end.counts.total} rows of ${wanted}`);
const spelled = (name: ProcessMemory['name'], { processes }: (typeof memory)[number]): string => {
  const one = processes.find((each) => each.name === name);
  return one ? `${one.anonymousMB.toFixed(0)} MB (${one.residentMB.toFixed(0)} resident)` : 'not running';
};

console.log(`${wanted} photos, ${chosen.length} of them from the corpus: ${seconds.toFixed(1)} s`);
console.log(`counts ${JSON.stringify(end.counts)}; failed: ${JSON.stringify(Object.fromEntries(reasons))}`);
console.log(
  `${events} events, ${wrong.length} of them wrong${wrong.length > 0 ? `: ${[...new Set(wrong)].slice(0, 5).join('; ')}` : ''}`,
);
for (const sample of memory.filter((_, index) => index % 3 === 1 || index === memory.length - 1))
  console.log(
    `after ${String(sample.ended).padStart(3)}: service ${spelled('service', sample)}, engine ${spelled('engine', sample)}`,
  );
waits.sort((a, b) => a - b);
const at = (share: number): string => waits[Math.floor(share * (waits.length - 1))]!.toFixed(1);
console.log(`${waits.length} answers: half within ${at(0.5)} ms, 99 % within ${at(0.99)} ms, the longest ${at(1)} ms`);

await carried.close();
await service.close();
rmSync(folder, { recursive: true, force: true });
process.exit(wrong.length > 0 ? 1 : 0);
