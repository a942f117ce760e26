import type { ViewSpace } from '../contract.ts';
import { sharp } from '../engine/photo/imaging.ts';
import type { Channels, Raster } from '../engine/photo/raster.ts';

/** How a photo's pixels become those of the screen. `untouched`: they are of that space already. */
export type ViewColour = { readonly untouched: ViewSpace } | { readonly profile: Uint8Array };

/**
 * A photo without a profile counts as sRGB, as browsers and cameras have it. The profile's own name tells the two spaces
 * a canvas can hold; anything else goes through colour management.
 */
export function viewColour(profile: Uint8Array | undefined, profileName: string | undefined): ViewColour {
  if (!profile?.length) return { untouched: 'srgb' };
  if (/^s?rgb\b|sRGB/i.test(profileName ?? '')) return { untouched: 'srgb' };
  if (/display p3|^sP3C$/i.test(profileName ?? '')) return { untouched: 'display-p3' };
  return { profile };
}

export interface ViewPixels {
  readonly width: number;
  readonly height: number;
  readonly space: ViewSpace;
  /** RGBA, 8 bits, straight alpha. */
  readonly data: Uint8Array;
}

/** 8-bit samples for a canvas that wants `space`; sRGB photos come untouched whatever is wanted. */
export async function toViewPixels(raster: Raster, colour: ViewColour, space: ViewSpace): Promise<ViewPixels> {
  const { width, height } = raster;
  if ('untouched' in colour) {
    if (colour.untouched === 'srgb' || space === 'display-p3')
      return { width, height, space: colour.untouched, data: toRgba(raster) };
    const { data } = await transform(raster, await displayP3(), space);
    return { width, height, space, data: toRgba({ ...raster, data }) };
  }
  const converted = await transform(raster, colour.profile, space);
  return { width, height, space, data: toRgba(converted) };
}

/** 1, 2, 3 or 4 channels of 8 bits → RGBA. */
export function toRgba({ width, height, channels, data }: Raster): Uint8Array {
  const out = new Uint8Array(width * height * 4);
  const colour = channels >= 3;
  const alpha = channels === 2 || channels === 4;
  for (let from = 0, to = 0; to < out.length; from += channels, to += 4) {
    out[to] = data[from]!;
    out[to + 1] = data[colour ? from + 1 : from]!;
    out[to + 2] = data[colour ? from + 2 : from]!;
    out[to + 3] = alpha ? data[from + channels - 1]! : 255;
  }
  return out;
}

let p3: Promise<Uint8Array> | undefined;

/** The Display P3 profile that libvips carries. */
function displayP3(): Promise<Uint8Array> {
  p3 ??= sharp({ create: { width: 1, height: 1, channels: 3, background: 'black' } })
    .withIccProfile('p3')
    .tiff()
    .toBuffer()
    .then(async (tiff) => (await sharp(tiff).metadata()).icc as Uint8Array);
  return p3;
}

/** Through colour management: the samples as a TIFF in memory with their profile, out as raw samples of the space. */
async function transform(raster: Raster, profile: Uint8Array, space: ViewSpace): Promise<Raster> {
  // sharp's working space is P3 for 16-bit pictures and sRGB for the others: so the depth chooses where colours end up.
  const pipeline = sharp(tiffOf(raster, profile, space === 'display-p3' ? 16 : 8), { unlimited: true });
  const placed = space === 'display-p3' ? pipeline.withIccProfile('p3', { attach: false }) : pipeline;
  const shaped = placed.toColourspace('srgb').raw({ depth: 'uchar' });
  const { data, info } = await shaped.toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, channels: info.channels as Channels, depth: 8, data };
}

/** The smallest TIFF that holds 8-bit samples, as 8 or 16 bits, and a profile (TIFF 6.0; the profile's tag is 34675). */
function tiffOf({ width, height, channels, data }: Raster, profile: Uint8Array, depth: 8 | 16): Buffer {
  const samples = depth === 8 ? data : Uint16Array.from(data, (sample) => sample * 257);
  const body = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
  const colour = channels >= 3 ? 3 : 1;
  const entries: [tag: number, type: 3 | 4 | 7, count: number, value: number][] = [];
  const bodyAt = 8;
  const bitsAt = bodyAt + body.length + (body.length % 2);
  const profileAt = bitsAt + 8;
  const directoryAt = profileAt + profile.length + (profile.length % 2);
  entries.push([256, 4, 1, width], [257, 4, 1, height]);
  entries.push([258, 3, channels, channels === 1 ? depth : channels === 2 ? depth | (depth << 16) : bitsAt]);
  entries.push([259, 3, 1, 1], [262, 3, 1, colour === 3 ? 2 : 1], [273, 4, 1, bodyAt], [277, 3, 1, channels]);
  entries.push([278, 4, 1, height], [279, 4, 1, body.length], [284, 3, 1, 1]);
  if (channels > colour) entries.push([338, 3, 1, 2]);
  entries.push([34675, 7, profile.length, profileAt]);
  const out = Buffer.alloc(directoryAt + 2 + entries.length * 12 + 4);
  out.write('II*\0', 0, 'latin1');
  out.writeUInt32LE(directoryAt, 4);
  body.copy(out, bodyAt);
  for (let i = 0; i < 4; i++) out.writeUInt16LE(depth, bitsAt + 2 * i);
  out.set(profile, profileAt);
  out.writeUInt16LE(entries.length, directoryAt);
  for (const [index, [tag, type, count, value]] of entries.entries()) {
    const at = directoryAt + 2 + index * 12;
    out.writeUInt16LE(tag, at);
    out.writeUInt16LE(type, at + 2);
    out.writeUInt32LE(count, at + 4);
    out.writeUInt32LE(value >>> 0, at + 8);
  }
  return out;
}
