import { decodeHalves, encodeHalves } from './float16.ts';
import { foldGenerator } from './fold.ts';
import { type GeneratorSpec, type Weights, weightShapes } from './generator-spec.ts';
import { bytesOf } from './graph.ts';
import { fromOihw, type Kernel } from './kernel.ts';
import { buildGenerator } from './network.ts';
import { decodeModel, ElementType, encodeModel, type OnnxTensor } from './onnx.ts';

/** How a model file names a tensor: `head.w` is the initialiser `head.weight`. */
const SUFFIX: Record<string, string> = { w: 'weight', b: 'bias', a: 'slope' };

function initialiserName(name: string): string {
  return name.replace(/\.([wba])$/, (_, kind: string) => `.${SUFFIX[kind]}`);
}

/**
 * A model file: a plain ONNX network for any runtime (`pixels` float32 NHWC RGB 0…1, any size → `enlarged`), with the
 * generator's description as JSON in its metadata. Normalisation is folded, the output layer is in sub-pixel space.
 * With `fp16` the weights are stored in half the space and cast to float32 when the graph is loaded.
 */
export function writeModelFile(source: GeneratorSpec, given: Weights, storage: 'fp16' | 'fp32'): Uint8Array {
  const { spec, weights } = foldGenerator(source, given);
  const model = decodeModel(buildGenerator(spec, weights, { precision: 'fp32', io: 'f32', halo: 0 }));
  model.metadata = { spec: JSON.stringify(spec) };
  if (storage === 'fp32') return encodeModel(model);
  const stored = new Set([...weightShapes(spec).keys()].map(initialiserName));
  const casts = model.initialisers.filter(({ name }) => stored.has(name)).map(storeAsHalf);
  return encodeModel({ ...model, nodes: [...casts, ...model.nodes] });
}

/** Renames the tensor, halves it, and returns the cast that gives it back under its own name. */
function storeAsHalf(tensor: OnnxTensor) {
  const { name } = tensor;
  tensor.name = `${name}.half`;
  tensor.rawData = bytesOf(encodeHalves(floatsOf(tensor.rawData)));
  tensor.dataType = ElementType.float16;
  const to = { name: 'to', type: 2, i: ElementType.float };
  return { name: `Cast_${name}`, opType: 'Cast', input: [tensor.name], output: [name], attribute: [to] };
}

/** What `writeModelFile` wrote; throws RangeError when it is something else. */
export function readModelFile(bytes: Uint8Array): { spec: GeneratorSpec; weights: Weights } {
  const model = decodeModel(bytes);
  const described = model.metadata.spec;
  if (!described) throw new RangeError('Expected an ONNX file with a generator described in its metadata.');
  const spec = JSON.parse(described) as GeneratorSpec;
  const tensors = new Map(model.initialisers.map((tensor) => [tensor.name.replace(/\.half$/, ''), tensor]));
  const weights: Weights = new Map();
  for (const [name, shape] of weightShapes(spec)) {
    const tensor = tensors.get(initialiserName(name));
    const size = shape.reduce((product, dimension) => product * dimension, 1);
    const data = tensor && readFloats(tensor);
    if (data?.length !== size)
      throw new RangeError(`Expected ${name} of ${size} numbers but received ${data?.length}.`);
    weights.set(name, { shape, data: name.endsWith('.w') ? fromOihw(shape as Kernel['shape'], data) : data });
  }
  return { spec, weights };
}

// Copies, because a tensor inside a file may lie at an odd address (and a Buffer's own `slice` shares).
function readFloats({ dataType, rawData }: OnnxTensor): Float32Array {
  if (dataType !== ElementType.float16) return floatsOf(rawData);
  const copy = new Uint8Array(rawData);
  return decodeHalves(new Uint16Array(copy.buffer, 0, copy.length >> 1));
}

function floatsOf(bytes: Uint8Array): Float32Array {
  const copy = new Uint8Array(bytes);
  return new Float32Array(copy.buffer, 0, copy.length >> 2);
}
