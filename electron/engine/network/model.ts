import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FourfoldError } from '../errors.ts';
import { blendWeights } from './blend.ts';
import type { Calibration } from './calibration.ts';
import type { GeneratorSpec, Weights } from './generator-spec.ts';
import { readModelFile } from './model-file.ts';

export type SetName = 'srresnet' | 'srgan';

export interface ModelSet {
  /** File name inside the models folder. */
  readonly file: string;
  readonly sha256: string;
  readonly spec: GeneratorSpec;
  /** How it was trained: steps, hours, data, seeds, commit. */
  readonly training?: Readonly<Record<string, unknown>>;
  /** Measured by the evaluation command on this very file. */
  readonly scores?: Readonly<Record<string, unknown>>;
}

/** models/manifest.json */
export interface ModelManifest {
  readonly version: 1;
  readonly sets: Readonly<Record<SetName, ModelSet>>;
  /** Ranges for int8, measured on these very files; absent until they are calibrated. */
  readonly calibration?: Calibration;
}

export interface ModelPair {
  /** A hash of both sets: equal ids give equal pictures. */
  readonly id: string;
  readonly manifest: ModelManifest;
  readonly spec: GeneratorSpec;
  /** The weights of a blend, 0 SRResNet … 1 SRGAN; the last few are kept. */
  weights(blend: number): Weights;
}

/** How many blends are kept in memory: a slider that goes to and fro finds the ends and its last places. */
const KEPT_BLENDS = 4;

/** A pair from weights in memory; `loadModelPair` and the training side's checks use it. */
export function modelPair(manifest: ModelManifest, spec: GeneratorSpec, srresnet: Weights, srgan: Weights): ModelPair {
  const kept = new Map<number, Weights>();
  return {
    id: pairId(manifest),
    manifest,
    spec,
    weights(blend) {
      const weights = kept.get(blend) ?? blendWeights(srresnet, srgan, blend);
      kept.delete(blend);
      kept.set(blend, weights);
      for (const oldest of kept.keys()) if (kept.size > KEPT_BLENDS) kept.delete(oldest);
      return weights;
    },
  };
}

/** Equal ids give equal pictures. */
export function pairId({ sets }: ModelManifest): string {
  return createHash('sha256').update(sets.srresnet.sha256).update(sets.srgan.sha256).digest('hex').slice(0, 16);
}

/** Reads both weight sets; a missing or altered file is refused (`model-altered`), because one wrong bit loads silently. */
export async function loadModelPair(modelsDir = defaultModelsDir()): Promise<ModelPair> {
  const manifest = await readManifest(modelsDir);
  const load = async ({ file, sha256 }: ModelSet) => {
    const path = join(modelsDir, file);
    const bytes = await readFile(path).catch((cause) => refuse(path, cause));
    if (createHash('sha256').update(bytes).digest('hex') !== sha256) refuse(path);
    return readModelFile(bytes);
  };
  const [srresnet, srgan] = await Promise.all([load(manifest.sets.srresnet), load(manifest.sets.srgan)]);
  if (JSON.stringify(srresnet.spec) !== JSON.stringify(srgan.spec)) refuse(join(modelsDir, manifest.sets.srgan.file));
  return modelPair(manifest, srresnet.spec, srresnet.weights, srgan.weights);
}

/** What a pair will be, without its weights; for a process that only passes pictures on. */
export async function readManifest(modelsDir = defaultModelsDir()): Promise<ModelManifest> {
  const path = join(modelsDir, 'manifest.json');
  try {
    const manifest = JSON.parse(await readFile(path, 'utf8')) as ModelManifest;
    if (manifest.version !== 1 || !manifest.sets?.srresnet || !manifest.sets.srgan) refuse(path);
    return manifest;
  } catch (cause) {
    if (cause instanceof FourfoldError) throw cause;
    return refuse(path, cause);
  }
}

function refuse(path: string, cause?: unknown): never {
  throw new FourfoldError(
    'model-altered',
    'A model file is missing or damaged, so no photo was touched. Install Fourfold again.',
    { path, cause },
  );
}

/** The bundled models: beside the sources, beside `dist`, or in the resources of a packaged app. */
export function defaultModelsDir(): string {
  const packaged = (process as { resourcesPath?: string }).resourcesPath;
  if (process.env.FOURFOLD_MODELS) return resolve(process.env.FOURFOLD_MODELS);
  const candidates = packaged ? [join(packaged, 'models')] : [];
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    candidates.push(join(folder, 'models'));
    if (folder === dirname(folder)) break;
  }
  return candidates.find((folder) => existsSync(join(folder, 'manifest.json'))) ?? candidates[0]!;
}
