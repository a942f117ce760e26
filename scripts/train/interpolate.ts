/**
 * `npx tsx scripts/train/interpolate.ts <a> <b> <share> <out>`: the checkpoint a `share` of the way from a to b, with the
 * facts of b. Each is a checkpoint or an .onnx file of models/.
 */
import { commandOptions, refuseCommand } from '../command-options.ts';
import { partOfTheWay, saveCheckpoint } from './checkpoint.ts';
import { readWeights } from './start-weights.ts';
import { runFacts } from './training-facts.ts';

const { positionals } = commandOptions(import.meta.filename, { allowPositionals: true, options: {} });
const [a, b, share, out] = positionals;
const way = Number(share);
if (!a || !b || !out || !share || !Number.isFinite(way))
  refuseCommand(import.meta.filename, 'It takes two checkpoints, a share and where to write');
const { meta, tensors } = partOfTheWay(readWeights(a), readWeights(b), way);
const { order: _order, shapes: _shapes, bin: _bin, ...facts } = meta;
// Some facts of a run are in its state alone, which the result has none of.
saveCheckpoint(out, [...tensors], { ...runFacts(b), ...facts, interpolated: way });
