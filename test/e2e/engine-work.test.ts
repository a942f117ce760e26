import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fixture } from '../fixture.ts';
import { type FakeEngine, type FakeEngineOptions, heldRun } from '../service/fake-engine.ts';
import { withoutBrowser } from './chromium.ts';
import { mainThreadTasks } from './main-thread.ts';
import { during as duringWith, type Episode, type OpenedBrowser, openBrowser } from './open-app.ts';
import type { SmallPhotos } from './small-photos.ts';

/** What the viewer asks of the engine, and when: over the scripted one, which keeps a record. */
describe.skipIf(withoutBrowser)('the work a view asks for', { timeout: 120_000 }, () => {
  let opened: OpenedBrowser;
  let photos: SmallPhotos;
  let ramp: string;

  beforeAll(async () => {
    opened = await openBrowser();
    photos = opened.photos;
    ramp = join(opened.folder, 'ramp.png');
    // 1200×900, brighter to the right and downwards, so that a tile's middle tells which tile it was.
    const pixels = Buffer.alloc(1200 * 900 * 3);
    for (let y = 0; y < 900; y++)
      for (let x = 0; x < 1200; x++) {
        const level = 20 + Math.floor(x / 128) * 20 + Math.floor(y / 128) * 2;
        pixels.fill(level, (y * 1200 + x) * 3, (y * 1200 + x) * 3 + 3);
      }
    await sharp(pixels, { raw: { width: 1200, height: 900, channels: 3 } })
      .png()
      .toFile(ramp);
  });
  afterAll(() => opened?.close());

  const during = (options: FakeEngineOptions, work: Episode) => duringWith(opened.browser, options, work);

  /** Column and row of a tile of the ramp by the mean of its middle; the view's tiles have an edge of 128. */
  const place = (middle: number) => {
    const level = Math.round(middle - 20);
    return { column: Math.floor(level / 20), row: Math.round((level % 20) / 2) };
  };

  test('8: a slow processor is asked about first, and a click starts it', () =>
    during({ tileMs: 400 }, async (app, fake) => {
      await app.openPhotos(ramp);
      await app.shown();
      // Above 25 % the enlargement shows something new: two steps from Fit.
      await app.press('+');
      await app.press('+');
      const ask = app.page.locator('[data-enhance]');
      await ask.waitFor();
      expect(await ask.textContent()).toMatch(/Enhance this view \(about \d+ (s|min)\)/);
      const runs = fake.runs.length;
      await app.page.waitForTimeout(500);
      expect(fake.runs.length).toBe(runs);
      await app.picture('08-ask');
      await ask.click();
      await expect.poll(() => fake.runs.length, { timeout: 10_000 }).toBeGreaterThan(runs);
      expect(await ask.count()).toBe(0);
    }));

  test('10 and 9: the centre tile comes first; panning drops what was left behind', async () => {
    // The second tile runs until the view has moved away, on however slow a machine.
    const { hold, begun, release } = heldRun(2);
    await during({ hold }, async (app, fake) => {
      await app.openPhotos(ramp);
      await app.shown();
      await app.press('v');
      expect(fake.runs).toEqual([]);
      await app.press('1');
      await begun;
      const { x, y } = await app.center();
      const [first] = fake.runs as [FakeEngine['runs'][number]];
      expect(place(first.middle)).toEqual({ column: Math.floor(x / 128), row: Math.floor(y / 128) });
      // One jump: the page looks at where it is only after the last of the keys.
      await app.stage.evaluate((stage) => {
        for (const key of ['ArrowRight', 'ArrowRight', 'ArrowDown', 'ArrowDown', 'ArrowRight'])
          stage.dispatchEvent(new KeyboardEvent('keydown', { key, shiftKey: true, bubbles: true, cancelable: true }));
      });
      await expect.poll(async () => (await app.center()).x).toBeGreaterThan(x + 300);
      await app.page.waitForTimeout(500);
      release();
      await app.settled();
      const { x: atX, y: atY } = await app.center();
      const wanted = fake.runs.filter((run) => run.blend === 50);
      const stale = wanted.filter((run) => {
        const { column, row } = place(run.middle);
        return Math.abs(column * 128 + 64 - atX) > 420 || Math.abs(row * 128 + 64 - atY) > 420;
      });
      // At most the one that was made and the one that ran.
      expect(stale.length).toBeLessThanOrEqual(2);
    });
  });

  test('22: the loupe at Fit asks for its own tiles only', () =>
    during({}, async (app, fake) => {
      await app.openPhotos(photos.twelveMegapixels);
      await app.shown();
      await app.page.waitForTimeout(600);
      const from = fake.runs.length;
      expect(app.pixels.filter((address) => address.startsWith('/pixels/enhanced'))).toEqual([]);
      await app.press('l');
      const loupe = app.page.locator('[data-loupe]');
      await loupe.waitFor();
      await expect
        .poll(async () => {
          const [done, total] = ((await loupe.getAttribute('data-loupe-tiles')) ?? '').split('/');
          return Number(total) > 0 && done === total;
        })
        .toBe(true);
      const made = fake.runs.length - from;
      expect(made).toBeGreaterThan(0);
      expect(made).toBeLessThanOrEqual(4);
      expect(await app.stage.getAttribute('data-tiles')).toBe('0/0');
      await app.picture('22-loupe');
      await app.page.keyboard.press('Escape');
      expect(await loupe.count()).toBe(0);
    }));

  test('23: the slider drags over cached tiles at 50 frames a second and asks for nothing until it rests', () =>
    during({}, async (app) => {
      await app.openPhotos(fixture('chelsea.png'));
      await app.shown();
      await app.press('1');
      await app.settled();
      const visible = Number((await app.stage.getAttribute('data-tiles'))!.split('/')[1]);
      // Both ends of every tile in view are fetched in the background; then nothing is left to ask for.
      const ends = (blend: number) =>
        new Set(app.pixels.filter((address) => address.includes('/enhanced') && address.includes(`blend=${blend}&`)))
          .size;
      await expect.poll(() => Math.min(ends(0), ends(100)), { timeout: 60_000 }).toBeGreaterThanOrEqual(visible);
      await app.quiet();
      const from = app.pixels.length;
      const looks = await app.page.evaluate(async () => {
        const slider = document.querySelector<HTMLInputElement>('[data-blend]')!;
        const canvas = document.querySelector<HTMLCanvasElement>('[role=application] canvas')!;
        slider.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true }));
        const frame = () => new Promise<number>((resolve) => requestAnimationFrame(resolve));
        // The pixels: 20 steps, each looked at after its frame.
        const sample = document.createElement('canvas').getContext('2d', { willReadFrequently: true })!;
        const seen = new Set<string>();
        for (let value = 0; value <= 100; value += 5) {
          slider.value = String(value);
          slider.dispatchEvent(new Event('input', { bubbles: true }));
          await frame();
          await frame();
          const right = canvas.width * 0.92;
          sample.drawImage(canvas, right, canvas.height * 0.15, 32, 32, 0, 0, 32, 32);
          seen.add(sample.getImageData(0, 0, 32, 32).data.join());
        }
        return seen.size;
      });
      // The fake's Crisp differs by 0…4 levels, so that many looks there are.
      expect(looks).toBeGreaterThanOrEqual(4);
      // The pace: two seconds of a value a frame, nothing read back.
      let pace = { frames: 0, seconds: 0 };
      const tasks = await mainThreadTasks(opened.browser, app.page, async () => {
        pace = await app.page.evaluate(async () => {
          const slider = document.querySelector<HTMLInputElement>('[data-blend]')!;
          const frame = () => new Promise<number>((resolve) => requestAnimationFrame(resolve));
          const started = await frame();
          let frames = 0;
          let now = started;
          while (now - started < 2000) {
            slider.value = String((frames * 3) % 101);
            slider.dispatchEvent(new Event('input', { bubbles: true }));
            now = await frame();
            frames++;
          }
          return { frames, seconds: (now - started) / 1000 };
        });
      });
      expect(await app.page.locator('[data-approximate]').isVisible()).toBe(true);
      expect(app.pixels.slice(from).filter((address) => address.includes('enhanced'))).toEqual([]);
      const own = tasks.reduce((sum, task) => sum + task.own, 0) / pace.frames;
      console.log(
        `slider drag: ${(pace.frames / pace.seconds).toFixed(1)} frames a second here and now; the page's own time for a frame is ${own.toFixed(1)} ms`,
      );
      // Everything the page's thread does for a frame, painting included: fifty fit into a second.
      expect(own).toBeLessThan(20);
      const slider = app.page.locator('[data-blend]').first();
      await slider.evaluate((node: HTMLInputElement) => {
        node.value = '63';
        node.dispatchEvent(new Event('input', { bubbles: true }));
        node.dispatchEvent(new PointerEvent('pointerup', { bubbles: true }));
      });
      await app.settled();
      const asked = app.pixels
        .slice(from)
        .filter((address) => address.includes('enhanced') && address.includes('blend=63&'));
      expect(asked).toHaveLength(visible);
      expect(new Set(asked).size).toBe(visible);
      await expect.poll(() => app.page.locator('[data-approximate]').isVisible()).toBe(false);
    }));

  test('25: the album default moves those who follow it, own values stay', () =>
    during({}, async (app) => {
      await app.openPhotos(photos.eye, photos.cup);
      await app.shown();
      await app.setBlend(30);
      await app.page.getByRole('spinbutton', { name: 'Album default' }).fill('70');
      await app.page.keyboard.press('Tab');
      await expect.poll(() => app.options.nth(1).getAttribute('aria-label')).toContain('Album: 70');
      expect(await app.options.nth(0).getAttribute('aria-label')).toContain('Blend 30');
      await app.page.getByRole('button', { name: 'Use album value' }).click();
      await expect.poll(() => app.options.nth(0).getAttribute('aria-label')).toContain('Album: 70');
      // And Ctrl+Z takes it back.
      await app.press('Control+z');
      await expect.poll(() => app.options.nth(0).getAttribute('aria-label')).toContain('Blend 30');
    }));

  test('26: at 80 the warning stands there and is said once', () =>
    during({}, async (app) => {
      await app.openPhotos(photos.eye);
      await app.shown();
      await app.page.evaluate(() => {
        const said: string[] = [];
        Object.assign(window, { said });
        new MutationObserver(() => said.push(document.querySelector('[data-announcer]')!.textContent ?? '')).observe(
          document.querySelector('[data-announcer]')!,
          { childList: true, subtree: true, characterData: true },
        );
      });
      await app.setBlend(80);
      const words = 'Most fine texture is invented. Do not rely on faces, text or evidence.';
      expect(await app.page.locator('[data-blend-words]').textContent()).toContain(words);
      await app.setBlend(85);
      await app.page.waitForTimeout(6000);
      const said = await app.page.evaluate(() => (window as unknown as { said: string[] }).said);
      expect(said.filter((each) => each.includes(words))).toHaveLength(1);
      await app.setBlend(20);
      await app.setBlend(75);
      await expect
        .poll(() => app.page.evaluate(() => (window as unknown as { said: string[] }).said.at(-1)), { timeout: 12_000 })
        .toContain(words);
    }));

  test('29: an export makes no tile again that the view has made', () =>
    during({}, async (app, fake) => {
      await app.openPhotos(photos.eye);
      await app.shown();
      await app.settled();
      await app.page.waitForTimeout(500);
      const made = fake.runs.filter((run) => run.blend === 50).length;
      await app.page.locator('[data-export]').click();
      await app.page.locator('[data-export-state=done]').waitFor();
      expect(fake.runs.filter((run) => run.blend === 50).length).toBe(made);
    }));

  test('37: a lost graphics device says so, and work goes on', () =>
    during({ device: 'cuda', fault: (run) => (run <= 2 ? 'device-lost' : undefined), tileMs: 5 }, async (app) => {
      await app.openPhotos(photos.eye);
      await app.shown();
      await app.page.locator('[data-banner=device-lost]').waitFor({ timeout: 20_000 });
      expect(await app.page.locator('[data-banner=device-lost]').textContent()).toContain(
        'The graphics device stopped. Finished tiles are kept. Continue on CPU (slower) or Retry.',
      );
      await expect.poll(() => app.page.locator('[data-device]').getAttribute('data-state')).toBe('warning');
      await app.picture('37-device-lost');
    }));
});
