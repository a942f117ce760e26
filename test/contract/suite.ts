import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type PixelAddress, pixelsUrl } from '../../electron/contract.ts';
import { createService } from '../../electron/service/service.ts';
import { fixture } from '../fixture.ts';
import { clientOf, type Refused, scratchFolder, serviceOptions, type TestClient } from '../service/test-service.ts';
import type { Carried, Carrier } from './carriers.ts';

const photo = fixture('chelsea.png');

/** What the contract promises a page, whatever carries it. */
export function contractSuite(carrier: Carrier): void {
  describe(carrier.name, () => {
    const ends: (() => Promise<void> | void)[] = [];
    afterEach(async () => {
      for (const end of ends.splice(0).reverse()) await end();
    });

    async function begin(): Promise<{ carried: Carried; client: TestClient; folder: { path: string } }> {
      const folder = scratchFolder();
      const service = await createService(serviceOptions(folder.path));
      const carried = await carrier.carry(service, folder.path);
      ends.push(
        folder.remove,
        () => service.close(),
        () => carried.close(),
      );
      return { folder, carried, client: clientOf(carried.page, carried.owner) };
    }

    test('says hello with everything a page needs to draw itself', async () => {
      const { client } = await begin();
      const hello = await client.request('app.hello');
      expect(hello.settings.albumBlend).toBe(50);
      expect(hello.album.counts.total).toBe(0);
      expect(hello.recovery).toBeNull();
      expect(hello.capabilities.edition).toBe('test');
    });

    test('refuses what is no request, an unknown method, wrong parameters and an owner method, each with words', async () => {
      const { carried, client } = await begin();
      for (const message of [
        null,
        'hello',
        { id: 'a', method: 'app.hello' },
        { id: 1, method: 'app.hello', params: {}, more: 1 },
      ]) {
        const answer = await carried.page.answer(message, 'page');
        expect('error' in answer && answer.error.code).toBe('wrong-use');
      }
      const wrong: [string, unknown][] = [
        ['toString', undefined],
        ['nothing.such', {}],
        ['blend.album', { value: 101 }],
        ['blend.album', { value: 50.5 }],
        ['blend.album', { value: 50, more: 1 }],
        ['photos.open', { grants: ['../../etc/passwd'] }],
        ['view.set', { photo: 'a', number: -1 }],
        ['grants.add', { files: [{ path: '/etc/passwd' }], use: 'read' }],
        ['files.path', { file: 'a' }],
        ['service.close', {}],
      ];
      for (const [method, params] of wrong) {
        const answer = await carried.page.answer({ id: 7, method, params }, 'page');
        expect('error' in answer && answer.error.code, method).toBe('wrong-use');
        expect(answer.id).toBe(7);
      }
      expect((await client.request('app.hello')).photos).toEqual([]);
    });

    test('errors are plain data with a code and a sentence, and name no path', async () => {
      const { client, folder } = await begin();
      const refused = (await client.request('photo.show', { photo: 'nothing' }).catch((error) => error)) as Refused;
      expect(refused.plain.code).toBe('source-missing');
      expect(refused.plain.sentence).toMatch(/not changed/);
      const opened = await client.open(fixture('README.md'));
      expect(opened[0]).toMatchObject({ state: 'skipped', error: { code: 'not-a-picture' } });
      expect(JSON.stringify(opened)).not.toContain('fixtures/');
      const gone = join(folder.path, 'gone.png');
      copyFileSync(photo, gone);
      const [vanished] = await client.open(gone);
      rmSync(gone);
      const missing = (await client.request('photo.show', { photo: vanished!.id }).catch((error) => error)) as Refused;
      expect(missing.plain).toMatchObject({ code: 'source-missing', path: 'gone.png' });
      expect(JSON.stringify(missing.plain.sentence)).not.toContain(folder.path);
    });

    test('a photo goes from grant to enhanced tiles; the events tell', async () => {
      const { client, carried } = await begin();
      const [chelsea] = await client.open(photo);
      expect(chelsea).toMatchObject({ name: 'chelsea.png', state: 'ready', info: { width: 451, height: 300 } });
      const shown = await client.request('photo.show', { photo: chelsea!.id });
      expect(shown.tiles).toEqual({ edge: 128, columns: 4, rows: 3 });
      const get = (address: Omit<PixelAddress, 'photo'>) =>
        carried.page.pixels(new Request(`http://x${pixelsUrl({ ...address, photo: chelsea!.id } as PixelAddress)}`));
      const tile = { kind: 'enhanced', level: 0, column: 1, row: 1, blend: 50 } as const;
      expect((await get(tile)).status).toBe(404);
      const made = client.next('tile', ({ column, row, blend }) => column === 1 && row === 1 && blend === 50);
      const region = { x: 130, y: 130, width: 20, height: 20 };
      const answer = await client.request('view.set', {
        photo: chelsea!.id,
        number: 1,
        region,
        blends: [50],
        enhance: 'always',
      });
      expect(answer).toMatchObject({ number: 1, total: 1, done: 0, started: true });
      await made;
      const response = await get(tile);
      expect(response.status).toBe(200);
      expect([response.headers.get('x-width'), response.headers.get('x-space')]).toEqual(['512', 'srgb']);
      expect((await response.arrayBuffer()).byteLength).toBe(512 * 512 * 4);
      expect((await get({ kind: 'thumbnail', edge: 144 } as never)).headers.get('content-type')).toMatch(/^image\//);
    });

    test('pixels: no write method, no path but /pixels, no photo but an open one', async () => {
      const { carried } = await begin();
      const status = async (path: string, method = 'GET') =>
        (await carried.page.pixels(new Request(`http://x${path}`, { method }))).status;
      expect(await status('/pixels/thumbnail?photo=a&edge=100', 'POST')).toBe(405);
      expect(await status('/pixels/thumbnail?photo=a&edge=100')).toBe(404);
      expect(await status('/pixels/thumbnail?photo=..%2Fa&edge=100')).toBe(400);
      expect(await status('/pixels/nothing?photo=a')).toBe(400);
    });
  });
}
