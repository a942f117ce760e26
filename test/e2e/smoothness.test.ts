import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fakeEngine } from '../service/fake-engine.ts';
import type { AppPage } from './app-page.ts';
import { withoutBrowser } from './chromium.ts';
import { mainThreadTasks } from './main-thread.ts';
import { type OpenedApp, openApp } from './open-app.ts';

/** No task of the page's own thread may take longer, ms: longer is felt as a page that hangs. */
const FREEZE_MS = 50;

/** A photo of twelve megapixels, used as a person uses it; the network is scripted, because the page does not run it. */
describe.skipIf(withoutBrowser)('the page never freezes', { timeout: 120_000 }, () => {
  let opened: OpenedApp;
  let app: AppPage;

  beforeAll(async () => {
    opened = await openApp({ fake: fakeEngine() });
    app = opened.app;
  });
  afterAll(() => opened?.close());

  async function flowing(what: string, work: () => Promise<void>): Promise<void> {
    const tasks = await mainThreadTasks(opened.browser, app.page, work);
    const [longest] = tasks;
    const wall = Math.max(...tasks.map((task) => task.wall));
    console.log(
      `${what}: longest of ${tasks.length} tasks ${longest!.own.toFixed(1)} ms of its own, ${wall.toFixed(1)} ms by the wall (${longest!.about})`,
    );
    expect(longest!.own, `${what}: ${longest!.about}`).toBeLessThanOrEqual(FREEZE_MS);
  }

  test('opened, zoomed, panned, blended, compared', async () => {
    await flowing('opening', async () => {
      await app.openPhotos(opened.photos.twelveMegapixels);
      await app.shown();
      await app.page.waitForTimeout(1000);
    });
    await flowing('100 %, tiles arriving', async () => {
      await app.press('1');
      await app.settled();
    });
    const stage = (await app.stage.boundingBox())!;
    await flowing('panning', async () => {
      await app.page.mouse.move(stage.x + 700, stage.y + 500);
      await app.page.mouse.down();
      await app.page.mouse.move(stage.x + 100, stage.y + 100, { steps: 30 });
      await app.page.mouse.up();
      await app.settled();
    });
    await flowing('dragging the blend', async () => {
      const box = (await app.page.locator('[data-blend]').first().boundingBox())!;
      const at = (percent: number) => [box.x + (box.width * percent) / 100, box.y + box.height / 2] as const;
      await app.page.mouse.move(...at(20));
      await app.page.mouse.down();
      await app.page.mouse.move(...at(90), { steps: 40 });
      await app.page.mouse.up();
      await app.settled();
    });
    await flowing('every mode', async () => {
      for (const key of ['v', 'y', 'q', 's']) {
        await app.press(key);
        await app.settled();
      }
    });
    await flowing('overlay and loupe', async () => {
      await app.press('i');
      await expect.poll(() => app.page.locator('[data-overlay-share]').first().textContent()).toMatch(/%|Nothing/);
      await app.press('i');
      await app.press('l');
      await app.page.mouse.move(stage.x + 200, stage.y + 200);
      await app.page.mouse.move(stage.x + 600, stage.y + 400, { steps: 20 });
      await app.press('Escape');
    });
    await flowing('wheel, from Fit to 800 % and back', async () => {
      await app.press('0');
      await app.page.mouse.move(stage.x + stage.width * 0.3, stage.y + stage.height / 2);
      for (let turn = 0; turn < 16; turn++) await app.page.mouse.wheel(0, -150);
      await expect.poll(() => app.zoom()).toBe(800);
      for (let turn = 0; turn < 16; turn++) await app.page.mouse.wheel(0, 150);
      await expect.poll(() => app.zoom()).toBeLessThan(10);
    });
  });

  test('a screen too large to follow is painted at half resolution while it moves, and in full at rest', async () => {
    await app.press('s');
    await app.press('1');
    await app.settled();
    // Another size is judged anew, whatever this machine was found to be.
    await app.page.setViewportSize({ width: 1270, height: 790 });
    await app.settled();
    await app.press('ArrowLeft');
    await app.press('ArrowRight');
    await app.settled();
    const before = await app.canvas();
    const widths = await app.page.evaluate(async () => {
      const canvas = document.querySelector<HTMLCanvasElement>('[role=application] canvas')!;
      const full = canvas.width;
      const stage = document.querySelector<HTMLElement>('[role=application]')!;
      const seen = new Set<number>();
      for (let step = 0; step < 24; step++) {
        const code = step % 2 === 0 ? 'ArrowLeft' : 'ArrowRight';
        stage.dispatchEvent(new KeyboardEvent('keydown', { key: code, code, bubbles: true }));
        await new Promise((resolve) => requestAnimationFrame(resolve));
        // What a larger screen would take: painting in full is slow, at half it is not.
        if (canvas.width === full) for (const from = performance.now(); performance.now() - from < 60; );
        seen.add(canvas.width / full);
      }
      return [...seen].sort();
    });
    expect(widths).toEqual([0.5, 1]);
    const after = await app.canvas();
    expect(after.width).toBe(before.width);
    expect(after.data.equals(before.data)).toBe(true);
  });

  test('a task that is too long is found', async () => {
    // So much work, not so much time: on a busy machine a time would be mostly other programs'.
    const block = async () => {
      await app.page.evaluate(() => {
        let sum = 0;
        for (let at = 0; at < 1e8; at++) sum += Math.sqrt(at);
        return sum;
      });
    };
    await expect(flowing('blocked', block)).rejects.toThrow(/blocked/);
  });
});
