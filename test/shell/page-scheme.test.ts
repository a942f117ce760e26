import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { contentSecurityPolicy, pageFiles, securityHeaders } from '../../electron/service/page-files.ts';
import { handleScheme, isPage, PAGE_URL, registerScheme } from '../../electron/shell/page-scheme.ts';
import { defaultSession, protocol } from './electron-double.ts';
import { FakeService } from './fake-service.ts';

vi.mock('electron', () => import('./electron-double.ts'));

let folder: string;
let get: (url: string, init?: RequestInit) => Promise<Response>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fourfold-page-'));
  await mkdir(join(folder, 'page/assets'), { recursive: true });
  await writeFile(join(folder, 'secret.js'), 'outside');
  await writeFile(join(folder, 'page/index.html'), '<!doctype html>');
  await writeFile(join(folder, 'page/assets/main-1a2b.js'), 'run()');
  await writeFile(join(folder, 'page/.hidden.js'), 'no');
  await writeFile(join(folder, 'page/notes.exe'), 'no');
  await symlink(join(folder, 'secret.js'), join(folder, 'page/link.js'));
  handleScheme(defaultSession as never, pageFiles(join(folder, 'page'), securityHeaders()), new FakeService());
  const [scheme, handler] = defaultSession.protocol.handle.mock.calls[0]!;
  expect(scheme).toBe('fourfold');
  get = (url, init) => handler(new Request(url, init));
});
afterAll(() => rm(folder, { recursive: true }));

test('the scheme is registered with an origin, secure, and nothing more than it needs', () => {
  registerScheme();
  expect(protocol.registerSchemesAsPrivileged).toHaveBeenCalledWith([
    { scheme: 'fourfold', privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ]);
});

describe('the page', () => {
  test('is served with its policy and no way to sniff or frame it', async () => {
    const answer = await get(PAGE_URL);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe('<!doctype html>');
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(answer.headers.get('content-security-policy')).toBe(contentSecurityPolicy());
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  test('assets with a hash in the name are kept', async () => {
    const answer = await get(`${PAGE_URL}assets/main-1a2b.js`);
    expect(await answer.text()).toBe('run()');
    expect(answer.headers.get('cache-control')).toContain('immutable');
  });

  test.each([
    'fourfold://other/index.html',
    'fourfold://app/missing.js',
    'fourfold://app/../secret.js',
    'fourfold://app/%2e%2e/secret.js',
    'fourfold://app/..%2fsecret.js',
    'fourfold://app/assets/..%2f..%2fsecret.js',
    'fourfold://app/..%5csecret.js',
    'fourfold://app//etc/passwd',
    'fourfold://app/%00.js',
    'fourfold://app/%E0%A4%A.js',
    'fourfold://app/.hidden.js',
    'fourfold://app/notes.exe',
    'fourfold://app/link.js',
    'fourfold://app/assets',
  ])('%s is not found', async (url) => {
    expect((await get(url)).status).toBe(404);
  });

  test('only reading is possible', async () => {
    expect((await get(PAGE_URL, { method: 'POST', body: 'x' })).status).toBe(405);
  });
});

test('pixels come from the service', async () => {
  expect(await (await get(`${PAGE_URL}pixels/enhanced?photo=a`)).text()).toBe('pixels of /pixels/enhanced');
});

test('no source but the page itself, no inline code, no framing', () => {
  const policy = contentSecurityPolicy();
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self';");
  expect(policy).toContain("style-src 'self';");
  expect(policy).not.toMatch(/unsafe|https?:|\*/);
  expect(contentSecurityPolicy('ws://127.0.0.1:5')).toContain("connect-src 'self' ws://127.0.0.1:5;");
});

test.each([
  ['fourfold://app/', true],
  ['fourfold://app/index.html?x#y', true],
  ['fourfold://app.evil/', false],
  ['fourfold://app@evil/', false],
  ['fourfold://app:80/', false],
  ['file:///fourfold://app/', false],
  ['nonsense', false],
])('%s is the page: %s', (address, expected) => expect(isPage(address)).toBe(expected));
