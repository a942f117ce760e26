import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { loadModelPair } from '../../electron/engine/network/model.ts';
import { buildGenerator, INPUT, OUTPUT } from '../../electron/engine/network/network.ts';
import type { Raster } from '../../electron/engine/photo/raster.ts';
import { type NetworkSession, openSession } from '../../electron/engine/run/session.ts';
import { paddedTile } from '../../electron/engine/run/tensor.ts';
import { planTiles } from '../../electron/engine/run/tile-plan.ts';
import { drawn, photoPart, sourceOf } from './raster-source.ts';
import { randomNumbers } from './small-network.ts';

/** Theoretical reach of the network in source pixels (4 + 2·16 + 1 + 3): a tile with it is the whole picture's. */
const REACH = 40;

const models = await loadModelPair();
const next = randomNumbers(1);
const noise = (width: number, height: number) => drawn(width, height, () => 128 + 128 * next());

/** The whole picture at once, mirrored as far as the network can see. */
async function whole(picture: Raster, blend: number): Promise<Uint8Array> {
  const { width, height } = picture;
  const model = buildGenerator(models.spec, models.weights(blend), {
    ...{ precision: 'fp32', io: 'u8', halo: REACH },
  });
  const session = await InferenceSession.create(model);
  const region = { x: -REACH, y: -REACH, width: width + 2 * REACH, height: height + 2 * REACH };
  const { data } = paddedTile(sourceOf(picture), region);
  const input = new Tensor('uint8', data as Uint8Array, [1, region.height, region.width, 3]);
  const { [OUTPUT]: output } = await session.run({ [INPUT]: input });
  await session.release();
  return output!.data as Uint8Array;
}

/** Greatest difference between the tiles' joint result and the whole. */
async function apart(picture: Raster, session: NetworkSession, blend: number): Promise<number> {
  const expected = await whole(picture, blend);
  const { width, height } = picture;
  let most = 0;
  for (const { core, padded } of planTiles(width, height, session.tile, session.halo).tiles) {
    const { data, width: stride } = await session.enhance(paddedTile(sourceOf(picture), padded));
    for (let y = 0; y < 4 * core.height; y++)
      for (let x = 0; x < 12 * core.width; x++) {
        const there = expected[(4 * core.y + y) * 12 * width + 12 * core.x + x]!;
        most = Math.max(most, Math.abs(data[y * 3 * stride + x]! - there));
      }
  }
  return most;
}

describe.each([0, 1])('tiled and whole differ by at most one level, blend %i', (blend) => {
  const tile = 24;
  const open = () => openSession({ models, blend, device: 'cpu', precision: 'fp32', io: 'u8', tile });
  test.each([
    ['a photo', () => photoPart('chelsea.png', 120, 90, 60, 50)],
    ['another photo', () => photoPart('coffee.png', 300, 150, 50, 60)],
    ['flat grey', async () => drawn(50, 30, () => 119)],
    ['noise', async () => noise(50, 50)],
  ])('%s', async (_, make) => {
    const session = await open();
    expect(await apart(await make(), session, blend)).toBeLessThanOrEqual(1);
    await session.close();
  });
});

test.each([
  [1, 1],
  [3, 200],
  [23, 24],
  [24, 25],
  [25, 48],
  [49, 23],
])('a %i×%i picture, smaller and larger than its tiles', { timeout: 120_000 }, async (width, height) => {
  const session = await openSession({ models, blend: 0.5, device: 'cpu', precision: 'fp32', io: 'u8', tile: 24 });
  const photo = await photoPart('astronaut.png', 200, 60, width, height);
  expect(await apart(photo, session, 0.5)).toBeLessThanOrEqual(1);
  await session.close();
});

test('a halo of 6 is not enough: the measure above can fail', async () => {
  const picture = noise(48, 48);
  const expected = await whole(picture, 1);
  const model = buildGenerator(models.spec, models.weights(1), {
    ...{ precision: 'fp32', io: 'u8', halo: 6, tile: { width: 24, height: 24 } },
  });
  const session = await InferenceSession.create(model);
  const padded = { x: 12 - 6, y: 12 - 6, width: 36, height: 36 };
  const { data } = paddedTile(sourceOf(picture), padded);
  const { [OUTPUT]: output } = await session.run({ [INPUT]: new Tensor('uint8', data as Uint8Array, [1, 36, 36, 3]) });
  let most = 0;
  for (let y = 0; y < 96; y++)
    for (let x = 0; x < 288; x++) {
      const there = expected[(48 + y) * 12 * 48 + 144 + x]!;
      most = Math.max(most, Math.abs((output!.data as Uint8Array)[y * 288 + x]! - there));
    }
  expect(most).toBeGreaterThan(1);
});
