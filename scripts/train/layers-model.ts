import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A weight of a tfjs layers model: row-major float32, kernels HWIO. */
export interface LayerWeight {
  readonly shape: number[];
  readonly values: Float32Array;
}

interface StoredWeight {
  name: string;
  shape: number[];
  dtype: string;
  quantization?: { dtype: 'uint8' | 'uint16'; scale: number; min: number };
}

/** The weights of a tfjs layers model (`model.json` and its shards) without TensorFlow; quantised ones become float32. */
export function readLayersModel(modelJson: string): Map<string, LayerWeight> {
  const { weightsManifest } = JSON.parse(readFileSync(modelJson, 'utf8')) as {
    weightsManifest: { paths: string[]; weights: StoredWeight[] }[];
  };
  const found = new Map<string, LayerWeight>();
  for (const { paths, weights } of weightsManifest) {
    const bytes = Buffer.concat(paths.map((path) => readFileSync(join(dirname(modelJson), path))));
    let at = 0;
    for (const { name, shape, quantization } of weights) {
      const size = shape.reduce((product, side) => product * side, 1);
      const width = quantization ? (quantization.dtype === 'uint8' ? 1 : 2) : 4;
      if (at + size * width > bytes.length)
        throw new Error(`${modelJson}: the weights end inside ${name}; a shard is cut short.`);
      const value = (i: number) => {
        if (!quantization) return bytes.readFloatLE(at + 4 * i);
        const code = width === 1 ? bytes[at + i]! : bytes.readUInt16LE(at + 2 * i);
        return code * quantization.scale + quantization.min;
      };
      found.set(name, { shape, values: Float32Array.from({ length: size }, (_, i) => value(i)) });
      at += size * width;
    }
  }
  return found;
}
