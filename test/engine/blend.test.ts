import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { blendWeights } from '../../electron/engine/network/blend.ts';
import type { Weights } from '../../electron/engine/network/generator-spec.ts';
import { loadModelPair } from '../../electron/engine/network/model.ts';
import { buildGenerator, INPUT, OUTPUT } from '../../electron/engine/network/network.ts';
import {
  decodeModel,
  ElementType,
  encodeModel,
  type OnnxNode,
  type OnnxTensor,
} from '../../electron/engine/network/onnx.ts';
import { randomPicture } from './small-network.ts';

const models = await loadModelPair();
const options = { precision: 'fp32', io: 'f32', halo: 0 } as const;

async function enlarge(model: Uint8Array): Promise<Float32Array> {
  const picture = randomPicture(12, 12, 4);
  const session = await InferenceSession.create(model);
  const input = new Tensor('float32', Float32Array.from(picture.data), [1, 12, 12, 3]);
  const { [OUTPUT]: output } = await session.run({ [INPUT]: input });
  await session.release();
  return output!.data as Float32Array;
}

/** Another way: both sets inside one graph, interpolated by the runtime's own arithmetic. */
function blendedByTheRuntime(blend: number): Uint8Array {
  const first = decodeModel(buildGenerator(models.spec, models.weights(0), options));
  const second = decodeModel(buildGenerator(models.spec, models.weights(1), options));
  const scalar = (name: string, value: number): OnnxTensor => {
    const rawData = new Uint8Array(Float32Array.of(value).buffer);
    return { name, dims: [], dataType: ElementType.float, rawData };
  };
  const initialisers = [scalar('share.first', 1 - blend), scalar('share.second', blend)];
  const nodes: OnnxNode[] = [];
  for (const [i, tensor] of first.initialisers.entries()) {
    const { name } = tensor;
    if (!/\.(weight|bias)$/.test(name)) {
      initialisers.push(tensor);
      continue;
    }
    initialisers.push({ ...tensor, name: `${name}.first` }, { ...second.initialisers[i]!, name: `${name}.second` });
    const node = (opType: string, input: string[], output: string) =>
      nodes.push({ name: output, opType, input, output: [output], attribute: [] });
    node('Mul', [`${name}.first`, 'share.first'], `${name}.a`);
    node('Mul', [`${name}.second`, 'share.second'], `${name}.b`);
    node('Add', [`${name}.a`, `${name}.b`], name);
  }
  return encodeModel({ ...first, initialisers, nodes: [...nodes, ...first.nodes] });
}

describe.each([0, 0.25, 0.5, 1])('blend %f', (blend) => {
  test('is the interpolation of both sets', async () => {
    const ours = await enlarge(buildGenerator(models.spec, models.weights(blend), options));
    const theirs = await enlarge(blendedByTheRuntime(blend));
    expect(Math.max(...ours.map((value, i) => Math.abs(value - theirs[i]!)))).toBeLessThan(2e-5);
  });
});

test('the ends differ, so that the test above says something', async () => {
  const [first, second] = await Promise.all(
    [0, 1].map((blend) => enlarge(buildGenerator(models.spec, models.weights(blend), options))),
  );
  expect(Math.max(...first!.map((value, i) => Math.abs(value - second![i]!)))).toBeGreaterThan(0.01);
});

test('shared tensors keep every bit, others move by the share', () => {
  const tensor = (...data: number[]) => ({ shape: [data.length], data: Float32Array.from(data) });
  const first: Weights = new Map([
    ['same', tensor(0.1, 0.7)],
    ['other', tensor(1, -1)],
  ]);
  const second: Weights = new Map([
    ['same', tensor(0.1, 0.7)],
    ['other', tensor(3, 1)],
  ]);
  const blended = blendWeights(first, second, 0.3);
  expect(blended.get('same')!.data).toEqual(first.get('same')!.data);
  expect([...blended.get('other')!.data]).toEqual([Math.fround(1.6), Math.fround(-0.4)]);
  for (const blend of [-0.1, 1.1, Number.NaN]) expect(() => blendWeights(first, second, blend)).toThrow('from 0 to 1');
});

test('a blend is made once and kept', () => {
  expect(models.weights(0.37)).toBe(models.weights(0.37));
});
