import {
  ElementType,
  encodeModel,
  type OnnxAttribute,
  type OnnxModel,
  type OnnxTensor,
  type OnnxValue,
} from './onnx.ts';

/** The newest opset whose every operator the runtimes we use have had for years. */
const OPSET = 17;

type AttributeValue = number | string | number[];

/** Collects nodes and constants of one ONNX graph; every method returns the name of the value it made. */
export class Graph {
  readonly #model: OnnxModel;
  readonly #constants = new Set<string>();
  #count = 0;

  constructor(name: string, metadata: Record<string, string> = {}) {
    this.#model = {
      producer: 'fourfold',
      opset: OPSET,
      graphName: name,
      nodes: [],
      initialisers: [],
      inputs: [],
      outputs: [],
      metadata,
    };
  }

  input(value: OnnxValue): string {
    this.#model.inputs.push(value);
    return value.name;
  }

  /** Declares the value as a graph output under another name. */
  output(from: string, value: OnnxValue): void {
    this.node('Identity', [from], {}, value.name);
    this.#model.outputs.push(value);
  }

  node(opType: string, input: string[], attributes: Record<string, AttributeValue> = {}, output?: string): string {
    const name = `${opType}_${++this.#count}`;
    const result = output ?? name;
    this.#model.nodes.push({
      name,
      opType,
      input,
      output: [result],
      attribute: Object.entries(attributes).map(([key, value]) => attribute(key, value)),
    });
    return result;
  }

  constant(tensor: OnnxTensor): string {
    if (!this.#constants.has(tensor.name)) this.#model.initialisers.push(tensor);
    this.#constants.add(tensor.name);
    return tensor.name;
  }

  floats(name: string, dims: number[], data: Float32Array): string {
    return this.constant({ name, dims, dataType: ElementType.float, rawData: bytesOf(data) });
  }

  scalar(name: string, value: number): string {
    return this.floats(name, [], Float32Array.of(value));
  }

  integers(name: string, values: number[]): string {
    return this.constant({
      name,
      dims: [values.length],
      dataType: ElementType.int64,
      rawData: bytesOf(BigInt64Array.from(values, BigInt)),
    });
  }

  encode(): Uint8Array {
    return encodeModel(this.#model);
  }
}

/** The bytes of a typed array, shared, little endian as ONNX stores them. */
export function bytesOf(data: ArrayBufferView): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

// Only `alpha` is a float among the attributes in use; a whole number is otherwise an int.
const FLOAT_ATTRIBUTES = new Set(['alpha']);

function attribute(name: string, value: AttributeValue): OnnxAttribute {
  if (typeof value === 'string') return { name, type: 3, s: new TextEncoder().encode(value) };
  if (Array.isArray(value)) return { name, type: 7, ints: value };
  return FLOAT_ATTRIBUTES.has(name) ? { name, type: 1, f: value } : { name, type: 2, i: value };
}
