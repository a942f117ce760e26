/**
 * `npm run train:evaluate [-- options]`: nearest, bicubic, the shipped pair and its blends, or checkpoints, scored on
 * Set5 and Set14 or any folders of pairs.
 *
 *   --data <folder>…       folders of pairs (HR/ and LR/, or originals alone); default ../shared/data/eval/{Set5,Set14}
 *   --models <folder>      the shipped pair; default models/
 *   --checkpoint <base>…   weights of the training instead of the pair, each by itself
 *   --pair <a>,<b>         two checkpoints with the blends between them instead of the shipped pair
 *   --blends <list>        default 0,0.25,0.5,0.75,1; with --quick 0,1
 *   --quick                PSNR and SSIM, no picture: Set5 in seconds
 *   --vgg <path>           VGG19 as a tfjs layers model; default ../shared/vgg19
 *   --out <folder>         table.md, scores.json, crops.png; default scripts/train/runs/evaluation
 *   --record               write the scores of the shipped pair into its manifest and the model card; neither with
 *                          other weights, pictures or blends than the default, nor with --quick
 *   --threads <n>
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { loadModelPair } from '../../electron/engine/network/model.ts';
import { commandOptions, refuseCommand } from '../command-options.ts';
import { type CropRow, cropAt, detailedPlace, smoothPlace, writeCropsPicture } from './crops-picture.ts';
import { engineMethod } from './engine-method.ts';
import { evaluate, type Method, type SetScores } from './evaluation.ts';
import { evaluationTable } from './evaluation-table.ts';
import { checkTargets } from './evaluation-targets.ts';
import { baselines, blendMethods, checkpointMethods, pairOfCheckpoints } from './methods.ts';
import { recordScores } from './model-card.ts';
import { cachedNiqeModel, fetchNiqeModel } from './niqe-params.ts';
import { openPairs } from './pairs.ts';
import { ScoreMemory } from './score-memory.ts';
import { openVgg } from './vgg-distance.ts';

const root = resolve(import.meta.dirname, '../..');
const shared = process.env.FOURFOLD_SHARED ?? resolve(root, '../shared');

const { values } = commandOptions(import.meta.filename, {
  options: {
    data: { type: 'string', multiple: true },
    models: { type: 'string', default: join(root, 'models') },
    checkpoint: { type: 'string', multiple: true },
    pair: { type: 'string' },
    blends: { type: 'string' },
    quick: { type: 'boolean', default: false },
    vgg: { type: 'string', default: join(shared, 'vgg19') },
    out: { type: 'string', default: join(import.meta.dirname, 'runs', 'evaluation') },
    record: { type: 'boolean', default: false },
    threads: { type: 'string', default: '0' },
  },
});
// The manifest and the card say of these figures that they are all there is of the files beside them.
const notForRecord = (['pair', 'checkpoint', 'quick', 'data', 'blends'] as const).find((name) => values[name]);
if (values.record && notForRecord)
  refuseCommand(import.meta.filename, `--record is of the shipped pair and complete: leave out --${notForRecord}`);

const started = Date.now();
const quick = values.quick;
const threads = Number(values.threads);
const folders =
  values.data ?? ['Set5', 'Set14'].map((set) => join(shared, 'data/eval', set)).filter((path) => existsSync(path));
if (folders.length === 0) throw new Error('No pictures to measure on: name folders of pairs with --data.');
const blends = (values.blends ?? (quick ? '0,1' : '0,0.25,0.5,0.75,1')).split(',').map(Number);

async function openMethods(): Promise<(Method & { close(): Promise<void> })[]> {
  if (values.checkpoint) return checkpointMethods(values.checkpoint, threads);
  if (values.pair) return blendMethods(pairOfCheckpoints(values.pair.split(',')), blends, threads);
  const models = await loadModelPair(resolve(values.models));
  const floats = await blendMethods(models, blends, threads);
  const integers = await Promise.all([0, 1].map((blend) => engineMethod(models, blend, 'int8')));
  return [...floats, ...integers.filter((method) => method !== undefined)];
}

const networks = await openMethods();
const methods = [...baselines, ...networks];
const vggPath = join(values.vgg, values.vgg.endsWith('.json') ? '' : 'model.json');
const hasVgg = !quick && existsSync(vggPath);
if (!quick && !hasVgg) console.error(`No VGG19 at ${vggPath}: its distance is left out.`);
if (!quick && !cachedNiqeModel() && !fetchNiqeModel())
  console.error('NIQE is left out: its model could not be fetched.');
const niqeModel = quick ? undefined : cachedNiqeModel();
const vgg = hasVgg ? await openVgg(vggPath, threads) : undefined;

const memory = new ScoreMemory(join(import.meta.dirname, '.cache', 'scores.json'));
const scores: SetScores[] = [];
const rows: CropRow[] = [];
for (const folder of folders) {
  const set = openPairs(folder);
  let done = 0;
  const found = await evaluate(
    set,
    methods,
    { quick, memory, ...(niqeModel && { niqe: niqeModel }), ...(vgg && { vgg }) },
    (pair, results) => {
      process.stderr.write(
        `\r${set.name} ${++done}/${set.names.length}, ${Math.round((Date.now() - started) / 1000)} s `,
      );
      const everything = [...results.values(), pair.original];
      memory.save();
      // Every picture's busiest place; of some also the smoothest, where a grid would show.
      const places = [detailedPlace(pair.original), ...(done % 4 === 1 ? [smoothPlace(pair.original)] : [])];
      if (!quick) for (const place of places) rows.push({ crops: everything.map((picture) => cropAt(picture, place)) });
    },
  );
  process.stderr.write('\n');
  scores.push(...found);
}
for (const network of networks) await network.close();
await vgg?.close();

const table = evaluationTable(scores);
const targets = values.checkpoint ? [] : checkTargets(scores);
console.log(table);
if (targets.length)
  console.log(
    `\n${targets.map(({ what, found, reached }) => `${reached ? 'yes' : 'NO '}  ${what}: ${found}`).join('\n')}`,
  );
mkdirSync(values.out, { recursive: true });
const weights = values.checkpoint ?? (values.pair ? values.pair.split(',') : [values.models]);
const facts = {
  date: new Date().toISOString(),
  weights: weights.map((path) => basename(path)),
  seconds: (Date.now() - started) / 1000,
};
writeFileSync(join(values.out, 'table.md'), `${table}\n`);
writeFileSync(join(values.out, 'scores.json'), `${JSON.stringify({ ...facts, targets, scores }, null, 1)}\n`);
if (values.record) recordScores(resolve(values.models), scores);
if (rows.length)
  await writeCropsPicture(join(values.out, 'crops.png'), [...methods.map(({ name }) => name), 'original'], rows);
console.log(`\n${((Date.now() - started) / 1000).toFixed(0)} s; written to ${values.out}`);
