import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCommand } from '../../electron/cli/arguments.ts';
import { enhance } from '../../electron/cli/enhance.ts';
import type { AppPage } from './app-page.ts';
import { withoutBrowser } from './chromium.ts';
import { type OpenedApp, openApp } from './open-app.ts';
import type { SmallPhotos } from './small-photos.ts';

/** What is on screen is what the command line writes, and byte for byte what the export writes: real engine, real weights. */
describe.skipIf(withoutBrowser)('the pixels of the app', { timeout: 240_000 }, () => {
  let opened: OpenedApp;
  let photos: SmallPhotos;
  let app: AppPage;
  const blends = [0, 50, 100] as const;
  const reference = new Map<number, Buffer>();

  beforeAll(async () => {
    // Full precision on both sides: the two cut different tiles, which in int8 moves single samples by up to four levels.
    opened = await openApp({ settings: { device: 'cpu', precision: 'fp32' } });
    ({ app, photos } = opened);
    for (const blend of blends) reference.set(blend, await fromCommandLine(blend));
    await app.openPhotos(photos.eye);
    await app.shown();
    await app.press('v');
  }, 240_000);
  afterAll(() => opened?.close());

  /** RGB of the result that the command line writes. */
  async function fromCommandLine(blend: number): Promise<Buffer> {
    const out = join(opened.folder, `cli-${blend}`);
    const where = ['--output', out, '--device', 'cpu', '--precision', 'fp32'];
    const argv = ['enhance', photos.eye, ...where, '--blend', String(blend / 100), '--format', 'png', '--quiet'];
    expect(await runCommand(argv, '0', { enhance, devices: async () => 0 })).toBe(0);
    const [file] = readdirSync(out);
    return sharp(join(out, file!)).removeAlpha().raw().toBuffer();
  }

  /** The whole result, 640×480 RGB, as it lies on the canvas at 100 %. */
  async function onScreen(): Promise<Buffer> {
    await app.painted();
    const size = await app.page.evaluate(() => {
      const { width, height } = document.querySelector<HTMLCanvasElement>('[role=application] canvas')!;
      return { width, height };
    });
    const x = Math.round(size.width / 2 - 320);
    const y = Math.round(size.height / 2 - 240);
    const { data } = await app.canvas({ x, y, width: 640, height: 480 });
    const rgb = Buffer.alloc(640 * 480 * 3);
    for (let from = 0, to = 0; to < rgb.length; from += 4, to += 3) data.copy(rgb, to, from, from + 3);
    return rgb;
  }

  const largestDifference = (a: Buffer, b: Buffer): number => {
    let most = 0;
    for (let at = 0; at < a.length; at++) most = Math.max(most, Math.abs(a[at]! - b[at]!));
    return most;
  };

  test('24: blend 0, 50 and 100 at rest are what the command line writes', async () => {
    expect(await app.zoom()).toBe(100);
    for (const blend of blends) {
      await app.setBlend(blend);
      await app.settled(120_000);
      // Other tiles, the same picture: what tiling may change is one level.
      expect(largestDifference(await onScreen(), reference.get(blend)!), `blend ${blend}`).toBeLessThanOrEqual(1);
    }
    expect(reference.get(0)!.equals(reference.get(100)!)).toBe(false);
  });

  test('27: the overlay is empty at 0, and at 100 tells the share it finds in the files', async () => {
    await app.setBlend(100);
    await app.settled(120_000);
    await app.press('i');
    const share = app.page.locator('[data-overlay-share]').first();
    const [faithful, crisp] = [reference.get(0)!, reference.get(100)!];
    // Y' of BT.601, and a whole level for each square, as the overlay has it.
    const luma = (rgb: Buffer, at: number) => 0.299 * rgb[at]! + 0.587 * rgb[at + 1]! + 0.114 * rgb[at + 2]!;
    let differing = 0;
    for (let y = 0; y < 480; y += 4)
      for (let x = 0; x < 640; x += 4) {
        let sum = 0;
        for (let dy = 0; dy < 4; dy++)
          for (let dx = 0; dx < 4; dx++) {
            const at = ((y + dy) * 640 + x + dx) * 3;
            sum += Math.abs(luma(crisp, at) - luma(faithful, at));
          }
        if (Math.round(sum / 16) >= 4) differing++;
      }
    const percent = (differing / (160 * 120)) * 100;
    await expect.poll(() => share.textContent(), { timeout: 30_000 }).toMatch(/^\d+ % of this view differs/);
    expect(Math.abs(Number.parseInt((await share.textContent())!, 10) - percent)).toBeLessThanOrEqual(1);
    await app.picture('27-overlay');
    await app.setBlend(0);
    await expect.poll(() => share.textContent()).toBe('Nothing in this view differs from Faithful');
    await app.press('i');
  });

  test('28: an export is exactly four times as wide, and its pixels are those on screen', async () => {
    await app.setBlend(50);
    await app.settled(120_000);
    const seen = await onScreen();
    await app.page.getByRole('combobox', { name: 'Format' }).selectOption('png');
    await app.page.locator('[data-export]').click();
    await app.page.locator('[data-export-state=done]').waitFor({ timeout: 60_000 });
    const file = join(opened.running.out, readdirSync(opened.running.out)[0]!);
    const { width, height } = await sharp(file).metadata();
    expect({ width, height }).toEqual({ width: 640, height: 480 });
    expect(largestDifference(await sharp(file).removeAlpha().raw().toBuffer(), seen)).toBe(0);
    // The page offers it for download: the same bytes.
    const download = app.page.waitForEvent('download');
    await app.page.getByRole('link', { name: 'Download' }).click();
    expect(readFileSync(await (await download).path()).equals(readFileSync(file))).toBe(true);
    await app.picture('28-exported');
  });

  test('38: by keyboard alone: open, compare, blend, export', async () => {
    const own = app;
    const { page } = own;
    // The eye is open already; a second photo is opened with Ctrl+O.
    await own.press('s');
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.keyboard.press('Control+o')]);
    await chooser.setFiles(photos.face);
    await own.options.nth(1).waitFor();
    // From the last region on F6 is the browser's own: back from there.
    for (const key of ['F6', 'F6', 'F6', 'Shift+F6', 'Shift+F6', 'Shift+F6']) {
      await page.keyboard.press(key);
      if (await page.evaluate(() => document.activeElement?.getAttribute('role') === 'application')) break;
    }
    expect(await page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('application');
    await page.keyboard.press('PageDown');
    await page.waitForFunction(() =>
      document.querySelector('[role=application]')?.getAttribute('aria-label')?.startsWith('face.png'),
    );
    await own.shown();
    for (const [key, mode] of [
      ['y', 'Side by side'],
      ['q', 'Four-way'],
      ['s', 'Split'],
    ] as const) {
      await page.keyboard.press(key);
      await expect.poll(() => own.stage.getAttribute('aria-label')).toContain(mode);
    }
    await page.keyboard.press(']');
    expect(await page.getByRole('slider', { name: 'Split position' }).inputValue()).toBe('55');
    await page.keyboard.press('Shift+Period');
    await expect.poll(() => own.page.locator('[data-blend]').inputValue()).toBe('60');
    await own.settled(120_000);
    await page.keyboard.press('Control+e');
    await expect
      .poll(() => readdirSync(opened.running.out).some((name) => name.startsWith('face')), { timeout: 60_000 })
      .toBe(true);
  });

  test('nothing complained', () => expect(app.complaints).toEqual([]));
});
