import { inflateRawSync } from 'node:zlib';

/** A NumPy array of doubles: row-major values and the shape they have. */
export interface NumpyArray {
  readonly shape: number[];
  readonly values: Float64Array;
}

/** The arrays of a NumPy .npz file (a zip of .npy files), by name. Only little-endian float64. */
export function readNpz(bytes: Buffer): Map<string, NumpyArray> {
  const arrays = new Map<string, NumpyArray>();
  const end = bytes.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  if (end < 0) throw new Error('Expected a zip file but found no directory in it.');
  let at = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left--) {
    const method = bytes.readUInt16LE(at + 10);
    const size = bytes.readUInt32LE(at + 20);
    const nameLength = bytes.readUInt16LE(at + 28);
    const name = bytes.toString('utf8', at + 46, at + 46 + nameLength);
    const local = bytes.readUInt32LE(at + 42);
    // The local header repeats the name and may carry extra fields of another length than the directory's.
    const from = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const packed = bytes.subarray(from, from + size);
    arrays.set(name.replace(/\.npy$/, ''), readNpy(method === 0 ? packed : inflateRawSync(packed)));
    at += 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return arrays;
}

function readNpy(bytes: Buffer): NumpyArray {
  const wide = bytes[6]! >= 2;
  const start = wide ? 12 + bytes.readUInt32LE(8) : 10 + bytes.readUInt16LE(8);
  const header = bytes.toString('latin1', wide ? 12 : 10, start);
  if (!header.includes("'<f8'")) throw new Error(`Expected doubles but received ${header.trim()}.`);
  const shape = (/\(([^)]*)\)/.exec(header)?.[1] ?? '')
    .split(',')
    .filter((s) => s.trim())
    .map(Number);
  const length = shape.reduce((product, side) => product * side, 1);
  const stored = Float64Array.from({ length }, (_, i) => bytes.readDoubleLE(start + 8 * i));
  if (!header.includes("'fortran_order': True")) return { shape, values: stored };
  if (shape.length > 2) throw new Error(`Expected at most two axes in Fortran order but received ${header.trim()}.`);
  const [rows = 1, columns = 1] = shape;
  const values = stored.map((_, i) => stored[(i % columns) * rows + Math.floor(i / columns)]!);
  return { shape, values };
}
