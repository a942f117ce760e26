/** Parameters between their three forms: freshly drawn, a checkpoint's named tensors, one flat vector. */
import type { Tensor } from './backend.ts';
import type { NamedTensor } from './checkpoint.ts';
import type { Parameter, Weights } from './generator.ts';
import type { Random } from './random.ts';

const size = (shape: number[]) => shape.reduce((product, side) => product * side, 1);

/** Draws every parameter anew. */
export function drawParameters(parameters: Parameter[], random: Random): Map<string, NamedTensor> {
  return new Map(
    parameters.map(({ name, shape, start }) => {
      const values = new Float32Array(size(shape));
      if ('constant' in start) values.fill(start.constant);
      else for (let i = 0; i < values.length; i++) values[i] = random.truncatedNormal() * start.deviation;
      return [name, { shape, values }];
    }),
  );
}

/** All values one after another, in the order of `parameters`; a missing or misshapen tensor is an error. */
export function flatten(parameters: Parameter[], tensors: Map<string, NamedTensor>): Float32Array {
  const flat = new Float32Array(parameters.reduce((total, { shape }) => total + size(shape), 0));
  let at = 0;
  for (const { name, shape } of parameters) {
    const tensor = tensors.get(name);
    if (!tensor) throw new Error(`The weights hold no ${name}; they belong to another preset.`);
    if (tensor.shape.join() !== shape.join())
      throw new Error(`Expected ${name} as ${shape.join('×')} but received ${tensor.shape.join('×')}.`);
    flat.set(tensor.values, at);
    at += tensor.values.length;
  }
  return flat;
}

/** The reverse of `flatten`. */
export function unflatten(parameters: Parameter[], flat: Float32Array): Map<string, NamedTensor> {
  let at = 0;
  return new Map(
    parameters.map(({ name, shape }) => {
      const values = flat.slice(at, at + size(shape));
      at += values.length;
      return [name, { shape, values }];
    }),
  );
}

/** Tensors in parameter order → tensors by name. */
export function named(parameters: Parameter[], tensors: Tensor[]): Weights {
  return Object.fromEntries(parameters.map(({ name }, index) => [name, tensors[index] as Tensor]));
}
