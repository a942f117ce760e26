import { InferenceSession, Tensor } from 'onnxruntime-node';
import { physicalCores } from '../../electron/engine/device/threads.ts';
import { Graph } from '../../electron/engine/network/graph.ts';
import { ElementType } from '../../electron/engine/network/onnx.ts';

const FEATURES = 64;
const GROWTH = 32;
const BLOCKS = 23;

/**
 * Source kpx/s of Real-ESRGAN's x4plus generator (Wang et al. 2021, section 3.3: ESRGAN's RRDB network, 23 blocks of three
 * dense blocks of five convolutions, two nearest-neighbour doublings) with random weights, at the best of these tiles.
 */
export async function rrdbSpeed(tiles: readonly number[], seconds: number): Promise<number> {
  let best = 0;
  for (const edge of tiles) {
    const session = await InferenceSession.create(rrdb(edge), {
      executionProviders: ['cpu'],
      graphOptimizationLevel: 'all',
      intraOpNumThreads: physicalCores(),
      interOpNumThreads: 1,
    });
    const input = new Tensor('float32', Float32Array.from({ length: 3 * edge * edge }, Math.random), [
      1,
      3,
      edge,
      edge,
    ]);
    await session.run({ input });
    for (const until = performance.now() + (seconds * 1000) / tiles.length; performance.now() < until; ) {
      const from = performance.now();
      await session.run({ input });
      best = Math.max(best, edge ** 2 / (performance.now() - from));
    }
    await session.release();
  }
  return best;
}

function rrdb(edge: number): Uint8Array {
  const graph = new Graph('rrdb');
  let count = 0;
  const conv = (x: string, from: number, to: number, activate = false): string => {
    const name = `conv${count++}`;
    const weights = Float32Array.from({ length: to * from * 9 }, () => (Math.random() - 0.5) * 0.02);
    const y = graph.node(
      'Conv',
      [x, graph.floats(`${name}.w`, [to, from, 3, 3], weights), graph.floats(`${name}.b`, [to], new Float32Array(to))],
      { kernel_shape: [3, 3], pads: [1, 1, 1, 1] },
    );
    return activate ? graph.node('LeakyRelu', [y], { alpha: 0.2 }) : y;
  };
  const scaled = (x: string, y: string) => graph.node('Add', [graph.node('Mul', [x, graph.scalar('fifth', 0.2)]), y]);
  const dense = (x: string): string => {
    const grown = [x];
    for (let i = 0; i < 4; i++) {
      const all = grown.length > 1 ? graph.node('Concat', [...grown], { axis: 1 }) : x;
      grown.push(conv(all, FEATURES + i * GROWTH, GROWTH, true));
    }
    return scaled(conv(graph.node('Concat', grown, { axis: 1 }), FEATURES + 4 * GROWTH, FEATURES), x);
  };
  const doubled = (x: string) =>
    graph.node('Resize', [x, '', graph.floats('double', [4], Float32Array.of(1, 1, 2, 2))], {
      mode: 'nearest',
      coordinate_transformation_mode: 'asymmetric',
      nearest_mode: 'floor',
    });
  const input = graph.input({ name: 'input', elementType: ElementType.float, shape: [1, 3, edge, edge] });
  const first = conv(input, 3, FEATURES);
  let x = first;
  for (let block = 0; block < BLOCKS; block++) x = scaled(dense(dense(dense(x))), x);
  x = graph.node('Add', [first, conv(x, FEATURES, FEATURES)]);
  for (let stage = 0; stage < 2; stage++) x = conv(doubled(x), FEATURES, FEATURES, true);
  x = conv(conv(x, FEATURES, FEATURES, true), FEATURES, 3);
  graph.output(x, { name: 'output', elementType: ElementType.float, shape: [1, 3, 4 * edge, 4 * edge] });
  return graph.encode();
}
