/** Scores of methods over sets of pairs: every figure of `train:evaluate` and of the model card comes from here. */
import type { Picture } from './bicubic.ts';
import { consistency } from './consistency.ts';
import { type Blocks, flatBlocks, gridEnergy, gridExcess } from './grid-energy.ts';
import { type NiqeModel, niqe } from './niqe.ts';
import type { Pair, PairSet } from './pairs.ts';
import { psnr } from './psnr.ts';
import type { ScoreMemory } from './score-memory.ts';
import type { GridScore, Scores } from './scores.ts';
import { ssim } from './ssim.ts';
import { type Vgg, type VggFeatures, vggDistance } from './vgg-distance.ts';

/** A way to make a picture four times larger. */
export interface Method {
  readonly name: string;
  /** PSNR and SSIM are all that is of interest. */
  readonly fidelityOnly?: boolean;
  enlarge(source: Picture): Picture | Promise<Picture>;
}

/** What a full evaluation needs beside the pictures; what is missing is left out of the scores. */
export interface Yardsticks {
  readonly niqe?: NiqeModel;
  readonly vgg?: Vgg;
  /** PSNR and SSIM alone. */
  readonly quick?: boolean;
  /** Scores of earlier evaluations. */
  readonly memory?: ScoreMemory;
}

export interface SetScores {
  readonly set: string;
  readonly method: string;
  readonly mean: Scores;
  readonly pictures: Readonly<Record<string, Scores>>;
}

/** Runs every method over every pair of a set. `onPicture` is told after each pair, with the results for a picture of them. */
export async function evaluate(
  set: PairSet,
  methods: readonly Method[],
  yardsticks: Yardsticks,
  onPicture?: (pair: Pair, results: ReadonlyMap<string, Picture>) => void,
): Promise<SetScores[]> {
  const pictures = new Map(methods.map(({ name }) => [name, {} as Record<string, Scores>]));
  for (const name of set.names) {
    const pair = await set.read(name);
    const reference = new Reference(pair, yardsticks);
    const results = new Map<string, Picture>();
    for (const method of methods) {
      const result = await method.enlarge(pair.source);
      results.set(method.name, result);
      pictures.get(method.name)![name] = await score(result, reference, yardsticks.quick || method.fidelityOnly);
    }
    onPicture?.(pair, results);
  }
  return methods.map(({ name }) => {
    const each = pictures.get(name)!;
    return { set: set.name, method: name, mean: meanScores(Object.values(each)), pictures: each };
  });
}

/** What scoring needs of the original, made when first asked for. */
class Reference {
  #features: Promise<VggFeatures> | undefined;
  #flat: Blocks | undefined;

  constructor(
    readonly pair: Pair,
    readonly yardsticks: Yardsticks,
  ) {}

  get flat(): Blocks {
    return (this.#flat ??= flatBlocks(this.pair.original));
  }

  features(vgg: Vgg): Promise<VggFeatures> {
    return (this.#features ??= vgg.features(this.pair.original));
  }
}

async function score(result: Picture, reference: Reference, quick = false): Promise<Scores> {
  const { pair, yardsticks } = reference;
  const { memory, niqe: hasNiqe, vgg } = yardsticks;
  const measures = quick ? 'quick' : `full ${hasNiqe ? 'niqe' : ''} ${vgg ? 'vgg' : ''}`;
  const key = memory?.key(result, pair.original, pair.source, measures);
  const known = key && memory?.get(key);
  if (known) return known;
  const scores = await measure(result, reference, quick);
  if (key) memory?.put(key, scores);
  return scores;
}

async function measure(result: Picture, reference: Reference, quick: boolean): Promise<Scores> {
  const { pair, yardsticks } = reference;
  const { original, source } = pair;
  const fidelity = { psnr: psnr(result, original), ssim: ssim(result, original) };
  if (quick) return fidelity;
  const { psnr: shrunkPsnr, drift } = consistency(result, source);
  const natural = yardsticks.niqe ? niqe(result, yardsticks.niqe) : Number.NaN;
  const { vgg } = yardsticks;
  const distance = vgg && vggDistance(await vgg.features(result), await reference.features(vgg));
  return {
    ...fidelity,
    ...(Number.isFinite(natural) && { niqe: natural }),
    ...(distance && { vgg54: distance.phi54, vgg22: distance.phi22 }),
    shrunkPsnr,
    drift: Math.max(...drift.map(Math.abs)),
    gridFlat: gridEnergy(result, reference.flat),
    gridExcess: gridExcess(result),
  };
}

/** Means over pictures that have the figure. */
export function meanScores(scores: readonly Scores[]): Scores {
  const mean = (key: 'psnr' | 'ssim' | 'niqe' | 'vgg54' | 'vgg22' | 'shrunkPsnr' | 'gridExcess') => {
    const values = scores.map((each) => each[key]).filter((value) => value !== undefined);
    return values.length ? { [key]: values.reduce((sum, value) => sum + value, 0) / values.length } : {};
  };
  const drifts = scores.map(({ drift }) => drift).filter((value) => value !== undefined);
  return {
    ...(mean('psnr') as { psnr: number }),
    ...(mean('ssim') as { ssim: number }),
    ...mean('niqe'),
    ...mean('vgg54'),
    ...mean('vgg22'),
    ...mean('shrunkPsnr'),
    ...mean('gridExcess'),
    ...(drifts.length && { drift: Math.max(...drifts) }),
    ...pooledGrid(scores),
  };
}

function pooledGrid(scores: readonly Scores[]): { gridFlat?: GridScore } {
  const found = scores
    .map((each) => each.gridFlat)
    .filter((grid) => grid !== undefined && grid.blocks > 0) as GridScore[];
  const blocks = found.reduce((sum, grid) => sum + grid.blocks, 0);
  if (!blocks) return {};
  const mean = (part: 'energy' | 'neighbours') =>
    found.reduce((sum, grid) => sum + grid[part] * grid.blocks, 0) / blocks;
  return { gridFlat: { energy: mean('energy'), neighbours: mean('neighbours'), blocks } };
}
