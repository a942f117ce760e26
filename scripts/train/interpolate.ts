/**
 * `npx tsx scripts/train/interpolate.ts <a> <b> <share> <out>`: the checkpoint a `share` of the way from a to b.
 *
 * The adversarial run may overshoot what its measures allow (the power it adds to flat regions grows with the square of
 * the way); a shorter way in the same direction keeps the texture's character and gives back fidelity.
 */
import { parseArgs } from 'node:util';
import { type NamedTensor, readCheckpoint, saveCheckpoint } from './checkpoint.ts';

const [a, b, share, out] = parseArgs({ allowPositionals: true }).positionals;
const way = Number(share);
if (!a || !b || !out || !Number.isFinite(way)) throw new Error('Usage: interpolate.ts <a> <b> <share> <out>');
const [from, to] = [readCheckpoint(a), readCheckpoint(b)];
const tensors = [...to.tensors].map(([name, { shape, values }]): [string, NamedTensor] => {
  const start = from.tensors.get(name);
  if (start?.shape.join() !== shape.join()) throw new Error(`${name} differs in shape: these are different networks.`);
  return [name, { shape, values: values.map((value, i) => (1 - way) * start.values[i]! + way * value) }];
});
const { order: _order, shapes: _shapes, bin: _bin, ...facts } = to.meta;
saveCheckpoint(out, tensors, { ...facts, interpolated: way });
