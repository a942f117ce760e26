import { shrinkToFloat } from './bicubic.ts';
import type { Plane } from './plane.ts';

/** Shrinks one channel by a whole factor that divides its sides, with the antialiased bicubic of bicubic.ts; not rounded. */
export function shrinkPlane(plane: Plane, factor: number): Plane {
  const triple = new Float32Array(plane.values.length * 3);
  for (let i = 0; i < plane.values.length; i++) triple.fill(plane.values[i]!, 3 * i, 3 * i + 3);
  const small = shrinkToFloat(triple, plane.width, plane.height, factor);
  const width = plane.width / factor;
  const height = plane.height / factor;
  return { width, height, values: Float64Array.from({ length: width * height }, (_, i) => small[3 * i]!) };
}
