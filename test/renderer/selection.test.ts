import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { openChromium, withoutBrowser } from '../e2e/chromium.ts';
import { loadState } from './load-state.ts';
import { onScreen, readPhotos } from './open-screen.ts';
import { helloOf, photoOf } from './scripted-state.ts';

const picture = { width: 600, height: 400, rgba: Buffer.alloc(0) };
const photos = ['a', 'b', 'c', 'd', 'e'].map((id) => photoOf(id, `${id}.jpg`, picture));

describe('clicks in the filmstrip', () => {
  afterEach(() => vi.unstubAllGlobals());

  async function begin() {
    const { library } = (await loadState(helloOf(photos))).app;
    const click = (id: string, keys: { shift?: boolean; ctrl?: boolean } = {}) => {
      library.select(id, keys);
      return `${[...library.selection].join('')} at ${library.currentId}`;
    };
    return { click, library };
  }

  test('alone choose one, whatever was chosen', async () => {
    const { click, library } = await begin();
    library.selectAll();
    expect(click('c')).toBe('c at c');
  });

  test('with Shift choose from the last plain click on, in either direction', async () => {
    const { click } = await begin();
    click('c');
    expect(click('e', { shift: true })).toBe('cde at e');
    // The other way from where it began, not from where it ended.
    expect(click('a', { shift: true })).toBe('abc at a');
    expect(click('c', { shift: true })).toBe('c at c');
  });

  test('with Ctrl add one and take one away, but never the last', async () => {
    const { click } = await begin();
    click('b');
    expect(click('d', { ctrl: true })).toBe('bd at d');
    expect(click('b', { ctrl: true })).toBe('d at b');
    expect(click('d', { ctrl: true })).toBe('d at d');
    // The next with Shift begins here.
    expect(click('e', { shift: true })).toBe('de at e');
  });
});

describe.skipIf(withoutBrowser)('several chosen photos', { timeout: 120_000 }, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openChromium();
  });
  afterAll(() => browser?.close());

  test('take the blend of the one that is shown, when told', async () => {
    const { photos, pictures } = await readPhotos(['chelsea.png', 'astronaut.png', 'coffee.png']);
    await onScreen(browser, { hello: helloOf(photos), pictures }, async (page, host) => {
      const options = page.locator('[role=listbox] [role=option]');
      const apply = page.getByRole('button', { name: /^Apply blend/ });
      await options.nth(2).click();
      expect(await apply.count()).toBe(0);
      // Its own blend is 80; the others follow the album's.
      await options.nth(1).click({ modifiers: ['Shift'] });
      expect(await apply.textContent()).toBe('Apply blend 80 to 2 photos');
      const from = host.requests.length;
      await apply.click();
      await expect
        .poll(() => host.requests.slice(from).filter(({ method }) => method === 'blend.set'))
        .toEqual([{ method: 'blend.set', params: { photos: ['p1', 'p2'], value: 80 } }]);
    });
  });
});
