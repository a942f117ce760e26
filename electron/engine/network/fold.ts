import { type GeneratorSpec, type Weights, type WeightTensor, weightOf, weightShapes } from './generator-spec.ts';
import { intoSubPixelSpace, repeatPhases } from './kernel.ts';

/** Added to the variance by batch normalisation; TensorFlow's and the paper's value. */
export const NORM_EPSILON = 1e-3;

/**
 * The same function with less work: batch normalisation multiplied into the convolutions before it, and the output
 * layer moved into sub-pixel space, past the activation (a PReLU commutes with depth-to-space when its slopes are
 * repeated). What it returns has `norm: false, output: 'sub-pixel'`; weights already in that form pass through.
 */
export function foldGenerator(spec: GeneratorSpec, weights: Weights): { spec: GeneratorSpec; weights: Weights } {
  const moved = spec.output === 'full';
  const folded: GeneratorSpec = {
    ...spec,
    norm: false,
    output: 'sub-pixel',
    outputKernel: moved ? 2 * Math.ceil((spec.outputKernel - 1) / 4) + 1 : spec.outputKernel,
  };
  const result: Weights = new Map();
  for (const [name, shape] of weightShapes(folded)) {
    const tensor = spec.norm ? normalised(weights, name) : weightOf(weights, name);
    result.set(name, conform(name, moved ? intoSubPixels(name, tensor, shape) : tensor, shape));
  }
  return { spec: folded, weights: result };
}

function conform(name: string, tensor: WeightTensor, shape: readonly number[]): WeightTensor {
  if (tensor.shape.join() !== shape.join())
    throw new RangeError(`Expected ${name} of shape ${shape.join('×')} but received ${tensor.shape.join('×')}.`);
  return tensor;
}

/** γ·(w∗x + b − mean)/√(variance + ε) + β, as one kernel and one bias. */
function normalised(weights: Weights, name: string): WeightTensor {
  const tensor = weightOf(weights, name);
  const layer = name.slice(0, -2);
  if (!weights.has(`${layer}.gamma`) || name.endsWith('.a')) return tensor;
  const part = (suffix: string) => weightOf(weights, `${layer}.${suffix}`).data;
  const [gamma, beta, mean, variance] = [part('gamma'), part('beta'), part('mean'), part('variance')];
  const scale = gamma.map((value, i) => value / Math.sqrt(variance[i]! + NORM_EPSILON));
  const data = name.endsWith('.b')
    ? tensor.data.map((value, i) => (value - mean[i]!) * scale[i]! + beta[i]!)
    : tensor.data.map((value, i) => value * scale[i % scale.length]!);
  return { shape: tensor.shape, data };
}

function intoSubPixels(name: string, tensor: WeightTensor, shape: readonly number[]): WeightTensor {
  if (name === 'tail.w') {
    const [h, w, i, o] = tensor.shape as [number, number, number, number];
    return intoSubPixelSpace({ shape: [h, w, i, o], data: tensor.data });
  }
  const repeats = name === 'tail.b' || (name.endsWith('.a') && tensor.data.length * 4 === shape[0]);
  return repeats ? { shape, data: repeatPhases(tensor.data) } : tensor;
}
