/** IEEE 754 half precision, by bit patterns: Node 20 has no Float16Array. */

const scratch = new DataView(new ArrayBuffer(4));

/** The nearest half-precision bit pattern (ties to even); beyond ±65504 becomes infinity. */
export function toHalf(value: number): number {
  scratch.setFloat32(0, value);
  const bits = scratch.getUint32(0);
  const sign = (bits >>> 16) & 0x8000;
  const exponent = (bits >>> 23) & 0xff;
  const fraction = bits & 0x7fffff;
  if (exponent === 0xff) return sign | 0x7c00 | (fraction ? 0x200 : 0);
  const shifted = exponent - 112;
  if (shifted >= 31) return sign | 0x7c00;
  if (shifted > 0) return sign + roundShift((shifted << 23) | fraction, 13);
  // Subnormal halves: the implied 1 becomes explicit and moves right.
  return shifted < -10 ? sign : sign + roundShift(fraction | 0x800000, 14 - shifted);
}

function roundShift(value: number, shift: number): number {
  const kept = value >>> shift;
  const rest = value & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return rest > half || (rest === half && (kept & 1) === 1) ? kept + 1 : kept;
}

/** The number a half-precision bit pattern stands for. */
export function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

export function encodeHalves(values: Float32Array): Uint16Array {
  return Uint16Array.from(values, toHalf);
}

/** Decoding by table: both weight sets hold three million halves, and every start reads them. */
let everyHalf: Float32Array | undefined;

export function decodeHalves(bits: Uint16Array): Float32Array {
  everyHalf ??= Float32Array.from({ length: 0x10000 }, (_, pattern) => fromHalf(pattern));
  const values = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) values[i] = everyHalf[bits[i]!]!;
  return values;
}
