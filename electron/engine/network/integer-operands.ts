import { bytesOf, type Graph } from './graph.ts';
import type { Kernel } from './kernel.ts';
import { ElementType } from './onnx.ts';
import { type Affine, padKernel, quantiseBias, quantiseKernel } from './quantise.ts';

/** The constants and DequantizeLinear nodes that the runtime reads an integer convolution from. */

/**
 * The three operands of a convolution that the runtime will do in integers, each as codes and DequantizeLinear; with
 * channels added up to the widths of its fast kernels.
 */
export function integerOperands(
  graph: Graph,
  { codes, step }: { readonly codes: string; readonly step: Affine },
  name: string,
  kernel: Kernel,
  bias: Float32Array,
): [input: string, kernel: string, bias: string] {
  const wide = padKernel(kernel);
  const wideBias = new Float32Array(wide.shape[3]);
  wideBias.set(bias);
  const { data, scales } = quantiseKernel(wide);
  const padded = padChannels(graph, codes, step.zero, wide.shape[2] - kernel.shape[2]);
  return [
    dequantise(graph, padded, step),
    dequantisedKernel(graph, name, wide, data, scales),
    dequantisedBias(graph, name, wideBias, step.scale, scales),
  ];
}

/** uint8 codes → float. */
export function dequantise(graph: Graph, codes: string, step: Affine): string {
  return graph.node('DequantizeLinear', [codes, ...stepOperands(graph, step)]);
}

/** Scale and zero point as QuantizeLinear and DequantizeLinear take them. */
export function stepOperands(graph: Graph, { scale, zero }: Affine): [scale: string, zero: string] {
  const point = { name: `zero_${zero}`, dims: [], dataType: ElementType.uint8, rawData: Uint8Array.of(zero) };
  return [graph.scalar(`scale_${scale}`, scale), graph.constant(point)];
}

function padChannels(graph: Graph, codes: string, zero: number, count: number): string {
  if (count === 0) return codes;
  const fill = { name: `zero_${zero}`, dims: [], dataType: ElementType.uint8, rawData: Uint8Array.of(zero) };
  const pads = graph.integers(`pad_${count}`, [0, 0, 0, 0, 0, count, 0, 0]);
  return graph.node('Pad', [codes, pads, graph.constant(fill)]);
}

function dequantisedKernel(graph: Graph, name: string, kernel: Kernel, data: Int8Array, scales: Float32Array): string {
  const [h, w, inputs, outputs] = kernel.shape;
  const { int8: dataType } = ElementType;
  const dims = [outputs, inputs, h, w];
  const codes = graph.constant({ name: `${name}.weight`, dims, dataType, rawData: bytesOf(data) });
  const zeros = { name: `${name}.zeros`, dims: [outputs], dataType, rawData: new Uint8Array(outputs) };
  const scale = graph.floats(`${name}.scale`, [outputs], scales);
  return graph.node('DequantizeLinear', [codes, scale, graph.constant(zeros)], { axis: 0 });
}

function dequantisedBias(graph: Graph, name: string, bias: Float32Array, inputScale: number, scales: Float32Array) {
  const { data, steps } = quantiseBias(bias, inputScale, scales);
  const dims = [bias.length];
  const codes = graph.constant({ name: `${name}.bias`, dims, dataType: ElementType.int32, rawData: bytesOf(data) });
  return graph.node('DequantizeLinear', [codes, graph.floats(`${name}.bias.scale`, dims, steps)], { axis: 0 });
}
