import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { expect } from 'vitest';
import { type FakeEngine, type FakeEngineOptions, fakeEngine } from '../service/fake-engine.ts';
import { AppPage } from './app-page.ts';
import { openChromium } from './chromium.ts';
import { openRealHost, type RealHostOptions, type RunningHost } from './real-host.ts';
import { makeSmallPhotos, type SmallPhotos } from './small-photos.ts';

/** A browser, and photos in a folder of their own; `close` ends and removes everything. */
export interface OpenedBrowser {
  readonly browser: Browser;
  readonly photos: SmallPhotos;
  readonly folder: string;
  close(): Promise<void>;
}

/** The app in it, over a host of its own. */
export interface OpenedApp extends OpenedBrowser {
  readonly running: RunningHost;
  readonly app: AppPage;
}

export async function openBrowser(): Promise<OpenedBrowser> {
  const folder = mkdtempSync(join(tmpdir(), 'fourfold-e2e-'));
  const photos = await makeSmallPhotos(folder);
  const browser = await openChromium();
  const close = async () => {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { browser, photos, folder, close };
}

export async function openApp(options: RealHostOptions): Promise<OpenedApp> {
  const opened = await openBrowser();
  const running = await openRealHost(options);
  const close = async () => {
    await opened.close();
    await running.close();
  };
  return { ...opened, running, close, app: await AppPage.open(opened.browser, running.host) };
}

/** What a test does with a host and page of its own, over the scripted engine. The page must not complain. */
export type Episode = (app: AppPage, fake: FakeEngine, running: RunningHost) => Promise<void>;

/** @param options of the engine; `folder`: an earlier host's, to go on in */
export async function during(
  browser: Browser,
  { folder, ...options }: FakeEngineOptions & { folder?: string },
  work: Episode,
): Promise<void> {
  const fake = fakeEngine(options);
  const running = await openRealHost({ fake, ...(folder !== undefined && { folder }) });
  const app = await AppPage.open(browser, running.host);
  try {
    await work(app, fake, running);
    expect(app.complaints).toEqual([]);
  } finally {
    await app.close();
    await running.close();
  }
}
