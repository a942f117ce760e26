import { type ModelPair, pairId, readManifest } from '../engine/network/model.ts';

/**
 * The models as the service knows them: which they are. The weights are read and checked in the engine's process, where
 * the network runs; here they would only take memory and time.
 * @throws FourfoldError `model-altered` when there is no manifest that can be read
 */
export async function modelFacts(modelsDir?: string): Promise<ModelPair> {
  const manifest = await readManifest(modelsDir);
  return { id: pairId(manifest), manifest, spec: manifest.sets.srresnet.spec, weights: noWeights };
}

/** Stands in for models that cannot be read, so that photos can still be looked at. */
export const MISSING_MODELS: ModelPair = {
  id: 'missing',
  manifest: {} as never,
  spec: {} as never,
  weights: noWeights,
};

function noWeights(): never {
  throw new Error('The weights are in the engine’s process.');
}
