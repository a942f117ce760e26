import { type ChildProcess, fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { JOB_STATES } from '../../electron/contract.ts';
import { fixture } from '../fixture.ts';
import type { FakeEngineOptions } from '../service/fake-engine.ts';
import { withSmallDisk } from '../small-disk.ts';
import { AppPage } from './app-page.ts';
import { withoutBrowser } from './chromium.ts';
import { during as duringWith, type Episode, type OpenedBrowser, openBrowser } from './open-app.ts';
import { builtPage } from './real-host.ts';
import type { SmallPhotos } from './small-photos.ts';

const hashOf = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

describe.skipIf(withoutBrowser)('export and album', { timeout: 120_000 }, () => {
  let opened: OpenedBrowser;
  let photos: SmallPhotos;

  beforeAll(async () => {
    opened = await openBrowser();
    photos = opened.photos;
  });
  afterAll(() => opened?.close());

  const during = (options: FakeEngineOptions & { folder?: string }, work: Episode) =>
    duringWith(opened.browser, options, work);

  /** `count` different photos of 200×150. */
  async function manyPhotos(count: number): Promise<string[]> {
    const made = join(opened.folder, `many-${count}`);
    mkdirSync(made, { recursive: true });
    return Promise.all(
      Array.from({ length: count }, async (_, index) => {
        const path = join(made, `photo-${String(index).padStart(2, '0')}.jpg`);
        const at = { left: 10 + index * 9, top: 20 + index * 5, width: 200, height: 150 };
        if (!existsSync(path)) await sharp(fixture('coffee.png')).extract(at).jpeg().toFile(path);
        return path;
      }),
    );
  }

  const counts = (app: AppPage) =>
    app.page
      .locator('[data-count]')
      .evaluateAll((all) =>
        Object.fromEntries(
          all.map((each) => [each.getAttribute('data-count'), Number(each.getAttribute('data-value'))]),
        ),
      ) as Promise<Record<string, number>>;
  const exported = (app: AppPage) => app.page.locator('[data-export-state=done]').waitFor({ timeout: 30_000 });

  test('30: an existing name is kept; the new file gets a number', () =>
    during({}, async (app, _, running) => {
      await app.openPhotos(photos.eye);
      await app.shown();
      await app.page.locator('[data-export]').click();
      await exported(app);
      const first = join(running.out, 'eye-4x.png');
      const before = hashOf(first);
      await app.page.getByRole('button', { name: 'Dismiss' }).click();
      await app.page.locator('[data-export]').click();
      await exported(app);
      expect(readdirSync(running.out)).toHaveLength(2);
      expect(hashOf(first)).toBe(before);
      expect(await app.page.locator('[data-export-state=done]').textContent()).toMatch(/eye-4x.+\d/);
    }));

  test('31: WebP is refused with its reason when the result is too long for it', () =>
    during({}, async (app) => {
      await app.openPhotos(photos.long);
      await app.shown();
      const option = app.page.getByRole('combobox', { name: 'Format' }).locator('option[value=webp]');
      await expect.poll(() => option.isDisabled()).toBe(true);
      const reason = await app.page.locator('[data-impossible]').textContent();
      expect(reason).toMatch(/WebP/);
      expect(reason).toMatch(/16,?383/);
      expect(await app.page.getByRole('combobox', { name: 'Format' }).locator('option[value=png]').isDisabled()).toBe(
        false,
      );
    }));

  test('3: a folder with a text file: the photos are listed, the text is skipped', () =>
    during({}, async (app) => {
      const mixed = join(opened.folder, 'mixed');
      mkdirSync(mixed, { recursive: true });
      for (const path of [photos.eye, photos.cup, photos.text]) copyFileSync(path, join(mixed, basename(path)));
      const [chooser] = await Promise.all([
        app.page.waitForEvent('filechooser'),
        app.page.getByRole('button', { name: 'Folder', exact: true }).click(),
      ]);
      await chooser.setFiles(mixed);
      await app.options.nth(2).waitFor();
      await expect
        .poll(async () =>
          (await app.options.evaluateAll((all) => all.map((each) => each.getAttribute('data-state')))).sort(),
        )
        .toEqual(['idle', 'idle', 'skipped']);
      await app.page.locator('[role=option][data-state=skipped]').click();
      await app.page.getByText('This file is not a picture Fourfold can read.').waitFor();
    }));

  test('33 and 34: one broken photo stops nothing, and the counts add up at every moment', () =>
    during({ tileMs: 20 }, async (app, _, running) => {
      const good = await manyPhotos(4);
      await app.openPhotos(...good.slice(0, 2), photos.broken, ...good.slice(2));
      await expect.poll(() => app.page.locator('[data-export-album]').isEnabled()).toBe(true);
      await app.page.waitForTimeout(500);
      await app.page.evaluate(
        (states) => {
          const wrong: string[] = [];
          let seen = 0;
          Object.assign(window, { sums: () => ({ wrong, seen }) });
          new MutationObserver(() => {
            const value = (name: string) =>
              Number(document.querySelector(`[data-count="${name}"]`)?.getAttribute('data-value') ?? 0);
            const sum = states.reduce((total, state) => total + value(state), 0);
            seen++;
            if (sum !== value('total')) wrong.push(`${sum} of ${value('total')}`);
          }).observe(document.body, {
            subtree: true,
            childList: true,
            attributes: true,
            attributeFilter: ['data-value'],
          });
        },
        [...JOB_STATES],
      );
      await app.page.locator('[data-export-album]').click();
      await expect.poll(async () => (await counts(app)).done, { timeout: 30_000 }).toBe(4);
      await expect.poll(async () => (await counts(app)).failed).toBe(1);
      const end = await counts(app);
      expect(end.total).toBe(5);
      expect(await app.page.locator('[data-failures]').getAttribute('data-failures')).toBe('1');
      expect(await app.page.locator('[data-failures]').textContent()).toContain('broken.png');
      expect(readdirSync(running.out)).toHaveLength(4);
      const { wrong, seen } = await app.page.evaluate(() =>
        (window as unknown as { sums(): { wrong: string[]; seen: number } }).sums(),
      );
      expect(wrong).toEqual([]);
      expect(seen).toBeGreaterThan(3);
      await app.picture('33-album');
    }));

  test('35: paused, nothing runs for two seconds; resumed, it completes', () =>
    during({ tileMs: 60 }, async (app, fake) => {
      await app.openPhotos(...(await manyPhotos(6)));
      await app.page.waitForTimeout(500);
      await app.page.locator('[data-export-album]').click();
      await expect.poll(async () => (await counts(app)).done, { timeout: 20_000 }).toBeGreaterThanOrEqual(1);
      await app.page.getByRole('main').getByRole('button', { name: 'Pause' }).click();
      await app.page.getByRole('main').getByRole('button', { name: 'Resume' }).waitFor();
      // The tile that ran may finish.
      await app.page.waitForTimeout(300);
      const runs = fake.runs.length;
      await app.page.waitForTimeout(2000);
      expect(fake.runs.length).toBe(runs);
      await app.page.getByRole('main').getByRole('button', { name: 'Resume' }).click();
      await expect.poll(async () => (await counts(app)).done, { timeout: 30_000 }).toBe(6);
    }));

  test('32: a full disk pauses the queue and says what is safe', async (context) => {
    const small = join(opened.folder, 'small-disk');
    mkdirSync(small, { recursive: true });
    await withSmallDisk(context, join(small, 'out'), '256k', () =>
      during({ folder: small }, async (app) => {
        await app.openPhotos(...(await manyPhotos(3)));
        await app.page.waitForTimeout(500);
        await app.page.getByRole('combobox', { name: 'Format' }).selectOption('png');
        await app.page.locator('[data-export-album]').click();
        const banner = app.page.locator('[data-banner=disk-full], [data-paused-by=disk-full]');
        await banner.first().waitFor({ timeout: 30_000 });
        expect(await banner.first().textContent()).toMatch(/disk is full.*Finished files are intact.*Resume/i);
        await app.page.getByRole('main').getByRole('button', { name: 'Resume' }).waitFor();
        const left = readdirSync(join(small, 'out'));
        expect(left.filter((name) => !name.endsWith('.png'))).toEqual([]);
        await app.picture('32-disk-full');
      }),
    );
  });

  test('36: the host is killed in the middle; the next one offers to go on and does nothing twice', async () => {
    const home = mkdtempSync(join(tmpdir(), 'fourfold-kill-'));
    await builtPage();
    const start = async (): Promise<{ child: ChildProcess; entry: string }> => {
      const child = fork(fileURLToPath(new URL('fake-host.ts', import.meta.url)), [home, '150'], {
        execArgv: ['--import', import.meta.resolve('tsx')],
        stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
      });
      const entry = await new Promise<string>((resolve, reject) => {
        let text = '';
        child.stdout!.on('data', (part: Buffer) => {
          text += part;
          if (text.includes('\n')) resolve(text.trim());
        });
        child.on('exit', (code) => reject(new Error(`the host ended with ${code}`)));
      });
      return { child, entry };
    };
    const end = (child: ChildProcess, signal: NodeJS.Signals): Promise<unknown> => {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill(signal);
      return gone;
    };
    let { child, entry } = await start();
    try {
      let app = await AppPage.open(opened.browser, { entry });
      await app.openPhotos(...(await manyPhotos(6)));
      await app.page.waitForTimeout(500);
      await app.page.locator('[data-export-album]').click();
      await expect.poll(async () => (await counts(app)).done, { timeout: 30_000 }).toBeGreaterThanOrEqual(2);
      await end(child, 'SIGKILL');
      // Text 25: the page notices by itself.
      await app.page.locator('[data-banner=connection-lost]').waitFor();
      await app.close();
      const done = readdirSync(join(home, 'out')).filter((name) => name.endsWith('.jpg'));
      // The same bytes could have been made twice; a file that was left alone also keeps its time.
      const stateOf = (name: string) => {
        const path = join(home, 'out', name);
        return { hash: hashOf(path), mtimeMs: statSync(path).mtimeMs };
      };
      const before = new Map(done.map((name) => [name, stateOf(name)]));

      ({ child, entry } = await start());
      app = await AppPage.open(opened.browser, { entry });
      const banner = app.page.locator('[data-recovery]');
      await banner.waitFor();
      expect(await banner.textContent()).toMatch(
        /Fourfold closed unexpectedly\. \d of 6 photos are done and verified\./,
      );
      await app.picture('36-recovery');
      await banner.getByRole('button', { name: 'Resume' }).click();
      await expect.poll(async () => (await counts(app)).done, { timeout: 60_000 }).toBe(6);
      const files = readdirSync(join(home, 'out')).sort();
      expect(files).toHaveLength(6);
      for (const [name, state] of before) expect(stateOf(name), name).toEqual(state);
      await app.close();
    } finally {
      await end(child, 'SIGKILL').catch(() => {});
      rmSync(home, { recursive: true, force: true });
    }
  });
});
