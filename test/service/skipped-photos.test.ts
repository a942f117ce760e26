import { copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { fixture } from '../fixture.ts';
import { openTestService, scratchFolder } from './test-service.ts';

const ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const coffee = fixture('coffee.png');

/** A photo on the list that was not there when it was opened. */
async function missing() {
  const folder = scratchFolder();
  const { service, client } = await openTestService(folder.path);
  ends.push(folder.remove, () => service.close());
  const path = join(folder.path, 'late.png');
  writeFileSync(path, '');
  const { grants } = await client.owner('grants.add', { files: [{ path }], use: 'read' });
  rmSync(path);
  const settled = client.next('photo.changed', ({ state }) => state !== 'reading');
  await client.request('photos.open', { grants: grants.map(({ id }) => id) });
  const photo = await settled;
  expect(photo).toMatchObject({ state: 'skipped', error: { code: 'source-missing' } });
  const list = async () => (await client.request('photos.list')).photos;
  return { client, photo, path, list };
}

describe('a photo that was skipped', () => {
  test('is ready when it is shown and can be read by then', async () => {
    const { client, photo, path, list } = await missing();
    const show = () => client.request('photo.show', { photo: photo.id });
    await expect(show()).rejects.toThrow(/source-missing/);
    expect(await list()).toMatchObject([{ state: 'skipped' }]);
    copyFileSync(coffee, path);
    const ready = client.next('photo.changed', ({ state }) => state === 'ready');
    expect(await show()).toMatchObject({ width: 600, height: 400 });
    expect((await ready).info).toMatchObject({ width: 600, height: 400 });
    expect((await list())[0]!.error).toBeUndefined();
  });

  test('is read again when it is opened again, and stays the same photo', async () => {
    const { client, photo, path, list } = await missing();
    copyFileSync(coffee, path);
    expect(await client.open(path)).toMatchObject([{ id: photo.id, state: 'ready', info: { width: 600 } }]);
    expect(await list()).toHaveLength(1);
    expect((await list())[0]!.error).toBeUndefined();
  });
});
