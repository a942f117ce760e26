import type { Browser, Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Hello } from '../../electron/contract.ts';
import { builtPage } from '../e2e/real-host.ts';
import { openScriptedHost, type ScriptedHost, type ScriptedPicture } from './scripted-host.ts';
import { answerUsually, photoOf, readPicture } from './scripted-state.ts';

/** Photos `p0`, `p1`, … of the fixtures, with the pixels to serve. */
export async function readPhotos(names: readonly string[]): Promise<{
  photos: Hello['photos'];
  pictures: Map<string, ScriptedPicture>;
}> {
  const pictures = new Map<string, ScriptedPicture>();
  const photos = [];
  for (const [index, name] of names.entries()) {
    const picture = await readPicture(name);
    pictures.set(`p${index}`, picture);
    photos.push(photoOf(`p${index}`, name, picture, index === 1 ? 80 : null));
  }
  return { photos, pictures };
}

/** A screen to be opened: what the service says at first, and what is done before the test looks. */
export interface OpenScreen {
  readonly hello: Hello;
  readonly pictures: ReadonlyMap<string, ScriptedPicture>;
  /** Tiles are made only after "Enhance this view". */
  readonly asked?: boolean;
  readonly go?: (page: Page) => Promise<void>;
  readonly size?: { readonly width: number; readonly height: number };
}

/** Opens the page with a scripted service, does the work, and expects that the page never complained. */
export async function onScreen(
  browser: Browser,
  { hello, pictures, asked = false, go, size = { width: 1280, height: 800 } }: OpenScreen,
  work: (page: Page, host: ScriptedHost) => Promise<void>,
): Promise<void> {
  const host = await openScriptedHost(await builtPage(), hello, pictures);
  answerUsually(host, hello, { tiles: !asked });
  const look = { colorScheme: 'dark', locale: 'en', reducedMotion: 'reduce' } as const;
  const context = await browser.newContext({ viewport: size, ...look });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load')) complaints.push(message.text());
  });
  try {
    await page.goto(host.url);
    await page.getByRole('toolbar').waitFor();
    await page.waitForTimeout(500);
    await go?.(page);
    await page.waitForTimeout(300);
    await work(page, host);
    expect(complaints).toEqual([]);
  } finally {
    await context.close();
    await host.close();
  }
}
