// `npm run bench:peers`: Fourfold beside others on the same machine in the same run. Optional, and set up apart:
//
//   npm ci --prefix scripts/bench && npm ci --prefix scripts/train && npm run train:setup
//   npm run bench:peers [-- --photo 12] [--seconds 10] [--set14 <folder with HR and LR>]
//   npm run bench:peers -- --photo 12 --whole-only     a whole photo by both, and nothing else (three minutes)
//   npm run bench:peers -- --photo 12 --thick-photo 0.5   megapixels that esrgan-thick's time for it is taken from (0.2)
//   npm run bench:peers -- --out figures.json          the JSON into a file
//
// UpscalerJS esrgan-thick runs with its own weights on TensorFlow's CPU kernels (tfjs-node, as UpscalerJS does in Node).
// Real-ESRGAN's network (x4plus: 23 RRDB blocks) runs with random weights in the same ONNX runtime as Fourfold: its speed
// does not depend on them, and no weights of others are needed.
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadModelPair } from '../../electron/engine/network/model.ts';
import { openSession, type Precision } from '../../electron/engine/run/session.ts';
import { paddedTile } from '../../electron/engine/run/tensor.ts';
import { commandOptions } from '../command-options.ts';
import type { Picture } from '../train/bicubic.ts';
import { readPicture } from '../train/picture-file.ts';
import { psnr } from '../train/psnr.ts';
import { esrganThick } from './esrgan-thick.ts';
import { machine } from './machine.ts';
import { rrdbSpeed } from './rrdb.ts';
import { table } from './table.ts';
import { type WholeAgainstThick, wholeAgainstThick } from './whole-against-thick.ts';

const { values } = commandOptions(import.meta.filename, {
  options: {
    seconds: { type: 'string', default: '10' },
    photo: { type: 'string' },
    'whole-only': { type: 'boolean', default: false },
    'thick-photo': { type: 'string', default: '0.2' },
    set14: { type: 'string', default: fileURLToPath(new URL('../../../shared/data/eval/Set14', import.meta.url)) },
    out: { type: 'string' },
  },
});
const seconds = Number(values.seconds);
const say = (text: string) => process.stdout.write(`${text}\n`);
const { processor, threads } = machine();
say(`${processor}, ${threads} threads\n`);

interface Row {
  readonly who: string;
  readonly kpxPerSecond: number;
  /** dB on Y, 4 px shaved; absent where it says nothing (random weights) or the pictures are not there. */
  readonly set14?: number;
}
const rows: Row[] = [];

const models = await loadModelPair();
const thick = await esrganThick();
if (!thick) say('UpscalerJS is not set up (see the head of scripts/bench/peers.ts): left out.\n');
if (!values['whole-only']) await networks();

let whole: WholeAgainstThick | undefined;
if (values.photo && thick) {
  whole = await wholeAgainstThick(thick, Number(values.photo), Number(values['thick-photo']));
  const { fourfold: ours, thickMegapixels, thickSeconds, thickTile, thickExtrapolated, times, processorTimes } = whole;
  const [before, after] = thickSeconds.map((one) => one.toFixed(1));
  say(
    [
      `A whole ${values.photo}-megapixel photo, JPEG to JPEG: Fourfold ${ours.precision} ${ours.seconds.toFixed(0)} s, process start included;`,
      `esrgan-thick ${thickExtrapolated.toFixed(0)} s, in proportion to ${thickMegapixels} megapixels (${before} s before, ${after} s after, tiles of ${thickTile}², model loaded already).`,
      `Fourfold is ${times.toFixed(1)} times as fast (${processorTimes.toFixed(1)} in processor time).\n`,
    ].join('\n'),
  );
}
const json = JSON.stringify({ machine: machine(), rows, whole });
if (values.out) writeFileSync(values.out, `${json}\n`);
say(json);

/** The networks alone. */
async function networks(): Promise<void> {
  for (const [name, blend, precision] of [
    ['Fourfold, faithful, fp32', 0, 'fp32'],
    ['Fourfold, faithful, as it comes', 0, 'auto'],
  ] as const)
    rows.push(await fourfold(name, blend, precision));
  if (thick)
    rows.push({
      who: 'UpscalerJS esrgan-thick (tfjs-node)',
      kpxPerSecond: await thick.speed([64, 128, 256], seconds),
      ...(await onSet14(async (picture) => thick.enlarge(picture))),
    });
  rows.push({
    who: 'Real-ESRGAN x4plus network (ONNX, random weights)',
    kpxPerSecond: await rrdbSpeed([64, 128], seconds),
  });
  say('Network alone, source kpx/s at each one’s best tile, CPU:\n');
  say(
    table(
      rows.map(({ who, kpxPerSecond, set14 }) => ({ who, 'kpx/s': kpxPerSecond, 'Set14 dB': set14?.toFixed(2) ?? '' })),
    ),
  );
}

async function fourfold(who: string, blend: number, precision: Precision | 'auto'): Promise<Row> {
  let best = 0;
  let used = '';
  for (const tile of [128, 192, 256]) {
    const session = await openSession({ models, blend, device: 'cpu', precision, tile, io: 'u8' });
    used = session.precision;
    const { width, height } = session.tile;
    const padded = {
      width: width + 2 * session.halo,
      height: height + 2 * session.halo,
      channels: 3 as const,
      depth: 8 as const,
      data: Uint8Array.from(
        { length: (width + 2 * session.halo) * (height + 2 * session.halo) * 3 },
        (_, i) => (i * 7919) & 255,
      ),
    };
    await session.enhance(padded);
    for (const until = performance.now() + (seconds * 1000) / 3; performance.now() < until; ) {
      const from = performance.now();
      await session.enhance(padded);
      best = Math.max(best, (width * height) / (performance.now() - from));
    }
    await session.close();
  }
  const quality = await onSet14(async (picture) => {
    const { width, height, pixels } = picture;
    const session = await openSession({ models, blend, device: 'cpu', precision, tile: { width, height }, io: 'u8' });
    const { rasterSource } = await import('../../electron/engine/photo/pixel-source.ts');
    const source = rasterSource({ width, height, channels: 3, depth: 8, data: Uint8Array.from(pixels) });
    const { halo } = session;
    const region = { x: -halo, y: -halo, width: session.tile.width + 2 * halo, height: session.tile.height + 2 * halo };
    const large = await session.enhance(paddedTile(source, region));
    await session.close();
    return { width: large.width, height: large.height, pixels: large.data as Uint8Array };
  });
  return { who: `${who} (${used})`, kpxPerSecond: best, ...quality };
}

/** Mean PSNR over Set14 of a way to enlarge; nothing where the pictures are not there. */
async function onSet14(enlarge: (picture: Picture) => Promise<Picture>): Promise<{ set14?: number }> {
  if (!existsSync(values.set14)) return {};
  const names = readdirSync(join(values.set14, 'LR'));
  let sum = 0;
  for (const name of names)
    sum += psnr(
      await enlarge(await readPicture(join(values.set14, 'LR', name))),
      await readPicture(join(values.set14, 'HR', name)),
    );
  return { set14: sum / names.length };
}
