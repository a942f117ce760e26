/**
 * NIQE, the natural image quality evaluator (Mittal, Soundararajan, Bovik, "Making a 'completely blind' image quality
 * analyzer", IEEE Signal Processing Letters 20(3), 2013). No reference; lower is more natural.
 *
 * Variant: whole levels of studio-range Y, 7×7 Gaussian of σ 7/6 with replicated borders, blocks of 96² without overlap
 * at full size and 48² at half (antialiased bicubic), every block counted. With the authors' model of pristine photos it
 * gives what their MATLAB release gives (baboon: 5.7296).
 */
import type { Picture } from './bicubic.ts';
import { filterPlane, gaussianWindow } from './gaussian.ts';
import { cropPlane, luma, type Plane } from './plane.ts';
import { shrinkPlane } from './shrink-plane.ts';
import { pseudoInverse } from './symmetric-matrix.ts';

/** The multivariate Gaussian of natural photos: mean (36) and covariance (36 × 36, row-major) of the features. */
export interface NiqeModel {
  readonly mean: Float64Array;
  readonly covariance: Float64Array;
}

export const FEATURES = 36;
const BLOCK = 96;
const window = gaussianWindow(3, 7 / 6);

/** NIQE of a picture of at least 2 blocks (192 × 96); NaN for a smaller one. */
export function niqe(picture: Picture, model: NiqeModel): number {
  const features = niqeFeatures(picture);
  if (features.length < 2) return Number.NaN;
  const { mean, covariance } = distribution(features);
  const pooled = covariance.map((value, i) => (value + model.covariance[i]!) / 2);
  const inverse = pseudoInverse(pooled, FEATURES);
  const difference = mean.map((value, i) => value - model.mean[i]!);
  let square = 0; // equation 10
  for (let i = 0; i < FEATURES; i++)
    for (let j = 0; j < FEATURES; j++) square += difference[i]! * inverse[i * FEATURES + j]! * difference[j]!;
  return Math.sqrt(square);
}

/** 36 features of every block: 18 at full size, 18 at half. Blocks without any variation are left out. */
export function niqeFeatures(picture: Picture): Float64Array[] {
  const across = Math.floor(picture.width / BLOCK);
  const down = Math.floor(picture.height / BLOCK);
  if (across * down === 0) return [];
  const full = cropPlane(luma(picture, true), across * BLOCK, down * BLOCK);
  const scales = [full, shrinkPlane(full, 2)].map(normalised);
  const features: Float64Array[] = [];
  for (let row = 0; row < down; row++)
    for (let column = 0; column < across; column++) {
      const found = scales.flatMap((plane, scale) => {
        const size = BLOCK >> scale;
        return blockFeatures(cropPlane(plane, size, size, column * size, row * size));
      });
      if (found.every(Number.isFinite)) features.push(Float64Array.from(found));
    }
  return features;
}

/** Mean and (unbiased) covariance of feature vectors. */
export function distribution(features: Float64Array[]): NiqeModel {
  const n = features.length;
  const mean = new Float64Array(FEATURES);
  for (const vector of features) for (let i = 0; i < FEATURES; i++) mean[i]! += vector[i]! / n;
  const covariance = new Float64Array(FEATURES * FEATURES);
  for (const vector of features)
    for (let i = 0; i < FEATURES; i++)
      for (let j = 0; j < FEATURES; j++)
        covariance[i * FEATURES + j]! += ((vector[i]! - mean[i]!) * (vector[j]! - mean[j]!)) / (n - 1);
  return { mean, covariance };
}

/** Mean subtracted, contrast normalised coefficients (equation 1). */
function normalised(plane: Plane): Plane {
  const mean = filterPlane(plane, window, 'replicate').values;
  const square = filterPlane({ ...plane, values: plane.values.map((v) => v * v) }, window, 'replicate').values;
  const values = plane.values.map((v, i) => (v - mean[i]!) / (Math.sqrt(Math.abs(square[i]! - mean[i]! ** 2)) + 1));
  return { ...plane, values };
}

/** 18 features of one block: the coefficients' own distribution, then those of four products of neighbours. */
function blockFeatures(block: Plane): number[] {
  const { width, height, values } = block;
  const own = fitAsymmetricGaussian(values);
  const features = [own.alpha, (own.left + own.right) / 2];
  const product = new Float64Array(values.length);
  for (const [dy, dx] of [
    [0, 1],
    [1, 0],
    [1, 1],
    [1, -1],
  ] as const) {
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const neighbour = ((y - dy + height) % height) * width + ((x - dx + width) % width);
        product[y * width + x] = values[y * width + x]! * values[neighbour]!;
      }
    const { alpha, left, right } = fitAsymmetricGaussian(product);
    const mean = ((right - left) * gamma(2 / alpha)) / gamma(1 / alpha); // equation 8
    features.push(alpha, mean, left, right);
  }
  return features;
}

const SHAPES = Float64Array.from({ length: 9801 }, (_, i) => 0.2 + i * 0.001);
let ratios: Float64Array | undefined;

/** Fits the asymmetric generalised Gaussian of equation 4 by matching moments (Lasmar et al. 2009). */
export function fitAsymmetricGaussian(values: Float64Array): { alpha: number; left: number; right: number } {
  let [leftSum, leftCount, rightSum, rightCount, absolute] = [0, 0, 0, 0, 0];
  for (const value of values) {
    absolute += Math.abs(value);
    if (value < 0) {
      leftSum += value * value;
      leftCount++;
    } else if (value > 0) {
      rightSum += value * value;
      rightCount++;
    }
  }
  const left = Math.sqrt(leftSum / leftCount);
  const right = Math.sqrt(rightSum / rightCount);
  const g = left / right;
  const r = (absolute / values.length) ** 2 / ((leftSum + rightSum) / values.length);
  const wanted = (r * (g ** 3 + 1) * (g + 1)) / (g * g + 1) ** 2;
  ratios ??= SHAPES.map((a) => gamma(2 / a) ** 2 / (gamma(1 / a) * gamma(3 / a)));
  const alpha = SHAPES[nearest(ratios, wanted)]!;
  const scale = Math.sqrt(gamma(1 / alpha) / gamma(3 / alpha));
  return { alpha, left: left * scale, right: right * scale };
}

/** Index of the value nearest to `wanted` in an ascending list. */
function nearest(ascending: Float64Array, wanted: number): number {
  let [low, high] = [0, ascending.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (ascending[middle]! < wanted) low = middle;
    else high = middle;
  }
  return wanted - ascending[low]! <= ascending[high]! - wanted ? low : high;
}

/** The gamma function for positive arguments (Lanczos' approximation, g = 7; 15 digits). */
export function gamma(x: number): number {
  if (x < 0.5) return Math.PI / (Math.sin(Math.PI * x) * gamma(1 - x));
  const coefficients = [
    0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
    12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
  ];
  const z = x - 1;
  const t = z + 7.5;
  const series = coefficients.reduce((sum, c, i) => (i === 0 ? c : sum + c / (z + i)), 0);
  return Math.sqrt(2 * Math.PI) * t ** (z + 0.5) * Math.exp(-t) * series;
}
