// `npm run bench`: how fast and how large, on this machine, in one run. Prints tables, then everything as one line of JSON.
//
//   npm run bench                          all parts (an hour on two cores)
//   npm run bench -- --only bare,limit     some parts: limit bare whole formats memory album tile
//   npm run bench -- --quick               small sizes: to see that it works (two minutes)
//   npm run bench -- --photos 1,12         megapixels of the whole photos
//   npm run bench -- --tiles 128,large     cores of the network alone: edges, or what a large photo gets
//   npm run bench -- --precision int8      of everything but devices' own (default: auto, and all of them for the network alone)
//   npm run bench -- --device cpu          of whole photos, formats and album (default: auto)
//   npm run bench -- --devices cpu,cuda    for the network alone (default: all there are)
//   npm run bench -- --album 20 --singles 6  photos of the album, and single commands really run (default all of them)
//   npm run bench -- --out figures.json    the JSON into a file
import { writeFileSync } from 'node:fs';
import { loadModelPair } from '../../electron/engine/network/model.ts';
import { commandOptions } from '../command-options.ts';
import { type BareSpeed, bareSpeeds, bestOf, PRECISIONS, type TileChoice } from './bare-speed.ts';
import { type FirstTile, firstTile } from './first-tile.ts';
import { machine } from './machine.ts';
import { matmulLimit } from './matmul-limit.ts';
import { type MemoryRun, memoryRun } from './memory-run.ts';
import { table } from './table.ts';
import { type AlbumRun, albumRun, type WholePhoto, wholePhoto } from './whole-photo.ts';

const { values } = commandOptions(import.meta.filename, {
  options: {
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    photos: { type: 'string' },
    precision: { type: 'string', default: 'auto' },
    device: { type: 'string', default: 'auto' },
    devices: { type: 'string' },
    tiles: { type: 'string' },
    album: { type: 'string' },
    singles: { type: 'string' },
    out: { type: 'string' },
  },
});
const parts = new Set((values.only ?? 'limit,bare,tile,whole,formats,memory,album').split(','));
const { quick } = values;
const numbers = (text: string) => text.split(',').map(Number);
const seconds = quick ? 0.5 : 4;
const run = { precision: values.precision, device: values.device };

const figures: {
  machine: ReturnType<typeof machine>;
  limitGflops?: number;
  bare?: BareSpeed[];
  whole?: WholePhoto[];
  formats?: WholePhoto[];
  memory?: MemoryRun[];
  album?: AlbumRun;
  tile?: FirstTile;
} = { machine: machine() };

const say = (text: string) => process.stdout.write(`${text}\n`);
const { processor, threads, memoryGB, vnni, node, onnxruntime } = figures.machine;
say(
  `${processor}, ${threads} threads${vnni ? ', VNNI' : ''}, ${memoryGB} GB; Node ${node}, onnxruntime ${onnxruntime}\n`,
);

if (parts.has('limit')) {
  figures.limitGflops = await matmulLimit(quick ? 1000 : 3000, seconds);
  say(`Machine's limit (float32 matrix product): ${figures.limitGflops.toFixed(0)} GFLOP/s\n`);
}

if (parts.has('bare')) {
  const models = await loadModelPair();
  const tiles: TileChoice[] = values.tiles
    ? values.tiles.split(',').map((tile) => (tile === 'large' ? tile : Number(tile)))
    : quick
      ? [64]
      : [64, 128, 192, 256, 'large'];
  const devices = values.devices ? { devices: values.devices.split(',') } : {};
  const precisions = PRECISIONS.filter((one) => values.precision === 'auto' || one === values.precision);
  figures.bare = await bareSpeeds(models, { tiles, precisions, seconds, ...devices });
  say('The network alone, best tile of each device and precision:\n');
  say(table(bestOf(figures.bare).map((speed) => bareRow(speed))));
  say('Every tile:\n');
  say(table(figures.bare.map((speed) => bareRow(speed))));
}

if (parts.has('tile')) {
  figures.tile = await firstTile(quick ? 1 : 12, quick ? 1 : 5);
  const { megapixels, starts, answers, preview, firstTileCold, sinceStart, firstTileWarm } = figures.tile;
  say(
    `In the app, a ${megapixels}-megapixel photo, median of ${starts} cold starts, one thing at once after another:\n`,
  );
  const wait = (what: string, seconds: number) => ({ 'what a person waits for': what, seconds });
  say(
    table([
      wait('start of the service → its first answer', answers),
      wait('opening the photo → picture', preview),
      wait('looking at 100 %, cold → enhanced tile in the middle', firstTileCold),
      wait('start of the service → that tile, all of the above', sinceStart),
      wait('another place, warm → its first enhanced tile', firstTileWarm),
    ]),
  );
}

if (parts.has('whole')) {
  figures.whole = [];
  for (const megapixels of values.photos ? numbers(values.photos) : quick ? [0.1] : [1, 12, 48])
    figures.whole.push(await wholePhoto(megapixels, run));
  say('Whole photos, from the command to the file (JPEG to JPEG), seconds by stage:\n');
  say(table(figures.whole.map(wholeRow)));
}

if (parts.has('formats')) {
  figures.formats = [];
  for (const format of ['jpg', 'png', 'webp'] as const)
    figures.formats.push(await wholePhoto(quick ? 0.05 : 1, { ...run, format }));
  say(`${quick ? 'A small' : 'A 1-megapixel'} photo in three formats:\n`);
  say(table(figures.formats.map(wholeRow)));
}

if (parts.has('memory')) {
  figures.memory = [];
  for (const megapixels of quick ? [2] : [12, 100])
    for (const precision of values.precision === 'auto' ? ['fp32', 'auto'] : [values.precision])
      figures.memory.push(await memoryRun(megapixels, precision));
  say('Peak memory on the CPU:\n');
  say(
    table(
      figures.memory.map(({ megapixels, precision, peakAnonymousMB, peakResidentMB }) => ({
        'source MP': megapixels,
        precision,
        'anonymous MB': Math.round(peakAnonymousMB),
        'resident MB (mapped files too)': Math.round(peakResidentMB),
      })),
    ),
  );
}

if (parts.has('album')) {
  const count = Number(values.album ?? (quick ? 3 : 20));
  const album = await albumRun(count, quick ? 0.05 : 1, Number(values.singles ?? count), run);
  figures.album = album;
  const { photos, singles, albumSeconds, singleSeconds, ratio, leastRatio } = album;
  const stood = singles < photos ? ` (${singles} run, for all of them)` : '';
  say(
    `Album of ${photos}: ${albumSeconds.toFixed(1)} s; ${photos} single commands: ${singleSeconds.toFixed(1)} s${stood}; ratio ${ratio.toFixed(2)}, of which the network alone is ${leastRatio.toFixed(2)}\n`,
  );
}

const json = JSON.stringify(figures);
if (values.out) writeFileSync(values.out, `${json}\n`);
say(json);

function bareRow({ deviceName, precision, tile, kpxPerSecond, gflops, openSeconds }: BareSpeed) {
  return {
    device: deviceName,
    precision,
    tile,
    'source kpx/s': kpxPerSecond,
    'GFLOP/s': gflops,
    'of the limit': figures.limitGflops && precision === 'fp32' ? (gflops / figures.limitGflops).toFixed(2) : '',
    'opening s': openSeconds,
  };
}

function wholeRow(photo: WholePhoto) {
  const { start, decode, session, network, encode, verify, place } = photo.stages as Record<string, number>;
  const bare = bestOf(figures.bare ?? []).find(
    ({ deviceName, precision }) => deviceName === photo.device && precision === photo.precision,
  );
  return {
    MP: photo.megapixels,
    format: photo.format,
    device: `${photo.device} ${photo.precision}`,
    seconds: photo.seconds,
    start: start!,
    decode: decode!,
    session: session!,
    network: network!,
    encode: encode!,
    verify: verify!,
    place: place!,
    'kpx/s': photo.kpxPerSecond,
    'of bare': bare ? (photo.kpxPerSecond / bare.kpxPerSecond).toFixed(2) : '',
    'of bare, processor time': bare ? (bare.processorMsPerKpx / photo.processorMsPerKpx).toFixed(2) : '',
    'anonymous MB': Math.round(photo.peakAnonymousMB),
  };
}
