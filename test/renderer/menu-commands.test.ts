import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openChromium, withoutBrowser } from '../e2e/chromium.ts';
import { onScreen, readPhotos } from './open-screen.ts';
import { helloOf } from './scripted-state.ts';

// On a Mac the menu has its keys first, and hands them to the page as commands.
describe.skipIf(withoutBrowser)('what the menu asks for', { timeout: 120_000 }, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openChromium();
  });
  afterAll(() => browser?.close());

  test('means in a field the text, behind an open dialog nothing, and else what the key means', async () => {
    const { photos, pictures } = await readPhotos(['chelsea.png']);
    await onScreen(browser, { hello: helloOf(photos), pictures }, async (page, host) => {
      const command = async (name: string) => {
        host.emit('shell.command', { command: name });
        await page.waitForTimeout(200);
      };
      const undone = () => host.requests.filter(({ method }) => method === 'blend.undo').length;

      await page.getByText('More options').click();
      const name = page.getByLabel('Name', { exact: true });
      const before = await name.inputValue();
      await name.press('x');
      await command('undo');
      expect(await name.inputValue()).toBe(before);
      await command('redo');
      expect(await name.inputValue()).not.toBe(before);
      expect(undone()).toBe(0);

      await page.getByRole('button', { name: 'Settings' }).click();
      await page.locator('dialog summary').focus();
      await command('undo');
      await command('shortcuts');
      expect(undone()).toBe(0);
      expect(await page.locator('dialog').count()).toBe(1);
      expect(await page.getByRole('dialog', { name: 'Settings' }).count()).toBe(1);

      await page.keyboard.press('Escape');
      await page.locator('[role=application]').focus();
      await command('undo');
      expect(undone()).toBe(1);
    });
  });
});
