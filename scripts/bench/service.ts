/**
 * How quickly the app answers, over the real host and the real network, as a page sees it:
 *   npx tsx scripts/bench/service.ts [--album N]
 * Opens a 12-megapixel JPEG (made here) as soon as the service answers, looks at 100 %, then runs an album of N small photos while asking all the time.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_SETTINGS, type Photo, pixelsUrl } from '../../electron/contract.ts';
import { sharp } from '../../electron/engine/photo/imaging.ts';
import { forkService } from '../../electron/service/fork-service.ts';
import { superviseService } from '../../electron/service/supervisor.ts';
import { overHost } from '../../test/contract/carriers.ts';
import { clientOf, serviceOptions } from '../../test/service/test-service.ts';
import { commandOptions } from '../command-options.ts';
import { processesBelow } from './process-memory.ts';
import { makeSmallPhotos } from './small-photos.ts';

const { values } = commandOptions(import.meta.filename, { options: { album: { type: 'string', default: '0' } } });
const folder = mkdtempSync(join(tmpdir(), 'fourfold-bench-'));
const fixture = new URL('../../test/fixtures/hubble_deep_field.jpg', import.meta.url).pathname;
const large = join(folder, 'large.jpg');
await sharp(fixture).resize(4000, 3000, { fit: 'fill' }).jpeg({ quality: 92 }).toFile(large);

const told = new Set<string>();
const started = performance.now();
const ms = (from: number) => `${Math.round(performance.now() - from)} ms`;
const { launchEngine: _, ...options } = serviceOptions(folder);
const service = await superviseService({ launch: (restored) => forkService({ ...options, restored }) });
console.log(`service started                          ${ms(started)}`);
const carried = await overHost.carry(service, folder);
const client = clientOf(carried.page, service);
const fetchPixels = (address: Parameters<typeof pixelsUrl>[0]) =>
  carried.page.pixels(new Request(`http://x${pixelsUrl(address)}`)).then((response) => response.arrayBuffer());
const opening = performance.now();
const { grants } = await client.owner('grants.add', { files: [{ path: large }], use: 'read' });
const { photos } = await client.request('photos.open', { grants: grants.map(({ id }) => id) });
const photo = photos[0]!.id;
const showing = client.request('photo.show', { photo });
await fetchPixels({ kind: 'preview', photo, edge: 1600 });
console.log(`12 MP: first picture                     ${ms(opening)}`);
const { width, height, source } = await showing;
console.log(`12 MP: decoded                           ${ms(opening)}`);
await fetchPixels({ kind: 'source', photo, level: source.levels.at(-1)!.level, column: 0, row: 0 });
console.log(`12 MP: source at Fit                     ${ms(opening)}`);

// 1000×650 device pixels at 100 % are 250×163 source pixels.
const viewing = performance.now();
const tile = client.next('tile').then(async ({ column, row }) => {
  await fetchPixels({ kind: 'enhanced', photo, level: 0, column, row, blend: 50 });
  console.log(`view at 100 %: first tile, in the middle ${ms(viewing)}`);
});
const settled = client.next('view', ({ done, total }) => done === total);
const region = { x: width / 2 - 125, y: height / 2 - 81, width: 250, height: 163 };
await client.request('view.set', {
  photo,
  number: 1,
  region,
  blends: [50],
  enhance: 'always',
  ends: false,
  ring: false,
});
await Promise.all([tile, settled]);
console.log(`view at 100 %: complete                  ${ms(viewing)}`);
console.log(`service started → complete               ${ms(started)}`);
while ((await client.request('app.hello')).device.state === 'measuring') await new Promise((go) => setTimeout(go, 50));
const { device } = await client.request('app.hello');
console.log(`device: ${device.name} ${device.precision} ${Math.round(device.rate ?? 0)} px/s`);

const count = Number(values.album);
if (count > 0) {
  const album = await makeSmallPhotos(join(folder, 'album'), count);
  const opened: Photo[] = await client.open(album);
  const from = performance.now();
  const waits: number[] = [];
  let running = true;
  const idle = client.next('album.changed', ({ album: { state, counts } }) => {
    if (counts.done % 20 === 0) memory(`album ${counts.done}/${counts.total}`);
    return state === 'idle';
  });
  const settings = { ...DEFAULT_SETTINGS.export, destination: { kind: 'host' as const } };
  await client.request('album.add', { photos: opened.map(({ id }) => id), settings });
  const asking = (async () => {
    while (running) {
      const asked = performance.now();
      await client.request('album.list');
      waits.push(performance.now() - asked);
      await new Promise((go) => setTimeout(go, 20));
    }
  })();
  const { album: end } = await idle;
  running = false;
  await asking;
  waits.sort((a, b) => a - b);
  const at = (share: number) => waits[Math.floor(share * (waits.length - 1))]!.toFixed(0);
  console.log(`album of ${count}: ${ms(from)}, ${JSON.stringify(end.counts)}`);
  console.log(`album: answers in ${at(0.5)} ms (half), ${at(0.99)} ms (99 %), ${at(1)} ms (longest)`);
}
await carried.close();
await service.close();
rmSync(folder, { recursive: true, force: true });
process.exit();

/** Resident memory of this process's children and theirs, Linux only. */
function memory(label: string): void {
  const processes = processesBelow(process.pid);
  if (told.has(label) || processes.length === 0) return;
  told.add(label);
  console.log(
    `${label}: ${processes.map(({ name, residentMB }) => `${name} ${Math.round(residentMB)} MB`).join(', ')}`,
  );
}
