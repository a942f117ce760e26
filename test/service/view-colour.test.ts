import { expect, test } from 'vitest';
import { sharp } from '../../electron/engine/photo/imaging.ts';
import { type Channels, createRaster } from '../../electron/engine/photo/raster.ts';
import { toViewPixels, viewColour } from '../../electron/service/view-colour.ts';

const profileOf = async (name: string) => {
  const picture = sharp({ create: { width: 8, height: 8, channels: 3, background: '#e63c32' } });
  return (await sharp(await picture.withIccProfile(name).png().toBuffer()).metadata()).icc!;
};
function flat(channels: Channels, ...values: number[]) {
  const raster = createRaster(5, 3, channels, 8);
  for (let i = 0; i < raster.data.length; i++) raster.data[i] = values[i % channels]!;
  return raster;
}
const first = async (...args: Parameters<typeof toViewPixels>) => {
  const { data, width, height, space } = await toViewPixels(...args);
  expect([width, height, data.length]).toEqual([5, 3, 60]);
  expect([...data.slice(-4)]).toEqual([...data.slice(0, 4)]);
  return [space, ...data.slice(0, 4)];
};

test('sRGB pixels come untouched whatever the canvas wants, with their channels spread', async () => {
  const colour = viewColour(undefined, undefined);
  expect(await first(flat(3, 230, 60, 50), colour, 'display-p3')).toEqual(['srgb', 230, 60, 50, 255]);
  expect(await first(flat(4, 230, 60, 50, 7), colour, 'srgb')).toEqual(['srgb', 230, 60, 50, 7]);
  expect(await first(flat(2, 90, 7), colour, 'srgb')).toEqual(['srgb', 90, 90, 90, 7]);
  expect(await first(flat(1, 90), colour, 'srgb')).toEqual(['srgb', 90, 90, 90, 255]);
  expect(viewColour(await profileOf('srgb'), 'sRGB IEC61966-2.1')).toEqual({ untouched: 'srgb' });
});

test('a P3 photo is itself on a P3 canvas and converted on another', async () => {
  // #e63c32 in sRGB is (212, 75, 60) in Display P3.
  const own = viewColour(await profileOf('p3'), 'Display P3');
  expect(await first(flat(3, 212, 75, 60), own, 'display-p3')).toEqual(['display-p3', 212, 75, 60, 255]);
  for (const colour of [own, { profile: await profileOf('p3') }]) {
    const [space, ...pixel] = await first(flat(4, 212, 75, 60, 9), colour, 'srgb');
    expect(space).toBe('srgb');
    for (const [index, wanted] of [230, 60, 50, 9].entries())
      expect(Math.abs(Number(pixel[index]) - wanted)).toBeLessThanOrEqual(2);
  }
});

test('a colour outside sRGB stays what it is on a P3 canvas', async () => {
  const colour = { profile: await profileOf('p3') };
  expect(await first(flat(3, 255, 0, 0), colour, 'display-p3')).toEqual(['display-p3', 255, 0, 0, 255]);
});
