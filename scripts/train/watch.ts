/** PSNR on a folder of pairs while training, and strips of what the network makes of them. */
import sharp from 'sharp';
import type { Tensor4D, Tf } from './backend.ts';
import type { Picture } from './bicubic.ts';
import { cropPicture } from './crop-picture.ts';
import { enlargeBicubic } from './enlarge.ts';
import { openPairs, type Pair } from './pairs.ts';
import { psnr } from './psnr.ts';

/** Source pixels mirrored round a picture before the network, so that zero padding stays outside. */
const border = 8;
/** Edge of a strip's crops, result pixels. */
const stripEdge = 128;

/** All pairs of a folder, in memory. */
export function readPairs(folder: string): Promise<Pair[]> {
  const set = openPairs(folder);
  return Promise.all(set.names.map((name) => set.read(name)));
}

/** A whole picture through a forward function, mirrored at the edges, rounded to bytes. */
export function enlargePicture(tf: Tf, forward: (x: Tensor4D) => Tensor4D, low: Picture): Picture {
  const pixels = tf.tidy(() => {
    const values = Float32Array.from(low.pixels, (value) => value / 255);
    const x = tf.tensor4d(values, [1, low.height, low.width, 3]);
    const y = forward(
      tf.mirrorPad(
        x,
        [
          [0, 0],
          [border, border],
          [border, border],
          [0, 0],
        ],
        'symmetric',
      ) as Tensor4D,
    );
    const inside = y.slice([0, 4 * border, 4 * border, 0], [1, 4 * low.height, 4 * low.width, 3]);
    return Uint8Array.from(inside.mul(255).round().clipByValue(0, 255).dataSync());
  });
  return { width: 4 * low.width, height: 4 * low.height, pixels };
}

/** Mean PSNR over the pairs, and a strip (bicubic, result, original) of the middle of the first three. */
export async function watch(
  tf: Tf,
  forward: (x: Tensor4D) => Tensor4D,
  pairs: Pair[],
): Promise<{ psnr: number; strip: Buffer }> {
  let total = 0;
  const crops: { input: Buffer; left: number; top: number }[] = [];
  for (const [row, { source, original }] of pairs.entries()) {
    const result = enlargePicture(tf, forward, source);
    total += psnr(result, original);
    if (row >= 3) continue;
    for (const [column, picture] of [enlargeBicubic(source, 4), result, original].entries())
      crops.push({ input: await middle(picture), left: column * (stripEdge + 4), top: row * (stripEdge + 4) });
  }
  const rows = Math.min(3, pairs.length);
  const size = { width: 3 * stripEdge + 8, height: rows * (stripEdge + 4) - 4 };
  const strip = await sharp({ create: { ...size, channels: 3, background: '#fff' } })
    .composite(crops)
    .png()
    .toBuffer();
  return { psnr: total / pairs.length, strip };
}

function middle(picture: Picture): Promise<Buffer> {
  const width = Math.min(stripEdge, picture.width);
  const height = Math.min(stripEdge, picture.height);
  const left = (picture.width - width) >> 1;
  const top = (picture.height - height) >> 1;
  return sharp(cropPicture(picture, left, top, width, height).pixels, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}
