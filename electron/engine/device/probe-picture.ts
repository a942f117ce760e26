/**
 * A small picture with what a photo has (slow gradients, texture, edges, saturated colours), the same everywhere: what
 * a device makes of it is compared with what the processor makes of it.
 * @returns width · height · 3 samples 0…255
 */
export function probePicture(width: number, height: number): Uint8Array {
  const samples = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const ripple = 24 * Math.sin((x * x + y * y) / (3 * width)) + 12 * Math.sin(x * 1.9) * Math.cos(y * 1.3);
      const edge = (x * 3 + y * 5) % 97 < 40 ? 30 : -30;
      const at = (y * width + x) * 3;
      samples[at] = clamp(60 + (120 * x) / width + ripple + edge);
      samples[at + 1] = clamp(180 - (120 * y) / height + ripple);
      samples[at + 2] = clamp(120 + ripple / 2 - edge);
    }
  return samples;
}

function clamp(value: number): number {
  return Math.min(255, Math.max(0, Math.round(value)));
}

export interface Difference {
  /** Mean and greatest difference of two pictures, of 255. */
  readonly mean: number;
  readonly most: number;
}

export function difference(a: ArrayLike<number>, b: ArrayLike<number>): Difference {
  let sum = 0;
  let most = a.length === b.length ? 0 : 255;
  for (let i = 0; i < a.length; i++) {
    const apart = Math.abs(a[i]! - b[i]!);
    sum += apart;
    if (!(apart <= most)) most = apart;
  }
  return { mean: sum / Math.max(1, a.length), most };
}
