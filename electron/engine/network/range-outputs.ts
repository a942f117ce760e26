import type { GeneratorSpec } from './generator-spec.ts';
import type { Graph } from './graph.ts';
import { ElementType } from './onnx.ts';

/**
 * The values a calibration measures, in the order of the outputs `lows` and `highs`; what int8 needs a range for.
 * `up2` is what the output layer reads, above zero; `tail` and `direct` are its two parts (split-activation.ts), in
 * levels of 255.
 */
export function rangeNames(spec: GeneratorSpec): string[] {
  const blocks = Array.from({ length: spec.blocks }, (_, i) => [`b${i}.0`, `b${i}.a`, `b${i}.1`, `b${i}`]);
  return ['head', 'head.a', ...blocks.flat(), 'mid', 'trunk', 'up1', 'up1.a', 'up2', 'tail', 'direct'];
}

/** Adds the outputs `lows` and `highs`: lowest and highest sample of each value, [names.length]. */
export function addRangeOutputs(graph: Graph, names: string[], values: ReadonlyMap<string, string>): void {
  const flat = graph.integers('flat', [1]);
  for (const [output, reduce] of [
    ['lows', 'ReduceMin'],
    ['highs', 'ReduceMax'],
  ] as const) {
    const numbers = names.map((name) => {
      const least = graph.node(reduce, [values.get(name)!], { keepdims: 0 });
      return graph.node('Reshape', [least, flat]);
    });
    const all = graph.node('Concat', numbers, { axis: 0 });
    graph.output(all, { name: output, elementType: ElementType.float, shape: [names.length] });
  }
}
