import protobuf from 'protobufjs';

/** The ONNX element types this project uses; numbers from onnx.proto, `TensorProto.DataType`. */
export const ElementType = { float: 1, uint8: 2, int8: 3, int32: 6, int64: 7, float16: 10 } as const;
export type ElementType = (typeof ElementType)[keyof typeof ElementType];

export interface OnnxTensor {
  name: string;
  dims: number[];
  dataType: number;
  rawData: Uint8Array;
}

/** `type` from onnx.proto, `AttributeProto.AttributeType`: 1 float, 2 int, 3 string, 6 floats, 7 ints. */
export interface OnnxAttribute {
  name: string;
  type: number;
  f?: number;
  i?: number;
  s?: Uint8Array;
  floats?: number[];
  ints?: number[];
}

export interface OnnxNode {
  name: string;
  opType: string;
  input: string[];
  output: string[];
  attribute: OnnxAttribute[];
}

/** A graph input or output; a dimension is a number, or a name where any size will do. */
export interface OnnxValue {
  name: string;
  elementType: number;
  shape: (number | string)[];
}

export interface OnnxModel {
  producer: string;
  opset: number;
  graphName: string;
  nodes: OnnxNode[];
  initialisers: OnnxTensor[];
  inputs: OnnxValue[];
  outputs: OnnxValue[];
  metadata: Record<string, string>;
}

/** The part of onnx.proto that a convolutional network needs; field numbers from onnx.proto, IR version 9. */
const schema = protobuf.Root.fromJSON({
  nested: {
    Model: {
      fields: {
        irVersion: { id: 1, type: 'int64' },
        producerName: { id: 2, type: 'string' },
        graph: { id: 7, type: 'Graph' },
        opsetImport: { id: 8, rule: 'repeated', type: 'OperatorSet' },
        metadataProps: { id: 14, rule: 'repeated', type: 'Entry' },
      },
    },
    OperatorSet: { fields: { domain: { id: 1, type: 'string' }, version: { id: 2, type: 'int64' } } },
    Entry: { fields: { key: { id: 1, type: 'string' }, value: { id: 2, type: 'string' } } },
    Graph: {
      fields: {
        node: { id: 1, rule: 'repeated', type: 'Node' },
        name: { id: 2, type: 'string' },
        initializer: { id: 5, rule: 'repeated', type: 'Tensor' },
        input: { id: 11, rule: 'repeated', type: 'ValueInfo' },
        output: { id: 12, rule: 'repeated', type: 'ValueInfo' },
      },
    },
    Node: {
      fields: {
        input: { id: 1, rule: 'repeated', type: 'string' },
        output: { id: 2, rule: 'repeated', type: 'string' },
        name: { id: 3, type: 'string' },
        opType: { id: 4, type: 'string' },
        attribute: { id: 5, rule: 'repeated', type: 'Attribute' },
        domain: { id: 7, type: 'string' },
      },
    },
    Attribute: {
      fields: {
        name: { id: 1, type: 'string' },
        f: { id: 2, type: 'float' },
        i: { id: 3, type: 'int64' },
        s: { id: 4, type: 'bytes' },
        floats: { id: 7, rule: 'repeated', type: 'float', options: { packed: false } },
        ints: { id: 8, rule: 'repeated', type: 'int64', options: { packed: false } },
        type: { id: 20, type: 'int32' },
      },
    },
    Tensor: {
      fields: {
        dims: { id: 1, rule: 'repeated', type: 'int64', options: { packed: false } },
        dataType: { id: 2, type: 'int32' },
        name: { id: 8, type: 'string' },
        rawData: { id: 9, type: 'bytes' },
      },
    },
    ValueInfo: { fields: { name: { id: 1, type: 'string' }, type: { id: 2, type: 'Type' } } },
    Type: { fields: { tensorType: { id: 1, type: 'TensorType' } } },
    TensorType: { fields: { elemType: { id: 1, type: 'int32' }, shape: { id: 2, type: 'Shape' } } },
    Shape: { fields: { dim: { id: 1, rule: 'repeated', type: 'Dimension' } } },
    Dimension: { fields: { dimValue: { id: 1, type: 'int64' }, dimParam: { id: 2, type: 'string' } } },
  },
});
const Model = schema.lookupType('Model');

interface WireValue {
  name: string;
  type?: { tensorType?: { elemType?: number; shape?: { dim?: { dimValue?: number; dimParam?: string }[] } } };
}
interface WireModel {
  producerName?: string;
  opsetImport?: { domain?: string; version?: number }[];
  metadataProps?: { key: string; value: string }[];
  graph?: {
    name?: string;
    node?: Partial<OnnxNode>[];
    initializer?: Partial<OnnxTensor>[];
    input?: WireValue[];
    output?: WireValue[];
  };
}

/** The model as the bytes of an `.onnx` file. */
export function encodeModel(model: OnnxModel): Uint8Array {
  const value = ({ name, elementType, shape }: OnnxValue): WireValue => ({
    name,
    type: {
      tensorType: {
        elemType: elementType,
        shape: { dim: shape.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size })) },
      },
    },
  });
  const message = Model.create({
    irVersion: 9,
    producerName: model.producer,
    opsetImport: [{ domain: '', version: model.opset }],
    metadataProps: Object.entries(model.metadata).map(([key, text]) => ({ key, value: text })),
    graph: {
      name: model.graphName,
      node: model.nodes,
      initializer: model.initialisers,
      input: model.inputs.map(value),
      output: model.outputs.map(value),
    },
  });
  return Model.encode(message).finish();
}

/** Reads the bytes of an `.onnx` file made by `encodeModel` or by another exporter that stores `raw_data`. */
export function decodeModel(bytes: Uint8Array): OnnxModel {
  const wire = Model.toObject(Model.decode(bytes), { longs: Number, defaults: false, arrays: true }) as WireModel;
  const value = ({ name, type }: WireValue): OnnxValue => ({
    name,
    elementType: type?.tensorType?.elemType ?? 0,
    shape: (type?.tensorType?.shape?.dim ?? []).map((size) => size.dimParam ?? size.dimValue ?? 0),
  });
  const graph = wire.graph ?? {};
  return {
    producer: wire.producerName ?? '',
    opset: wire.opsetImport?.find(({ domain }) => !domain)?.version ?? 0,
    graphName: graph.name ?? '',
    nodes: (graph.node ?? []).map((node) => ({
      name: node.name ?? '',
      opType: node.opType ?? '',
      input: node.input ?? [],
      output: node.output ?? [],
      attribute: node.attribute ?? [],
    })),
    initialisers: (graph.initializer ?? []).map((tensor) => ({
      name: tensor.name ?? '',
      dims: tensor.dims ?? [],
      dataType: tensor.dataType ?? 0,
      rawData: tensor.rawData ?? new Uint8Array(),
    })),
    inputs: (graph.input ?? []).map(value),
    outputs: (graph.output ?? []).map(value),
    metadata: Object.fromEntries((wire.metadataProps ?? []).map(({ key, value: text }) => [key, text])),
  };
}
