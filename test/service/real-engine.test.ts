import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DEFAULT_SETTINGS, pixelsUrl, type View } from '../../electron/contract.ts';
import { enhancePhoto } from '../../electron/engine/enhance.ts';
import { loadModelPair } from '../../electron/engine/network/model.ts';
import { sharp } from '../../electron/engine/photo/imaging.ts';
import { forkEngine } from '../../electron/service/fork-engine.ts';
import { fixture } from '../fixture.ts';
import { fakeEngine } from './fake-engine.ts';
import { openTestService, scratchFolder } from './test-service.ts';

test('the settled viewer, its export and the command line give the same pixels, with the real network', async () => {
  const folder = scratchFolder();
  const source = join(folder.path, 'small.png');
  await sharp(fixture('chelsea.png')).extract({ left: 100, top: 60, width: 150, height: 60 }).toFile(source);
  const { service, client } = await openTestService(folder.path, fakeEngine(), {
    launchEngine: () => forkEngine(),
    // In int8 a rounding that tips over in one tile plan and not in the other is four levels of a photo; in full precision, one.
    settings: { initial: { ...DEFAULT_SETTINGS, device: 'cpu', precision: 'fp32' } },
  });
  const [photo] = await client.open(source);
  const { tiles } = await client.request('photo.show', { photo: photo!.id });
  expect(tiles).toEqual({ edge: 128, columns: 2, rows: 1 });
  const complete = client.next('view', ({ done, total }) => done === total);
  const region = { x: 0, y: 0, width: 150, height: 60 };
  const view: View = { photo: photo!.id, number: 1, region, blends: [50], enhance: 'always', ends: false, ring: false };
  await client.request('view.set', view);
  await complete;
  const shown = Buffer.alloc(600 * 240 * 3);
  for (const column of [0, 1]) {
    const url = pixelsUrl({ kind: 'enhanced', photo: photo!.id, level: 0, column, row: 0, blend: 50 });
    const tile = await service.pixels(new Request(`http://x${url}`));
    const width = Number(tile.headers.get('x-width'));
    const data = new Uint8Array(await tile.arrayBuffer());
    for (let y = 0; y < 240; y++)
      for (let x = 0; x < width; x++)
        for (let c = 0; c < 3; c++) shown[(y * 600 + column * 512 + x) * 3 + c] = data[(y * width + x) * 4 + c]!;
  }
  const settings = { ...DEFAULT_SETTINGS.export, format: 'png', destination: { kind: 'host' } } as const;
  const exportNow = async () => {
    const done = client.next('export.changed', ({ state }) => state === 'done' || state === 'failed');
    await client.request('export.start', { photo: photo!.id, settings });
    return done;
  };
  // Everything was made for the viewer: nothing ran for this one.
  expect(await exportNow()).not.toHaveProperty('device');
  await client.request('blend.set', { photos: [photo!.id], value: 60 });
  const { device, precision } = await exportNow();
  const exported = await sharp(join(folder.path, 'out', 'small-4x.png'))
    .raw()
    .toBuffer();
  expect(exported.equals(shown)).toBe(true);
  await service.close();

  const options = {
    models: await loadModelPair(),
    blend: 0.5,
    format: 'png',
    device: 'cpu',
    precision: 'fp32',
  } as const;
  const own = await enhancePhoto(source, { ...options, output: join(folder.path, 'own'), outputIs: 'folder' });
  expect([own.deviceName, own.precision]).toEqual([device, precision]);
  const line = await sharp(own.path).raw().toBuffer();
  let worst = 0;
  for (let i = 0; i < line.length; i++) worst = Math.max(worst, Math.abs(line[i]! - shown[i]!));
  // The command line cuts its tiles otherwise; between any two plans there is at most one level.
  expect(worst).toBeLessThanOrEqual(1);
  folder.remove();
});
