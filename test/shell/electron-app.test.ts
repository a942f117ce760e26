import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildParts, root } from '../../scripts/dev/build.ts';
import { findElectron } from '../../scripts/dev/electron-binary.ts';

const binary = findElectron();
if (!binary) console.log('skipped: no Electron binary');

/** What only the real Electron can show; the rest of test/shell runs on a double of it. */
describe.skipIf(!binary)(binary ? 'in the real Electron' : 'skipped: no Electron binary', () => {
  let folder: string;
  let app: ElectronApplication;
  let page: Page;
  const photo = () => join(folder, 'astronaut.png');

  beforeAll(async () => {
    await buildParts(['node', 'preload', 'renderer']);
    folder = await mkdtemp(join(tmpdir(), 'fourfold-electron-app-'));
    await copyFile(join(root, 'test/fixtures/astronaut.png'), photo());
    // A settings file cut short: the start must survive it.
    await writeFile(join(folder, 'settings.json'), '{"albumBlend": 3');
    app = await _electron.launch({
      executablePath: binary!,
      // CI's containers have no user namespaces; the page's own sandbox is asked for below.
      args: [
        ...(process.env.CI && process.platform === 'linux' ? ['--no-sandbox'] : []),
        `--user-data-dir=${folder}`,
        root,
        photo(),
      ],
      env: { ...process.env, XDG_CONFIG_HOME: folder } as Record<string, string>,
    });
    page = await app.firstWindow();
    await page.waitForLoadState('domcontentloaded');
  }, 120_000);
  afterAll(async () => {
    await app?.close();
    await rm(folder, { recursive: true, force: true });
  });

  test('the page comes by the own scheme and opens the photo named at the start', async () => {
    expect(page.url()).toBe('fourfold://app/');
    await page.getByRole('option', { name: /astronaut/ }).waitFor();
  });

  test('the page has nothing of Node and only the bridge of Electron', async () => {
    const has = await page.evaluate(() => ({
      node: ['require', 'process', 'module', 'Buffer', '__dirname'].filter((name) => name in globalThis),
      bridge: Object.keys((globalThis as unknown as { fourfold: object }).fourfold).sort(),
    }));
    expect(has).toEqual({ node: [], bridge: ['grant', 'onEvent', 'send'] });
    const preferences = await app.evaluate(({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]!.webContents as unknown as {
        getLastWebPreferences(): Record<string, unknown>;
      };
      const { contextIsolation, sandbox, nodeIntegration, webSecurity } = contents.getLastWebPreferences();
      return { contextIsolation, sandbox, nodeIntegration, webSecurity };
    });
    expect(preferences).toEqual({ contextIsolation: true, sandbox: true, nodeIntegration: false, webSecurity: true });
  });

  test('the page reaches no file, no network, no other window', async () => {
    const reached = await page.evaluate(async () => {
      const tried = ['file:///etc/hosts', 'https://example.org/', 'http://127.0.0.1:1/', 'fourfold://other/'];
      const answers = await Promise.all(
        tried.map((url) =>
          fetch(url).then(
            () => url,
            () => null,
          ),
        ),
      );
      return [...answers.filter(Boolean), ...(window.open('https://example.org/') ? ['window'] : [])];
    });
    expect(reached).toEqual([]);
    expect(app.windows()).toHaveLength(1);
    await page.evaluate(() => void (location.href = 'https://example.org/'));
    await page.waitForTimeout(300);
    expect(page.url()).toBe('fourfold://app/');
  });

  test('inline code does not run', async () => {
    const ran = await page.evaluate(() => {
      const script = document.createElement('script');
      try {
        script.textContent = 'globalThis.ran = true';
        document.head.append(script);
      } catch {
        // Trusted types refuse it even before the policy does.
      }
      return 'ran' in globalThis;
    });
    expect(ran).toBe(false);
  });

  test('pixels of the photo come by the same scheme, from the service’s process', async () => {
    const result = await page.evaluate(async () => {
      const { send } = (globalThis as unknown as { fourfold: import('../../electron/contract.ts').Bridge }).fourfold;
      const answer = (await send({ id: 900_001, method: 'photos.list' })) as { result: { photos: { id: string }[] } };
      const picture = await fetch(`/pixels/thumbnail?photo=${answer.result.photos[0]!.id}&edge=72`);
      return { status: picture.status, type: picture.headers.get('content-type') };
    });
    expect(result.status).toBe(200);
    expect(result.type).toMatch(/^image\//);
  });

  test('a second start hands its photos to this one', async () => {
    const coffee = join(folder, 'coffee.png');
    await copyFile(join(root, 'test/fixtures/coffee.png'), coffee);
    // Not the photo of the first start, which is on the list already.
    expect(await page.getByRole('option', { name: /coffee/ }).count()).toBe(0);
    await app.evaluate(({ app: main }, path) => {
      main.emit('second-instance', {}, [], '/', { paths: [path] });
    }, coffee);
    await page.getByRole('option', { name: /coffee/ }).waitFor();
  });

  test('the service killed, the program goes on', async () => {
    const [pid] = await app.evaluate(({ app: main }) =>
      main
        .getAppMetrics()
        .filter(({ type, name }) => type === 'Utility' && name === 'Fourfold service')
        .map(({ pid }) => pid),
    );
    process.kill(pid!, 'SIGKILL');
    await expect
      .poll(
        () =>
          page.evaluate(async () => {
            const { send } = (globalThis as unknown as { fourfold: import('../../electron/contract.ts').Bridge })
              .fourfold;
            return 'result' in (await send({ id: 900_002, method: 'app.hello' }));
          }),
        { timeout: 20_000 },
      )
      .toBe(true);
  });
});
