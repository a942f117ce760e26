/**
 * Checkpoints on disk.
 *
 * Weights are a pair of files NAME.json and NAME.bin:
 *   NAME.json  { order: string[], shapes: number[][], step: number, alpha: 0.1, ...any further facts of the run }
 *   NAME.bin   float32, little endian, the tensors one after another in `order`; kernels are HWIO.
 * Names: head.w head.b, b0.0.w b0.0.b b0.1.w b0.1.b … b15.1.b, mid.w mid.b, up1.w up1.b, up2.w up2.b, tail.w tail.b
 * (`generatorParameters` in generator.ts lists them for every preset).
 *
 * Optimiser state (Adam's moments, the averaged weights, the discriminator) lies in a sibling pair of the same form,
 * NAME.state.json and NAME.state.bin, so that whoever only wants the weights never reads it.
 *
 * Everything is written to a temporary name, synced and renamed. The .bin is renamed under a name that carries its
 * step and the .json names it (`bin`), so the pair changes in one rename however the process dies; a .json without
 * `bin` (the warm start) means NAME.bin.
 */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { writeFully } from '../../electron/engine/photo/full-write.ts';

/** Facts kept beside the tensors; `order` and `shapes` are filled in by `saveTensors`. */
export interface CheckpointMeta {
  order: string[];
  shapes: number[][];
  step: number;
  /** Slope of the generator's LeakyReLU. */
  alpha?: number;
  /** File name of the .bin beside the .json. */
  bin?: string;
  [fact: string]: unknown;
}

export interface NamedTensor {
  shape: number[];
  /** Row-major float32, kernels HWIO. */
  values: Float32Array;
}

export interface Checkpoint {
  meta: CheckpointMeta;
  /** In the order of `meta.order`. */
  tensors: Map<string, NamedTensor>;
}

/**
 * (1 − t) · first + t · second, with the facts of the second; throws where they are different networks. For an
 * adversarial run that went further than what measures best, and for the mean of two runs' ends (stochastic weight
 * averaging, Izmailov et al. 2018, arXiv 1803.05407).
 */
export function partOfTheWay(first: Checkpoint, second: Checkpoint, t: number): Checkpoint {
  if (t === 1) return second;
  const tensors = new Map(second.tensors);
  for (const [name, { shape, values }] of second.tensors) {
    const start = first.tensors.get(name)?.values;
    if (start?.length !== values.length)
      throw new Error(`The two checkpoints differ in ${name}; there is no way between.`);
    tensors.set(name, { shape, values: values.map((value, i) => start[i]! + t * (value - start[i]!)) });
  }
  return { meta: second.meta, tensors };
}

/** `base` is the path without ending (`runs/a/last`); an ending .json is forgiven. */
export function readCheckpoint(base: string): Checkpoint {
  const stem = base.replace(/\.json$/, '');
  if (!existsSync(`${stem}.json`)) throw new Error(`There is no checkpoint ${stem}.json.`);
  const meta = JSON.parse(readFileSync(`${stem}.json`, 'utf8')) as CheckpointMeta;
  const file = readFileSync(meta.bin ? join(dirname(stem), meta.bin) : `${stem}.bin`);
  const tensors = new Map<string, NamedTensor>();
  let at = 0;
  for (const [index, name] of meta.order.entries()) {
    const shape = meta.shapes[index] as number[];
    const bytes = 4 * shape.reduce((product, side) => product * side, 1);
    if (at + bytes > file.length)
      throw new Error(`${stem}: the weight file ends inside ${name}; the checkpoint is cut short.`);
    const copy = file.buffer.slice(file.byteOffset + at, file.byteOffset + at + bytes);
    tensors.set(name, { shape, values: new Float32Array(copy) });
    at += bytes;
  }
  if (at !== file.length)
    throw new Error(`${stem}: ${file.length - at} bytes are left over; weights and .json do not belong together.`);
  return { meta, tensors };
}

/** Writes the pair for `base` atomically; the previous pair stays whole until the new one is in place. */
export function saveCheckpoint(
  base: string,
  tensors: Iterable<[string, NamedTensor]>,
  facts: { step: number; [fact: string]: unknown },
): void {
  const list = [...tensors];
  const jsonPath = `${base}.json`;
  const previous = existsSync(jsonPath)
    ? (JSON.parse(readFileSync(jsonPath, 'utf8')) as CheckpointMeta).bin
    : undefined;
  const bin = `${basename(base)}.${facts.step}.${Date.now().toString(36)}.bin`;
  const meta: CheckpointMeta = {
    ...facts,
    order: list.map(([name]) => name),
    shapes: list.map(([, tensor]) => tensor.shape),
    bin,
  };
  writeSynced(
    join(dirname(base), bin),
    list.map(([, { values }]) => Buffer.from(values.buffer, values.byteOffset, values.byteLength)),
  );
  writeSynced(jsonPath, [Buffer.from(JSON.stringify(meta))]);
  if (previous && previous !== bin) rmSync(join(dirname(base), previous), { force: true });
}

function writeSynced(path: string, parts: Buffer[]): void {
  const temporary = `${path}.tmp`;
  const file = openSync(temporary, 'w');
  for (const part of parts) writeFully(file, part);
  fsyncSync(file);
  closeSync(file);
  renameSync(temporary, path);
}
