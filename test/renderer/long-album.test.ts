import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Hello, Job } from '../../electron/contract.ts';
import { openChromium, withoutBrowser } from '../e2e/chromium.ts';
import { mainThreadTasks } from '../e2e/main-thread.ts';
import { artefacts, builtPage } from '../e2e/real-host.ts';
import { openScriptedHost, type ScriptedHost } from './scripted-host.ts';
import { albumOf, answerUsually, helloOf, jobOf, photoOf, readPicture } from './scripted-state.ts';

const ROWS = 1000;
const FREEZE_MS = 50;

describe.skipIf(withoutBrowser)(`an album of ${ROWS} photos`, { timeout: 120_000 }, () => {
  let browser: Browser;
  let host: ScriptedHost;
  let page: Page;
  let jobs: Job[];
  let hello: Hello;

  beforeAll(async () => {
    const picture = await readPicture('chelsea.png');
    const photos = Array.from({ length: ROWS }, (_, n) => photoOf(`p${n}`, `IMG_${1000 + n}.jpg`, picture));
    const error = {
      code: 'truncated',
      sentence: 'This photo is cut short. It was not changed. Copy it again from the camera.',
    } as const;
    jobs = photos.map((photo, n) =>
      n % 50 === 47 ? jobOf(photo, 'failed', { error }) : jobOf(photo, n < 300 ? 'done' : 'waiting'),
    );
    hello = helloOf(photos, { jobs, album: albumOf(jobs, 'running', { secondsLeft: 3600 }) });
    host = await openScriptedHost(await builtPage(), hello, new Map([['p0', picture]]));
    answerUsually(host, hello);
    browser = await openChromium();
    page = await (await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en' })).newPage();
  });
  afterAll(async () => {
    await browser?.close();
    await host?.close();
  });

  const scrolls = () => page.locator('[data-scrolls]');

  test('opens, scrolls and follows its events without a task of 50 ms', async () => {
    await page.goto(host.url);
    await page.getByRole('toolbar').waitFor();
    const tasks = await mainThreadTasks(browser, page, async () => {
      await page.getByRole('radio', { name: 'Album' }).click();
      await page.locator('[data-job]').first().waitFor();
      for (let n = 300; n < 330; n++) {
        jobs[n] = { ...jobs[n]!, state: 'running', progress: 0.5 };
        jobs[n - 1] = { ...jobs[n - 1]!, state: 'done', progress: 1 };
        host.emit('album.changed', { album: albumOf(jobs, 'running'), jobs: [jobs[n - 1]!, jobs[n]!] });
        await scrolls().evaluate((node) => node.scrollBy(0, 700));
        await page.waitForTimeout(50);
      }
    });
    const [longest] = tasks;
    console.log(`album of ${ROWS}: longest task ${longest!.own.toFixed(1)} ms of its own (${longest!.about})`);
    expect(longest!.own, longest!.about).toBeLessThanOrEqual(FREEZE_MS);
    expect(await page.locator('[data-job]').count()).toBeLessThan(60);
  });

  test('every row is found where it belongs, and is told as what it is', async () => {
    const table = page.getByRole('table');
    expect(await table.getAttribute('aria-rowcount')).toBe(String(ROWS + 1));
    await scrolls().evaluate((node) => node.scrollTo(0, 0));
    await page.locator('[data-job=job-p0]').waitFor();
    const heights = await page
      .locator('[data-job]')
      .evaluateAll((rows) => rows.map((row) => Math.round(row.getBoundingClientRect().height)));
    expect(new Set(heights).size).toBe(1);
    await page.screenshot({ path: join(artefacts, 'screens', 'album-long.png') });
    await scrolls().evaluate((node, by) => node.scrollTo(0, by), heights[0]! * 747);
    const failed = page.locator('[data-job=job-p747]');
    await failed.waitFor();
    expect(await failed.getAttribute('aria-rowindex')).toBe('749');
    expect(await failed.textContent()).toContain('This photo is cut short.');
    expect(await page.locator('[data-job=job-p0]').count()).toBe(0);
  });

  test('the failures are one click away', async () => {
    await scrolls().evaluate((node) => node.scrollTo(0, 0));
    await page.getByRole('button', { name: '20 failed, show the list' }).click();
    await expect.poll(() => page.locator('[data-failures] li').first().isVisible()).toBe(true);
    const box = (await page.locator('[data-failures]').boundingBox())!;
    expect(box.y).toBeLessThan(700);
    await page.screenshot({ path: join(artefacts, 'screens', 'album-failures.png') });
  });
});
