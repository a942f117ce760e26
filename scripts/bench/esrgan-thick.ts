import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import type { Picture } from '../train/bicubic.ts';

/** UpscalerJS' largest model at 4×, through TensorFlow's CPU kernels. */
export interface EsrganThick {
  /** Source kpx/s at the best of these square tiles. */
  speed(tiles: readonly number[], seconds: number): Promise<number>;
  enlarge(picture: Picture): Picture;
  /**
   * Seconds for a whole photo from file to file: decoded, enlarged in tiles of this edge that lie side by side (no overlap,
   * in its favour: UpscalerJS pads them), encoded as JPEG.
   */
  wholePhoto(source: string, target: string, edge: number): Promise<number>;
}

/** The part of tfjs-node used here; its own package is not installed beside this file. */
interface Tensor {
  readonly shape: readonly number[];
  dataSync(): Float32Array | Int32Array;
  dispose(): void;
}
interface Tf {
  tidy<T>(work: () => T): T;
  tensor4d(data: Float32Array, shape: readonly number[]): Tensor;
  randomUniform(shape: readonly number[]): Tensor;
  loadLayersModel(url: string): Promise<{ predict(input: Tensor): Tensor }>;
}

const folder = fileURLToPath(new URL('./node_modules/@upscalerjs/esrgan-thick/', import.meta.url));

/** Undefined where the package or TensorFlow is not set up. */
export async function esrganThick(): Promise<EsrganThick | undefined> {
  if (!existsSync(folder)) return undefined;
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  let tf: Tf;
  try {
    tf = createRequire(new URL('../train/package.json', import.meta.url))('@tensorflow/tfjs-node') as Tf;
  } catch {
    return undefined;
  }
  const required = createRequire(import.meta.url)('@upscalerjs/esrgan-thick/4x') as
    | { setup?: (tf: Tf) => void }
    | { default: { setup?: (tf: Tf) => void } };
  const definition = 'default' in required ? required.default : required;
  definition.setup?.(tf);
  const model = await tf.loadLayersModel(`file://${folder}models/x4/model.json`);
  const run = (input: Tensor) => {
    const output = model.predict(input);
    const data = output.dataSync();
    const { shape } = output;
    output.dispose();
    return { data, width: shape[2]!, height: shape[1]! };
  };
  const thick: EsrganThick = {
    async speed(tiles, seconds) {
      let best = 0;
      for (const edge of tiles) {
        const input = tf.randomUniform([1, edge, edge, 3]);
        run(input);
        for (const until = performance.now() + (seconds * 1000) / tiles.length; performance.now() < until; ) {
          const from = performance.now();
          run(input);
          best = Math.max(best, edge ** 2 / (performance.now() - from));
        }
        input.dispose();
      }
      return best;
    },
    async wholePhoto(source, target, edge) {
      const from = performance.now();
      const { data: samples, info } = await sharp(source).removeAlpha().raw().toBuffer({ resolveWithObject: true });
      const { width, height } = info;
      const result = Buffer.alloc(width * height * 48);
      for (let y = 0; y < height; y += edge)
        for (let x = 0; x < width; x += edge) {
          const tile = { width: Math.min(edge, width - x), height: Math.min(edge, height - y) };
          const pixels = new Uint8Array(tile.width * tile.height * 3);
          for (let row = 0; row < tile.height; row++) {
            const at = ((y + row) * width + x) * 3;
            pixels.set(samples.subarray(at, at + tile.width * 3), row * tile.width * 3);
          }
          const large = thick.enlarge({ ...tile, pixels });
          for (let row = 0; row < large.height; row++) {
            const part = large.pixels.subarray(row * large.width * 3, (row + 1) * large.width * 3);
            result.set(part, ((y * 4 + row) * width * 4 + x * 4) * 3);
          }
        }
      await sharp(result, { raw: { width: width * 4, height: height * 4, channels: 3 } })
        .jpeg({ quality: 92 })
        .toFile(target);
      return (performance.now() - from) / 1000;
    },
    enlarge({ width, height, pixels }) {
      const input = tf.tensor4d(
        Float32Array.from(pixels, (value) => value / 255),
        [1, height, width, 3],
      );
      const { data, width: w, height: h } = run(input);
      input.dispose();
      return {
        width: w,
        height: h,
        pixels: Uint8Array.from(data, (value) => Math.max(0, Math.min(255, Math.round(value * 255)))),
      };
    },
  };
  return thick;
}
