/**
 * The grid a sub-pixel network leaves: its output layer has separate weights for each of the 4 × 4 output phases, so a
 * fault of it repeats every 4 px (and every 2). Looked for where a picture gives no cause for detail of that period.
 */
import type { Picture } from './bicubic.ts';
import { luma, type Plane } from './plane.ts';

/** Edge of the blocks looked at, result px; a multiple of 4, so that periods 4 and 2 fall on whole frequencies. */
const BLOCK = 16;
/** Below this standard deviation of Y (levels) a block counts as smooth. */
const SMOOTH = 3;

/** Top left corners of the blocks looked at, result px. */
export type Blocks = readonly { readonly left: number; readonly top: number }[];

export interface GridEnergy {
  /** Mean power of Y at periods 2 and 4 px (any mix across and down), levels² of 255, over the blocks; NaN without any. */
  readonly energy: number;
  /** Mean power at the neighbouring frequencies. Much less than `energy`: a grid. As much or more: texture. */
  readonly neighbours: number;
  readonly blocks: number;
}

/** Blocks that are smooth in the original itself: whatever a result shows there at these periods is its own doing. */
export function flatBlocks(original: Picture): Blocks {
  const plane = luma(original);
  const blocks: { left: number; top: number }[] = [];
  for (let top = 0; top + BLOCK <= original.height; top += BLOCK)
    for (let left = 0; left + BLOCK <= original.width; left += BLOCK)
      if (deviation(plane, left, top) < SMOOTH) blocks.push({ left, top });
  return blocks;
}

/** Measures a result over the given blocks. */
export function gridEnergy(result: Picture, blocks: Blocks): GridEnergy {
  const plane = luma(result);
  let [energy, neighbours] = [0, 0];
  for (const { left, top } of blocks) {
    const block = blockPower(plane, left, top);
    energy += block.energy;
    neighbours += block.neighbours;
  }
  return { energy: energy / blocks.length, neighbours: neighbours / blocks.length, blocks: blocks.length };
}

/**
 * Power at the grid's frequencies over that beside them, geometric mean over every block of the picture, textured ones
 * too: photographs have about 1.2, an enlargement with a grid in its textures 3 and more.
 */
export function gridExcess(result: Picture): number {
  const plane = luma(result);
  let [sum, count] = [0, 0];
  for (let top = 0; top + BLOCK <= result.height; top += BLOCK)
    for (let left = 0; left + BLOCK <= result.width; left += BLOCK) {
      const { energy, neighbours } = blockPower(plane, left, top);
      if (!(energy > 0 && neighbours > 0)) continue;
      sum += Math.log(energy / neighbours);
      count++;
    }
  return Math.exp(sum / count);
}

function blockPower(plane: Plane, left: number, top: number): { energy: number; neighbours: number } {
  const power = spectrum(plane, left, top);
  let [energy, neighbours] = [0, 0];
  for (const [i, kind] of KINDS.entries()) {
    if (kind === 'grid') energy += power[i]! / GRIDS;
    else if (kind === 'neighbour') neighbours += power[i]! / NEIGHBOURS;
  }
  return { energy, neighbours };
}

/** Standard deviation of a block of a plane. */
function deviation(plane: Plane, left: number, top: number): number {
  let [sum, square] = [0, 0];
  for (let y = top; y < top + BLOCK; y++)
    for (let x = left; x < left + BLOCK; x++) {
      const value = plane.values[y * plane.width + x]!;
      sum += value;
      square += value * value;
    }
  const count = BLOCK ** 2;
  return Math.sqrt(Math.max(0, square / count - (sum / count) ** 2));
}

/** Half of the two-dimensional spectrum suffices, the other half mirrors it: v = 0…8, u = 0…15 cycles a block. */
const ROWS = BLOCK / 2 + 1;
// A Hann window keeps slow shading from leaking into the frequencies looked at; it spreads a line by one bin each way.
const HANN = Float64Array.from({ length: BLOCK }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / BLOCK));
const COS = Float64Array.from({ length: BLOCK }, (_, i) => Math.cos((2 * Math.PI * i) / BLOCK));
const SIN = Float64Array.from({ length: BLOCK }, (_, i) => Math.sin((2 * Math.PI * i) / BLOCK));
const GAIN = HANN.reduce((sum, value) => sum + value * value, 0) ** 2;

type Kind = 'grid' | 'neighbour' | 'none';
/** A frequency is of the grid when both of its parts are multiples of BLOCK / 4; beside it, when it is two bins away from one. */
const KINDS: Kind[] = Array.from({ length: ROWS * BLOCK }, (_, i) => {
  const [v, u] = [Math.floor(i / BLOCK), i % BLOCK];
  if (v === 0 && u === 0) return 'none';
  if (u % 4 === 0 && v % 4 === 0) return 'grid';
  const high = Math.max(Math.min(u, BLOCK - u), v) >= 3;
  return high && (u % 4 === 2 || v % 4 === 2) ? 'neighbour' : 'none';
});

const GRIDS = KINDS.filter((kind) => kind === 'grid').length;
const NEIGHBOURS = KINDS.filter((kind) => kind === 'neighbour').length;

/** Power of the windowed block less its mean, so normalised that white noise of variance s² gives s² at every frequency. */
function spectrum(plane: Plane, left: number, top: number): Float64Array {
  let mean = 0;
  for (let y = 0; y < BLOCK; y++)
    for (let x = 0; x < BLOCK; x++) mean += plane.values[(top + y) * plane.width + left + x]! / BLOCK ** 2;
  const re = new Float64Array(BLOCK * BLOCK);
  const im = new Float64Array(BLOCK * BLOCK);
  for (let y = 0; y < BLOCK; y++)
    for (let x = 0; x < BLOCK; x++) {
      const value = (plane.values[(top + y) * plane.width + left + x]! - mean) * HANN[y]! * HANN[x]!;
      for (let u = 0; u < BLOCK; u++) {
        re[y * BLOCK + u]! += value * COS[(u * x) % BLOCK]!;
        im[y * BLOCK + u]! -= value * SIN[(u * x) % BLOCK]!;
      }
    }
  const power = new Float64Array(ROWS * BLOCK);
  for (let v = 0; v < ROWS; v++)
    for (let u = 0; u < BLOCK; u++) {
      let [real, imaginary] = [0, 0];
      for (let y = 0; y < BLOCK; y++) {
        const [c, s] = [COS[(v * y) % BLOCK]!, SIN[(v * y) % BLOCK]!];
        real += re[y * BLOCK + u]! * c + im[y * BLOCK + u]! * s;
        imaginary += im[y * BLOCK + u]! * c - re[y * BLOCK + u]! * s;
      }
      power[v * BLOCK + u] = (real * real + imaginary * imaginary) / GAIN;
    }
  return power;
}
