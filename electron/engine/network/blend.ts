import { type Weights, weightOf } from './generator-spec.ts';

/** Network interpolation (Wang et al. 2018, ESRGAN, §3.4): (1 − blend)·first + blend·second, tensor by tensor. */
export function blendWeights(first: Weights, second: Weights, blend: number): Weights {
  if (!(blend >= 0 && blend <= 1)) throw new RangeError(`Expected a blend from 0 to 1 but received ${blend}.`);
  if (blend === 0) return first;
  if (blend === 1) return second;
  const result: Weights = new Map();
  for (const [name, { shape, data }] of first) {
    const other = weightOf(second, name).data;
    // In this form tensors that both sets share (the up-sampling part) come out bit for bit as they are.
    result.set(name, { shape, data: data.map((value, i) => value + blend * (other[i]! - value)) });
  }
  return result;
}
