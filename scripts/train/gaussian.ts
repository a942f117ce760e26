import type { Plane } from './plane.ts';

/** The samples of a Gaussian at −radius…radius, summing to 1. */
export function gaussianWindow(radius: number, sigma: number): Float64Array {
  const window = Float64Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-((i - radius) ** 2) / (2 * sigma ** 2)),
  );
  const sum = window.reduce((total, value) => total + value, 0);
  return window.map((value) => value / sum);
}

/**
 * Separable filtering. `edge: 'valid'` keeps only positions where the whole window lies inside (the result is smaller by
 * the window less one); `'replicate'` repeats the border pixel, as MATLAB's `imfilter(…, 'replicate')`.
 */
export function filterPlane(plane: Plane, window: Float64Array, edge: 'valid' | 'replicate'): Plane {
  const { width, height, values } = plane;
  const taps = window.length;
  const lead = edge === 'valid' ? 0 : (taps - 1) / 2;
  const outWidth = edge === 'valid' ? width - taps + 1 : width;
  const outHeight = edge === 'valid' ? height - taps + 1 : height;
  const padded = new Float64Array(outWidth + taps - 1);
  const rows = new Float64Array(outWidth * height);
  for (let y = 0; y < height; y++) {
    const from = y * width;
    for (let x = 0; x < padded.length; x++) padded[x] = values[from + Math.min(width - 1, Math.max(0, x - lead))]!;
    for (let x = 0; x < outWidth; x++) {
      let sum = 0;
      for (let t = 0; t < taps; t++) sum += window[t]! * padded[x + t]!;
      rows[y * outWidth + x] = sum;
    }
  }
  const out = new Float64Array(outWidth * outHeight);
  for (let y = 0; y < outHeight; y++)
    for (let t = 0; t < taps; t++) {
      const from = Math.min(height - 1, Math.max(0, y + t - lead)) * outWidth;
      const weight = window[t]!;
      for (let x = 0; x < outWidth; x++) out[y * outWidth + x]! += weight * rows[from + x]!;
    }
  return { width: outWidth, height: outHeight, values: out };
}
