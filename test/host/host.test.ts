import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { networkInterfaces as interfaces } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { DEFAULT_SETTINGS, type Service } from '../../electron/contract.ts';
import { type Host, startHost } from '../../electron/host/host.ts';
import { userIn } from '../../electron/host/peer.ts';
import { UploadRefused, Uploads } from '../../electron/host/uploads.ts';
import { fixture } from '../fixture.ts';
import { clientOf, openTestService, scratchFolder, type TestClient } from '../service/test-service.ts';
import { withSmallDisk } from '../small-disk.ts';

const folder = scratchFolder();
const rendererDir = join(folder.path, 'page');
const uploadDir = join(folder.path, 'uploads');
let service: Service;
let client: TestClient;
let host: Host;
let cookie: string;

beforeAll(async () => {
  mkdirSync(rendererDir);
  writeFileSync(join(rendererDir, 'index.html'), '<!doctype html><title>Fourfold</title>');
  writeFileSync(join(folder.path, 'secret.html'), 'not for pages');
  ({ service, client } = await openTestService(folder.path));
  host = await startHost({ service, rendererDir, uploadDir });
});
afterAll(async () => {
  await host.close();
  await service.close();
  folder.remove();
});

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A request exactly as given: `fetch` would not send a foreign Host. */
function ask(path: string, headers: Record<string, string> = {}, method = 'GET', body?: string): Promise<Answer> {
  const { port, host: own } = new URL(host.origin);
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      { host: '127.0.0.1', port, path, method, headers: { host: own, ...headers } },
      (response) => {
        let text = '';
        response.on('data', (chunk) => (text += chunk));
        response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body: text }));
      },
    );
    sent.on('error', reject).end(body);
  });
}

const socketStatus = (headers: Record<string, string>, origin: string, path = '/messages') =>
  new Promise<number>((resolve) => {
    const socket = new WebSocket(`${host.origin.replace('http', 'ws')}${path}`, { headers, origin });
    socket.on('open', () => {
      socket.close();
      resolve(101);
    });
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode!));
    socket.on('error', () => {});
  });

// Another user's program, as far as a test may be one: root may, but not root of a namespace that has only one user.
const nobody = 65_534;
const mayBeNobody =
  process.platform === 'linux' && process.getuid?.() === 0 && spawnSync('true', { uid: nobody }).status === 0;
test.skipIf(!mayBeNobody)('another user who saw the address cannot use the token, nor use it up', async () => {
  const code = `require('http').get(${JSON.stringify(host.entry)}, (a) => console.log(a.statusCode)).end()`;
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', code], {
    uid: nobody,
    gid: nobody,
    cwd: '/',
  });
  expect(stdout.trim()).toBe('403');
});

test('whose socket it is, by the kernel’s table', () => {
  const table = `
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1 1
   1: 0100007F:C350 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1001        0 2 1
   2: 0000000000000000FFFF00000100007F:C351 0000000000000000FFFF00000100007F:1F90 01 0:0 0:0 0  1002        0 3 1`;
  expect(userIn(table, 50_000, 8080)).toBe(1001);
  expect(userIn(table, 50_001, 8080)).toBe(1002);
  expect(userIn(table, 50_002, 8080)).toBeUndefined();
  expect(userIn('', 50_000, 8080)).toBeUndefined();
});

test('the token opens one browser, once', async () => {
  expect((await ask('/')).status).toBe(403);
  expect((await ask('/?token=wrong')).status).toBe(403);
  const { pathname, search } = new URL(host.entry);
  const entered = await ask(pathname + search);
  expect(entered.status).toBe(200);
  const [given] = entered.headers['set-cookie']!;
  expect(given).toMatch(/HttpOnly; SameSite=Strict; Path=\//);
  cookie = given!.split(';')[0]!;
  expect((await ask(pathname + search)).status).toBe(403);
  expect((await ask(pathname + search, { cookie })).status).toBe(200);
  expect((await ask('/', { cookie })).body).toContain('<title>Fourfold</title>');
  const [name] = cookie.split('=');
  expect((await ask('/', { cookie: `${name}=guessed` })).status).toBe(403);
  expect((await ask('/', { cookie: `${name}=` })).status).toBe(403);
  expect((await ask('/', { cookie: `other=1; ${cookie}` })).status).toBe(200);
});

test('two hosts at once do not shut each other out of one browser', async () => {
  const second = await startHost({ service, rendererDir, uploadDir });
  const answer = await fetch(second.entry);
  expect(answer.headers.get('set-cookie')!.split('=')[0]).not.toBe(cookie.split('=')[0]);
  await second.close();
});

test('it listens on 127.0.0.1 and nowhere else', async () => {
  const { port } = new URL(host.origin);
  const others = Object.values(interfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, address }) => family === 'IPv4' && address !== '127.0.0.1')
    .map(({ address }) => address);
  // A container may have no other interface. Linux answers on the whole of 127.0.0.0/8, so that shows a socket on 0.0.0.0.
  others.push('::1', ...(process.platform === 'linux' ? ['127.0.0.2'] : []));
  const reaches = (host: string) =>
    new Promise((resolve) => {
      const socket = connect({ host, port: Number(port) }, () => resolve(true));
      socket.on('connect', () => socket.destroy()).on('error', () => resolve(false));
    });
  expect(await reaches('127.0.0.1')).toBe(true);
  for (const other of others) expect(await reaches(other), other).toBe(false);
});

describe('with the cookie', () => {
  test('a foreign Host, Origin or site is refused, whatever is asked', async () => {
    const own = new URL(host.origin);
    for (const path of ['/', '/pixels/thumbnail?photo=a&edge=100', '/download/a'])
      for (const headers of [
        { host: `localhost:${own.port}` },
        { host: '127.0.0.1' },
        { host: 'evil.example' },
        { origin: 'http://evil.example' },
        { origin: `http://localhost:${own.port}` },
        { origin: 'null' },
        { 'sec-fetch-site': 'cross-site' },
        { 'sec-fetch-site': 'same-site' },
      ])
        expect(
          (await ask(path, { cookie, ...(headers as unknown as Record<string, string>) })).status,
          JSON.stringify(headers),
        ).toBe(403);
    expect((await ask('/upload?name=a.jpg', { cookie }, 'POST', 'x')).status).toBe(403);
    expect((await ask('/upload?name=a.jpg', { cookie, origin: 'http://evil.example' }, 'POST', 'x')).status).toBe(403);
  });

  test('messages: only this origin, only with the cookie, only at their address', async () => {
    expect(await socketStatus({ cookie }, host.origin)).toBe(101);
    expect(await socketStatus({}, host.origin)).toBe(403);
    expect(await socketStatus({ cookie }, 'http://evil.example')).toBe(403);
    expect(await socketStatus({ cookie, host: 'evil.example' }, host.origin)).toBe(403);
    expect(await socketStatus({ cookie }, host.origin, '/other')).toBe(403);
  });

  test('a refused one that is reset at once does not end the host', async () => {
    const { port } = new URL(host.origin);
    const asking = [
      'GET /messages HTTP/1.1',
      'Host: evil.example',
      'Connection: Upgrade',
      'Upgrade: websocket',
      '',
      '',
    ];
    for (let time = 0; time < 20; time++) {
      const socket = connect({ host: '127.0.0.1', port: Number(port) });
      socket.on('error', () => {});
      await new Promise((resolve) => socket.once('connect', resolve));
      // Before the refusal is sent, or while it is.
      socket.write(asking.join('\r\n'), () => socket.resetAndDestroy());
      await new Promise((resolve) => socket.once('close', resolve));
    }
    expect((await ask('/', { cookie })).status).toBe(200);
  });

  test('what is no JSON is answered with words, and the line stays', async () => {
    const socket = new WebSocket(`${host.origin.replace('http', 'ws')}/messages`, {
      headers: { cookie },
      origin: host.origin,
    });
    await new Promise((resolve) => socket.once('open', resolve));
    const answer = () => new Promise((resolve) => socket.once('message', (data) => resolve(JSON.parse(String(data)))));
    for (const text of ['{"id":1', 'hello', '[]', Buffer.from([1, 2, 3])]) {
      const refused = answer();
      socket.send(text);
      expect(await refused).toMatchObject({ id: 0, error: { code: 'wrong-use' } });
    }
    const hello = answer();
    socket.send(JSON.stringify({ id: 5, method: 'app.hello' }));
    expect(await hello).toMatchObject({ id: 5, result: { locale: 'en' } });
    socket.close();
  });

  test('nothing outside the page’s folder is served, and every answer carries the policy', async () => {
    for (const path of [
      '/../secret.html',
      '/..%2fsecret.html',
      '/%2e%2e/secret.html',
      '/..%5csecret.html',
      '//secret.html',
      '/%',
    ])
      expect((await ask(path, { cookie })).body, path).not.toContain('not for pages');
    for (const answer of [await ask('/', { cookie }), await ask('/nothing', { cookie }), await ask('/')]) {
      expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
      expect(answer.headers['content-security-policy']).not.toMatch(/unsafe|\*/);
      expect(answer.headers['x-content-type-options']).toBe('nosniff');
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
    expect((await ask('/', { cookie, origin: host.origin }, 'OPTIONS')).status).toBe(405);
  });

  test('an upload becomes a grant for a file in the scratch folder, whatever it is called', async () => {
    const bytes = readFileSync(fixture('coffee.png'));
    const put = async (name: string, folderName = '') => {
      const query = new URLSearchParams({ name, folder: folderName });
      const headers = { cookie, origin: host.origin };
      const response = await fetch(`${host.origin}/upload?${query}`, { method: 'POST', headers, body: bytes });
      return (await response.json()) as { id: string; name: string };
    };
    const grant = await put('../../../evil.png', '../../holiday');
    const { photos } = await client.request('photos.open', { grants: [grant.id] });
    expect(photos[0]).toMatchObject({ name: 'evil.png', folder: 'holiday' });
    expect(readdirSync(folder.path)).not.toContain('evil.png');
    expect(readdirSync(uploadDir).length).toBe(1);
    expect((await put('C:\\x\\a?b.png')).name).toBe('a_b.png');
  });

  describe('an upload that fails is answered with its reason, as the page reads errors', () => {
    const send = async (at: Host, as: string, query: Record<string, string>, bytes = 10) => {
      const response = await fetch(`${at.origin}/upload?${new URLSearchParams(query)}`, {
        method: 'POST',
        headers: { cookie: as, origin: at.origin },
        body: new Uint8Array(bytes),
      });
      return { status: response.status, body: await response.json() };
    };
    const withHost = async (uploads: string, use: (at: Host, as: string) => Promise<void>) => {
      const other = await startHost({ service, rendererDir, uploadDir: uploads });
      try {
        const entered = await fetch(other.entry);
        await use(other, entered.headers.get('set-cookie')!.split(';')[0]!);
      } finally {
        await other.close();
      }
    };

    test('of the service, which does not take it; and nothing of it stays', async () => {
      const before = readdirSync(uploadDir);
      expect(await send(host, cookie, { name: 'a.png', folder: 'x'.repeat(5000) })).toMatchObject({
        status: 500,
        body: { error: { code: 'wrong-use' } },
      });
      expect(readdirSync(uploadDir)).toEqual(before);
    });

    test('of a folder that cannot be written', () =>
      withHost(join(folder.path, 'secret.html', 'uploads'), async (at, as) =>
        expect(await send(at, as, { name: 'a.png' })).toMatchObject({
          status: 500,
          body: { error: { code: 'target-unwritable', path: 'a.png' } },
        }),
      ));

    test('of a disk that becomes full while the browser still sends', (context) =>
      withSmallDisk(context, join(folder.path, 'small'), '200k', ({ path }) =>
        withHost(path, async (at, as) => {
          expect(await send(at, as, { name: 'a.png' }, 8 * 2 ** 20)).toMatchObject({
            status: 500,
            body: { error: { code: 'disk-full', path: 'a.png' } },
          });
          expect(readdirSync(path)).toEqual([]);
        }),
      ));

    test('of a file larger than any photo; the rest of it can still be read, so that the answer arrives', async () => {
      const body = Readable.from([Buffer.alloc(8), Buffer.alloc(8), Buffer.alloc(8)]);
      await expect(new Uploads(uploadDir, 10).take('a.png', body)).rejects.toThrow(UploadRefused);
      expect(body.destroyed).toBe(false);
    });
  });

  describe('an upload goes from the disk with its photo', () => {
    const bytes = readFileSync(fixture('coffee.png'));
    const settings = { ...DEFAULT_SETTINGS.export, destination: { kind: 'host' } } as const;
    let socket: WebSocket;
    let page: TestClient;
    let kept: string[];

    beforeEach(async () => {
      socket = new WebSocket(`${host.origin.replace('http', 'ws')}/messages`, {
        headers: { cookie },
        origin: host.origin,
      });
      await new Promise((resolve) => socket.once('open', resolve));
      page = clientOf({
        answer: (message) => {
          const { id } = message as { id: number };
          socket.send(JSON.stringify(message));
          return new Promise((resolve) =>
            socket.on('message', (data) => {
              const answer = JSON.parse(String(data));
              if (answer.id === id) resolve(answer);
            }),
          );
        },
        onEvent: service.onEvent,
      });
      kept = readdirSync(uploadDir);
    });
    afterEach(() => socket.close());

    const upload = async () => {
      const headers = { cookie, origin: host.origin };
      const response = await fetch(`${host.origin}/upload?name=a.png`, { method: 'POST', headers, body: bytes });
      const { id } = (await response.json()) as { id: string };
      return (await page.request('photos.open', { grants: [id] })).photos[0]!.id;
    };
    const uploads = () => readdirSync(uploadDir).filter((name) => !kept.includes(name)).length;

    test('when that is closed', async () => {
      const [one, two] = [await upload(), await upload()];
      expect(uploads()).toBe(2);
      await page.request('photos.close', { photos: [one] });
      expect(uploads()).toBe(1);
      await page.request('photos.close', { photos: [two] });
      expect(uploads()).toBe(0);
    });

    test('but not before the album is done with it', async () => {
      const photo = await upload();
      await expect
        .poll(async () => (await page.request('photos.list')).photos.find(({ id }) => id === photo)?.state)
        .toBe('ready');
      await page.request('album.add', { photos: [photo], settings });
      await page.request('album.pause');
      await page.request('photos.close', { photos: [photo] });
      expect(uploads()).toBe(1);
      await page.request('album.resume');
      await expect.poll(uploads, { timeout: 20_000 }).toBe(0);
      const { jobs } = await page.request('album.list');
      expect(jobs.map(({ state }) => state)).toEqual(['done']);
    });

    test('or its row is taken off the list', async () => {
      const photo = await upload();
      await expect
        .poll(async () => (await page.request('photos.list')).photos.find(({ id }) => id === photo)?.state)
        .toBe('ready');
      await page.request('album.add', { photos: [photo], settings });
      await page.request('album.cancel', {});
      await page.request('photos.close', { photos: [photo] });
      expect(uploads()).toBe(1);
      await page.request('album.clear');
      await expect.poll(uploads, { timeout: 20_000 }).toBe(0);
    });

    test('and a photo that was opened where it lies stays there', async () => {
      const path = join(folder.path, 'own.png');
      writeFileSync(path, bytes);
      const [photo] = await client.open(path);
      await page.request('photos.close', { photos: [photo!.id] });
      expect(existsSync(path)).toBe(true);
    });
  });

  test('only what was exported or granted can be downloaded', async () => {
    expect((await ask('/download/guess', { cookie })).status).toBe(404);
    expect((await ask('/download/..%2f..%2fsecret.html', { cookie })).status).toBe(404);
    const [photo] = (await client.request('photos.list')).photos;
    const got = await fetch(`${host.origin}/download/${photo!.id}`, { headers: { cookie } });
    expect(got.headers.get('content-disposition')).toContain('attachment');
  });

  test.skipIf(process.platform !== 'linux')('a download the browser breaks off leaves no file open', async () => {
    const path = join(folder.path, 'large.png');
    writeFileSync(path, Buffer.alloc(32 * 2 ** 20));
    const { grants } = await client.owner('grants.add', { files: [{ path }], use: 'read' });
    const [photo] = (await client.request('photos.open', { grants: [grants[0]!.id] })).photos;
    const opened = () =>
      readdirSync('/proc/self/fd').filter((descriptor) => {
        try {
          return readlinkSync(`/proc/self/fd/${descriptor}`) === path;
        } catch {
          return false;
        }
      }).length;
    await expect.poll(opened).toBe(0);
    for (let time = 0; time < 5; time++) {
      const stop = new AbortController();
      const got = await fetch(`${host.origin}/download/${photo!.id}`, { headers: { cookie }, signal: stop.signal });
      expect(got.status).toBe(200);
      stop.abort();
    }
    await expect.poll(opened, { timeout: 5000 }).toBe(0);
    expect((await ask('/', { cookie })).status).toBe(200);
  });
});
