import { InferenceSession, Tensor } from 'onnxruntime-node';
import { physicalCores } from '../../electron/engine/device/threads.ts';
import { Graph } from '../../electron/engine/network/graph.ts';
import { ElementType } from '../../electron/engine/network/onnx.ts';

/**
 * What this machine can do at most in float32: a large matrix product through the same runtime, in GFLOP/s. The network is
 * held against it.
 * @param size rows and columns of both factors
 */
export async function matmulLimit(size: number, seconds: number, threads = physicalCores()): Promise<number> {
  const graph = new Graph('limit');
  const shape = { elementType: ElementType.float, shape: [size, size] };
  const a = graph.input({ name: 'a', ...shape });
  const b = graph.input({ name: 'b', ...shape });
  graph.output(graph.node('MatMul', [a, b]), { name: 'c', ...shape });
  const session = await InferenceSession.create(graph.encode(), {
    executionProviders: ['cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
  });
  const factor = () => new Tensor('float32', Float32Array.from({ length: size * size }, Math.random), [size, size]);
  const feeds = { a: factor(), b: factor() };
  await session.run(feeds);
  let best = Number.POSITIVE_INFINITY;
  for (const until = performance.now() + seconds * 1000; performance.now() < until; ) {
    const from = performance.now();
    await session.run(feeds);
    best = Math.min(best, performance.now() - from);
  }
  await session.release();
  return (2 * size ** 3) / (best / 1000) / 1e9;
}
