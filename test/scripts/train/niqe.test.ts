import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cropPicture } from '../../../scripts/train/crop-picture.ts';
import { enlargeBicubic } from '../../../scripts/train/enlarge.ts';
import {
  distribution,
  FEATURES,
  fitAsymmetricGaussian,
  gamma,
  niqe,
  niqeFeatures,
} from '../../../scripts/train/niqe.ts';
import { cachedNiqeModel } from '../../../scripts/train/niqe-params.ts';
import { readNpz } from '../../../scripts/train/npz.ts';
import { readPicture } from '../../../scripts/train/picture-file.ts';
import { pseudoInverse } from '../../../scripts/train/symmetric-matrix.ts';
import { fixture } from '../../fixture.ts';
import { evalSet, hasEval } from '../../shared-data.ts';

const photo = (name: string) => readPicture(fixture(name));

describe('the mathematics of NIQE', () => {
  test('gamma', () => {
    expect(gamma(5)).toBeCloseTo(24, 10);
    expect(gamma(0.5)).toBeCloseTo(Math.sqrt(Math.PI), 12);
    expect(gamma(0.1)).toBeCloseTo(9.513507698668732, 9);
    expect(gamma(15)).toBeCloseTo(87178291200, 0);
  });

  test('pseudo-inverse of a full and of a singular matrix', () => {
    const full = Float64Array.of(4, 1, 0, 1, 3, 1, 0, 1, 2);
    const product = multiply(full, pseudoInverse(full, 3), 3);
    for (const [i, value] of product.entries()) expect(value).toBeCloseTo(i % 4 === 0 ? 1 : 0, 12);
    // Rank 1: the pseudo-inverse of v·vᵀ is v·vᵀ / |v|⁴.
    const [first] = pseudoInverse(Float64Array.of(1, 2, 2, 4), 2);
    expect(first).toBeCloseTo(1 / 25, 12);
  });

  test('fits a Gaussian (α = 2) and a lopsided Laplacian (α = 1)', () => {
    const n = 40_000;
    const quantiles = Float64Array.from({ length: n }, (_, i) => (i + 0.5) / n);
    const laplacian = quantiles.map((q) => (q < 0.5 ? Math.log(2 * q) : -Math.log(2 - 2 * q)));
    const one = fitAsymmetricGaussian(laplacian);
    expect(one.alpha).toBeCloseTo(1, 1);
    expect(one.left).toBeCloseTo(1, 1);
    // Box and Muller's cosine branch, its quantiles shuffled by a stride.
    const gaussian = quantiles.map(
      (q, i) => Math.sqrt(-2 * Math.log(q)) * Math.cos(2 * Math.PI * quantiles[(i * 17) % n]!),
    );
    const two = fitAsymmetricGaussian(gaussian);
    expect(two.alpha).toBeCloseTo(2, 1);
    expect(two.left / two.right).toBeCloseTo(1, 1);
    const lopsided = fitAsymmetricGaussian(laplacian.map((value) => (value > 0 ? 3 * value : value)));
    expect(lopsided.right / lopsided.left).toBeGreaterThan(2);
  });
});

test('a model of a few photos tells a blurred photo from a sharp one', async () => {
  const photos = await Promise.all(['astronaut.png', 'coffee.png', 'hubble_deep_field.jpg', 'rocket.jpg'].map(photo));
  // Shifted by half a block, each photo counts twice: the fixtures are few for 36 features.
  const shifted = photos.map((photo) => cropPicture(photo, 48, 48, photo.width - 48, photo.height - 48));
  const model = distribution([...photos, ...shifted].flatMap(niqeFeatures));
  expect(model.mean.length).toBe(FEATURES);
  const sharp = await photo('chelsea.png');
  const half = cropPicture(sharp, 0, 0, 448, 296);
  const small = { width: 112, height: 74, pixels: every4th(half.pixels, 448, 112, 74) };
  expect(niqe(half, model)).toBeLessThan(niqe(enlargeBicubic(small, 4), model));
});

test('a picture smaller than two blocks has no score', async () => {
  const model = { mean: new Float64Array(FEATURES), covariance: new Float64Array(FEATURES ** 2) };
  expect(niqe(cropPicture(await photo('chelsea.png'), 0, 0, 190, 190), model)).toBeNaN();
});

test('reads NumPy archives, stored in either order', () => {
  const archive = readNpz(
    zip('a.npy', npy("{'descr': '<f8', 'fortran_order': True, 'shape': (2, 3), }", [1, 4, 2, 5, 3, 6])),
  );
  expect(archive.get('a')?.shape).toEqual([2, 3]);
  expect([...(archive.get('a')?.values ?? [])]).toEqual([1, 2, 3, 4, 5, 6]);
  expect(() => readNpz(zip('b.npy', npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", [])))).toThrow(
    'doubles',
  );
});

// MATLAB R2021a with the authors' release gives 5.7296 for baboon, as BasicSR's documentation reports.
describe.skipIf(!hasEval || !cachedNiqeModel())('with the authors’ model of pristine photos', () => {
  test('baboon scores what MATLAB gives it', async () => {
    const baboon = await readPicture(resolve(evalSet('Set14'), 'HR/img_001.png'));
    expect(niqe(baboon, cachedNiqeModel()!)).toBeCloseTo(5.7296, 3);
  });
});

function multiply(a: Float64Array, b: Float64Array, n: number): Float64Array {
  return a.map((_, i) => {
    let sum = 0;
    for (let k = 0; k < n; k++) sum += a[Math.floor(i / n) * n + k]! * b[k * n + (i % n)]!;
    return sum;
  });
}

function every4th(pixels: Uint8Array, fullWidth: number, width: number, height: number): Uint8Array {
  return Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const [pixel, channel] = [Math.floor(i / 3), i % 3];
    return pixels[(4 * Math.floor(pixel / width) * fullWidth + 4 * (pixel % width)) * 3 + channel]!;
  });
}

function npy(header: string, values: number[]): Buffer {
  const prefix = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length & 255, header.length >> 8]);
  return Buffer.concat([prefix, Buffer.from(header, 'latin1'), Buffer.from(Float64Array.from(values).buffer)]);
}

/** A zip of one stored entry, as NumPy writes it. */
function zip(name: string, content: Buffer): Buffer {
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(name.length, 26);
  const central = Buffer.alloc(46);
  central.writeUInt32LE(0x02014b50, 0);
  central.writeUInt32LE(content.length, 20);
  central.writeUInt16LE(name.length, 28);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(local.length + name.length + content.length, 16);
  return Buffer.concat([local, Buffer.from(name), content, central, Buffer.from(name), end]);
}
