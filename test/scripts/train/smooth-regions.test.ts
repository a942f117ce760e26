import { beforeAll, expect, test } from 'vitest';
import { type Backend, loadBackend, type Tensor4D } from '../../../scripts/train/backend.ts';
import { gridLoss, smoothLoss, smoothMask } from '../../../scripts/train/smooth-regions.ts';

let backend: Backend;
beforeAll(async () => {
  backend = await loadBackend();
});

/** A grey picture [1,side,side,3]. */
function picture(side: number, value: (x: number, y: number) => number): Tensor4D {
  const at = (i: number) => value(Math.floor(i / 3) % side, Math.floor(i / 3 / side));
  return backend.tf.tensor4d(
    Float32Array.from({ length: side * side * 3 }, (_, i) => at(i)),
    [1, side, side, 3],
  );
}

test('the grid loss sees a period of 4 px and not an even texture', () => {
  const loss = (value: (x: number, y: number) => number) => gridLoss(backend.tf, picture(48, value)).dataSync()[0];
  expect(loss((x, y) => ((x + y) % 4 === 0 ? 0.04 : 0))).toBeGreaterThan(0.01);
  expect(loss((x, y) => 0.02 * Math.sin(x * 1.1) * Math.sin(y * 0.9))).toBeLessThan(0.003);
  expect(loss(() => 0.5)).toBeLessThan(1e-6);
});

test('smooth regions reach up to the edge beside them, and no further', () => {
  const side = 96;
  // Sky, an edge at x = 48, and a strong texture right of it; the source is its 4×4 means.
  const scene = (x: number, y: number) => (x < 48 ? 0.6 : 0.3 + 0.2 * ((x + y) % 2));
  const high = picture(side, scene);
  const low = backend.tf.avgPool(high, 4, 4, 'valid');
  const mask = smoothMask(backend.tf, low, high);
  expect(mask.shape).toEqual([1, side, side, 1]);
  const values = mask.dataSync();
  const at = (x: number, y: number) => values[y * side + x]!;
  for (const y of [0, 40, 95]) {
    expect(at(0, y)).toBe(1);
    expect(at(47, y)).toBe(1);
  }
  // The source says nothing of the texture: there it is smooth, but for the 3 px round the edge.
  expect(at(50, 40)).toBe(0);
  const textured = backend.tf.avgPool(
    picture(side, (x, y) => (x < 48 ? 0.6 : ((x >> 2) + (y >> 2)) % 2)),
    4,
    4,
    'valid',
  );
  const strict = smoothMask(backend.tf, textured, high).dataSync();
  expect(strict[40 * side + 70]).toBe(0);
  expect(strict[40 * side + 47]).toBe(1);
});

test('one departure of 4 levels costs more than four of one level', () => {
  const { tf } = backend;
  const mask = tf.ones([1, 16, 16, 1]) as Tensor4D;
  const loss = (value: (x: number) => number) => smoothLoss(picture(16, value), mask).dataSync()[0]!;
  expect(loss((x) => (x % 4 === 0 ? 4 / 255 : 0))).toBeGreaterThan(1.9 * loss(() => 1 / 255));
  expect(loss(() => 0)).toBe(0);
});
