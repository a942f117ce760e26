import sharp from 'sharp';
import type { Picture } from './bicubic.ts';
import { cropPicture } from './crop-picture.ts';
import { luma } from './plane.ts';

/** One line of the picture: the same place of one photo by every method. */
export interface CropRow {
  readonly crops: readonly Picture[];
}

/** Edge of a crop in result pixels, and how large one of them is drawn. */
const EDGE = 96;
const ZOOM = 2;
const GAP = 6;
const HEAD = 22;

/** The place of a picture that says most about sharpness: the window of the greatest contrast, looked for in steps of 16 px. */
export function detailedPlace(picture: Picture): { left: number; top: number } {
  return place(picture, (a, b) => a > b);
}

/** The place that shows a grid best: the smoothest window. */
export function smoothPlace(picture: Picture): { left: number; top: number } {
  return place(picture, (a, b) => a < b);
}

function place(picture: Picture, isBetter: (a: number, b: number) => boolean): { left: number; top: number } {
  const { width, height, values } = luma(picture);
  let best: { left: number; top: number; deviation: number } | undefined;
  for (let top = 0; top + EDGE <= height; top += 16)
    for (let left = 0; left + EDGE <= width; left += 16) {
      let [sum, square] = [0, 0];
      for (let y = top; y < top + EDGE; y += 2)
        for (let x = left; x < left + EDGE; x += 2) {
          const difference = values[y * width + x]! - values[y * width + Math.min(width - 1, x + 1)]!;
          sum += difference;
          square += difference * difference;
        }
      const count = (EDGE / 2) ** 2;
      const deviation = square / count - (sum / count) ** 2;
      if (!best || isBetter(deviation, best.deviation)) best = { left, top, deviation };
    }
  return best ?? { left: 0, top: 0 };
}

/** The part of a picture at a place; at most what there is of it. */
export function cropAt(picture: Picture, { left, top }: { left: number; top: number }): Picture {
  const width = Math.min(EDGE, picture.width - left);
  const height = Math.min(EDGE, picture.height - top);
  return cropPicture(picture, left, top, width, height);
}

/** Draws the rows under one another, a column a method, every crop twice as large pixel by pixel, and writes a PNG. */
export async function writeCropsPicture(
  path: string,
  columns: readonly string[],
  rows: readonly CropRow[],
): Promise<void> {
  const cell = EDGE * ZOOM + GAP;
  const width = columns.length * cell + GAP;
  const height = HEAD + rows.length * cell + GAP;
  const layers: { input: Buffer; left: number; top: number }[] = [];
  for (const [i, name] of columns.entries()) layers.push({ input: await heading(name), left: GAP + i * cell, top: 3 });
  for (const [r, { crops }] of rows.entries())
    for (const [c, crop] of crops.entries()) {
      const input = await sharp(crop.pixels, { raw: { width: crop.width, height: crop.height, channels: 3 } })
        .resize(crop.width * ZOOM, crop.height * ZOOM, { kernel: 'nearest' })
        .png()
        .toBuffer();
      layers.push({ input, left: GAP + c * cell, top: HEAD + r * cell });
    }
  await sharp({ create: { width, height, channels: 3, background: '#202020' } })
    .composite(layers)
    .png()
    .toFile(path);
}

/** White words on nothing. Not through SVG, whose loader the engine blocks for the whole process. */
function heading(words: string): Promise<Buffer> {
  const plain = words.replace(/&/g, '&amp;').replace(/</g, '&lt;');
  const text = `<span foreground="white">${plain}</span>`;
  return sharp({ text: { text, font: 'sans 10', rgba: true, dpi: 96 } })
    .png()
    .toBuffer();
}
