import { basename } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { AppPage } from './app-page.ts';
import { withoutBrowser } from './chromium.ts';
import { type OpenedApp, openApp } from './open-app.ts';
import type { SmallPhotos } from './small-photos.ts';

/** The numbers in the names go through all cases in order. Real host, real engine, real weights. */
describe.skipIf(withoutBrowser)('the viewer', { timeout: 120_000 }, () => {
  let opened: OpenedApp;
  let photos: SmallPhotos;
  let app: AppPage;

  beforeAll(async () => {
    // Full precision: int8 may move flat grey by a level, and what is looked at here is the painting.
    opened = await openApp({ settings: { device: 'cpu', precision: 'fp32' } });
    ({ app, photos } = opened);
  });
  afterAll(() => opened?.close());

  /** Shows a photo, and opens it first if no case before did. */
  const choose = async (path: string): Promise<void> => {
    const name = basename(path);
    const option = app.page.locator(`[role=option][title="${name}"]`);
    if ((await option.count()) === 0) await app.openPhotos(path);
    await option.click();
    await app.page.waitForFunction(
      (wanted) => document.querySelector('[role=application]')?.getAttribute('aria-label')?.startsWith(wanted),
      name,
    );
    await app.shown();
  };
  /** Where the photo lies on the canvas, device px, and its scale. */
  const layout = async () => {
    await app.painted();
    const { x, y } = await app.center();
    const scale = ((await app.zoom()) / 100) * 4;
    const canvas = await app.page.evaluate(() => {
      const { width, height } = document.querySelector<HTMLCanvasElement>('[role=application] canvas')!;
      return { width, height };
    });
    return {
      scale,
      canvas,
      left: Math.round(canvas.width / 2 - x * scale),
      top: Math.round(canvas.height / 2 - y * scale),
    };
  };

  /** 12×16 colours, RGB. */
  const coarse = (image: Sharp): Promise<Buffer> =>
    image.removeAlpha().resize(12, 16, { fit: 'fill', kernel: 'linear' }).raw().toBuffer();
  const meanDifference = (a: Buffer, b: Buffer): number =>
    a.reduce((sum, sample, at) => sum + Math.abs(sample - b[at]!), 0) / a.length;

  test('1: the first start shows the drop area, the Open button and the device', async () => {
    await app.page.locator('[data-drop]').waitFor();
    expect(await app.page.getByRole('button', { name: 'Open photos' }).isVisible()).toBe(true);
    expect(await app.page.locator('[data-device]').isVisible()).toBe(true);
    await app.picture('01-empty');
  });

  test('2: three dropped photos make three options, the first selected', async () => {
    const files = await Promise.all(
      [photos.eye, photos.cup, photos.face].map(async (path) => ({
        name: basename(path),
        base64: (
          await sharp(path)
            .toFormat(path.endsWith('png') ? 'png' : 'jpeg')
            .toBuffer()
        ).toString('base64'),
      })),
    );
    await app.page.evaluate((list) => {
      const transfer = new DataTransfer();
      for (const { name, base64 } of list)
        transfer.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name));
      const target = document.querySelector('[data-drop]')!;
      for (const type of ['dragenter', 'dragover', 'drop'])
        target.dispatchEvent(new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true }));
    }, files);
    await app.options.nth(2).waitFor();
    expect(await app.options.count()).toBe(3);
    expect(await app.options.first().getAttribute('aria-selected')).toBe('true');
    await app.shown();
  });

  test('7: at 100 % every tile of the view arrives', async () => {
    await choose(photos.eye);
    await app.press('1');
    await app.settled(120_000);
    expect(await app.zoom()).toBe(100);
    expect(await app.stage.getAttribute('data-tiles')).toBe('2/2');
    await app.picture('07-settled');
  });

  test('4: a photo lying on its side is shown upright', async () => {
    await choose(photos.turned);
    await app.page.waitForTimeout(500);
    const { canvas, left, top, scale } = await layout();
    expect({ left, top }).toEqual({
      left: Math.round(canvas.width / 2 - 60 * scale),
      top: Math.round(canvas.height / 2 - 80 * scale),
    });
    const [width, height] = [120 * scale, 160 * scale].map(Math.round) as [number, number];
    const { data } = await app.canvas({ x: left, y: top, width, height });
    const seen = await coarse(sharp(data, { raw: { width, height, channels: 4 } }));
    const upright = await sharp(photos.turned).autoOrient().toBuffer();
    // Bicubic or enhanced, a 12th of the photo has the colour it had; turned any other way it has not.
    expect(meanDifference(seen, await coarse(sharp(upright)))).toBeLessThan(4);
    for (const wrong of [sharp(upright).rotate(180), sharp(upright).flip(), sharp(upright).flop()])
      expect(meanDifference(seen, await coarse(wrong))).toBeGreaterThan(8);
  });

  test('5: a wide-gamut photo keeps its colour on an sRGB screen', async () => {
    await choose(photos.wide);
    await app.press('v');
    await app.page.getByRole('combobox', { name: 'Side B' }).selectOption('original');
    await app.page.waitForTimeout(500);
    const { canvas } = await layout();
    const { data } = await app.canvas({ x: canvas.width / 2, y: canvas.height / 2, width: 1, height: 1 });
    const shown = [...data.subarray(0, 3)];
    for (const [channel, wanted] of [230, 60, 50].entries())
      expect(Math.abs(shown[channel]! - wanted), `${shown}`).toBeLessThanOrEqual(2);
  });

  test('12: key 1 is 100 %, and a source pixel is exactly four by four', async () => {
    await choose(photos.checks);
    await app.press('v');
    await app.page.getByRole('combobox', { name: 'Side B' }).selectOption('original');
    await app.press('1');
    expect(await app.zoom()).toBe(100);
    await app.page.waitForTimeout(500);
    const { left, top } = await layout();
    const { data } = await app.canvas({ x: left, y: top, width: 640, height: 480 });
    let wrong = 0;
    for (let y = 0; y < 480; y++)
      for (let x = 0; x < 640; x++) if (data[(y * 640 + x) * 4] !== (((x >> 2) + (y >> 2)) % 2 ? 255 : 0)) wrong++;
    expect(wrong).toBe(0);
  });

  test('14: flat grey at 73 % is flat grey everywhere', async () => {
    await choose(photos.flat);
    await app.press('v');
    await app.page.getByRole('combobox', { name: 'Side B' }).selectOption('faithful');
    const box = (await app.stage.boundingBox())!;
    await app.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await app.page.mouse.wheel(0, Math.log(1 / 0.73) / 0.0022);
    await expect.poll(() => app.zoom()).toBeCloseTo(73, 0);
    await app.settled(120_000);
    const { left, top, scale } = await layout();
    const [width, height] = [Math.floor(160 * scale), Math.floor(120 * scale)];
    const { data } = await app.canvas({ x: left, y: top, width, height });
    let [least, most] = [255, 0];
    for (let at = 0; at < data.length; at++)
      if (at % 4 !== 3) {
        least = Math.min(least, data[at]!);
        most = Math.max(most, data[at]!);
      }
    expect(least, `${least}…${most}`).toBeGreaterThanOrEqual(118);
    expect(most, `${least}…${most}`).toBeLessThanOrEqual(120);
    await app.page.getByRole('combobox', { name: 'Side B' }).selectOption('blend');
  });

  test('11: the wheel keeps the pixel beneath the pointer', async () => {
    await choose(photos.eye);
    await app.press('1');
    await app.press('s');
    const box = (await app.stage.boundingBox())!;
    const pointer = { x: 300, y: 220 };
    await app.page.mouse.move(box.x + pointer.x, box.y + pointer.y);
    const beneath = async () => {
      const { left, top, scale } = await layout();
      return { x: (pointer.x - left) / scale, y: (pointer.y - top) / scale, scale };
    };
    await app.press('2');
    const before = await beneath();
    for (const turn of [-120, -120, 90]) {
      const zoom = await app.zoom();
      await app.page.mouse.wheel(0, turn);
      await expect.poll(() => app.zoom()).not.toBe(zoom);
      const after = await beneath();
      expect(Math.abs(after.x - before.x) * after.scale).toBeLessThanOrEqual(1);
      expect(Math.abs(after.y - before.y) * after.scale).toBeLessThanOrEqual(1);
    }
  });

  test('13: a double click goes to 100 % at that point, and back to Fit', async () => {
    await choose(photos.twelveMegapixels);
    const fit = await app.zoom();
    expect(fit).toBeLessThan(10);
    const box = (await app.stage.boundingBox())!;
    const { left, top, scale } = await layout();
    await app.page.mouse.dblclick(box.x + 300, box.y + 200);
    await expect.poll(() => app.zoom()).toBe(100);
    const there = await layout();
    expect((300 - there.left) / there.scale).toBeCloseTo((300 - left) / scale, 0);
    expect((200 - there.top) / there.scale).toBeCloseTo((200 - top) / scale, 0);
    await app.page.mouse.dblclick(box.x + 300, box.y + 200);
    await expect.poll(() => app.zoom()).toBe(fit);
  });

  test('6: twelve megapixels at Fit ask for no enhanced tile', async () => {
    await choose(photos.twelveMegapixels);
    await app.page.waitForTimeout(400);
    const from = app.pixels.length;
    await app.page.waitForTimeout(1500);
    expect(app.pixels.slice(from).filter((address) => address.startsWith('/pixels/enhanced'))).toEqual([]);
    expect(await app.stage.getAttribute('data-tiles')).toBe('0/0');
  });

  test('15: in a split at 30 the left is A and the right is B, pixel for pixel', async () => {
    await choose(photos.eye);
    await app.press('1');
    await app.press('v');
    await app.settled(120_000);
    const b = await app.canvas();
    await app.press('b');
    await app.page.waitForTimeout(100);
    const a = await app.canvas();
    await app.press('b');
    await app.press('s');
    await app.page.getByRole('slider', { name: 'Split position' }).fill('30');
    await app.page.waitForTimeout(200);
    const split = await app.canvas();
    const at = Math.round(split.width * 0.3);
    let wrong = 0;
    for (let y = 0; y < split.height; y++)
      for (let x = 0; x < split.width; x++) {
        const offset = (y * split.width + x) * 4;
        const wanted = x < at ? a : b;
        if (split.data.compare(wanted.data, offset, offset + 3, offset, offset + 3) !== 0) wrong++;
      }
    expect(wrong).toBe(0);
    expect(a.data.equals(b.data)).toBe(false);
    await app.picture('15-split');
  });

  describe('two and four sides', () => {
    // Each case starts from the eye at 100 %, split.
    beforeEach(async () => {
      await choose(photos.eye);
      await app.press('1');
      await app.press('s');
    });

    test('16: End on the split shows only A', async () => {
      const range = app.page.getByRole('slider', { name: 'Split position' });
      await range.focus();
      await app.page.keyboard.press('End');
      expect(await range.inputValue()).toBe('100');
      expect(await range.getAttribute('aria-valuetext')).toBe('Before 100, after 0 percent');
      await expect.poll(() => app.page.locator('[data-pane]').count()).toBe(1);
      expect(await app.page.locator('[data-pane]').getAttribute('data-pane')).toBe('bicubic');
    });

    test('17: a click on the rail moves the split', async () => {
      const rail = app.page.getByRole('slider', { name: 'Split position' });
      const box = (await app.stage.boundingBox())!;
      await app.page.mouse.click(box.x + box.width * 0.4, box.y + box.height - 12);
      await expect.poll(async () => Math.abs(Number(await rail.inputValue()) - 40)).toBeLessThanOrEqual(1);
    });

    test('18: another window size keeps the split and the centre', async () => {
      const rail = app.page.getByRole('slider', { name: 'Split position' });
      await rail.fill('35');
      await app.press('2');
      const [split, center] = [await rail.inputValue(), await app.center()];
      await app.page.setViewportSize({ width: 1100, height: 700 });
      await app.page.waitForTimeout(300);
      expect(await rail.inputValue()).toBe(split);
      expect((await app.center()).x).toBeCloseTo(center.x, 3);
      await app.page.setViewportSize({ width: 1280, height: 800 });
      await rail.fill('50');
    });

    test('19: side by side, panning one pans both', async () => {
      // Large enough to be panned in half the width.
      await app.press('2');
      await app.press('y');
      await app.page.waitForTimeout(200);
      const centers = () =>
        app.page.locator('[data-pane]').evaluateAll((all) => all.map((each) => each.getAttribute('data-center')));
      const before = await centers();
      const box = (await app.stage.boundingBox())!;
      await app.page.mouse.move(box.x + 700, box.y + 300);
      await app.page.mouse.down();
      await app.page.mouse.move(box.x + 660, box.y + 280, { steps: 4 });
      await app.page.mouse.up();
      const after = await centers();
      expect(after).toHaveLength(2);
      expect(after[0]).toBe(after[1]);
      expect(after[0]).not.toBe(before[0]);
      await app.picture('19-side');
    });

    test('20: four-way shows its four, about one centre', async () => {
      await app.press('q');
      await expect
        .poll(() =>
          app.page.locator('[data-pane]').evaluateAll((all) => all.map((each) => each.getAttribute('data-pane'))),
        )
        .toEqual(['original', 'bicubic', 'faithful', 'crisp']);
      const words = await app.page
        .locator('[data-pane]')
        .evaluateAll((all) => all.map((each) => each.textContent?.trim() ?? ''));
      for (const [index, name] of ['Original', 'Bicubic', 'Faithful', 'Crisp'].entries())
        expect(words[index]).toMatch(new RegExp(`^${name}`));
      const centers = await app.page
        .locator('[data-pane]')
        .evaluateAll((all) => all.map((each) => each.getAttribute('data-center')));
      expect(new Set(centers).size).toBe(1);
      await app.settled(120_000);
      await app.picture('20-four');
      await app.press('s');
    });

    test('21: B held shows A, released B again; tapped it stays', async () => {
      await app.press('0');
      const sides = () =>
        app.page.locator('[data-pane]').evaluateAll((all) => all.map((each) => each.getAttribute('data-pane')));
      await app.stage.focus();
      await app.page.keyboard.down('b');
      await app.page.waitForTimeout(450);
      expect(await sides()).toEqual(['bicubic']);
      await app.page.keyboard.up('b');
      await expect.poll(sides).toEqual(['bicubic', 'blend']);
      await app.page.keyboard.press('b');
      await app.page.waitForTimeout(200);
      expect(await sides()).toEqual(['bicubic']);
      expect(await app.page.getByRole('button', { name: 'Before' }).getAttribute('aria-pressed')).toBe('true');
      await app.page.keyboard.press('b');
      await expect.poll(sides).toEqual(['bicubic', 'blend']);
    });
  });

  test('a screen with other pixels gets its own, at the same size', async () => {
    const canvas = () =>
      app.page.evaluate(() => {
        const { width, clientWidth } = document.querySelector<HTMLCanvasElement>('[role=application] canvas')!;
        return { width, clientWidth };
      });
    const before = await canvas();
    const screen = await app.page.context().newCDPSession(app.page);
    await screen.send('Emulation.setDeviceMetricsOverride', {
      ...{ width: 1280, height: 800, deviceScaleFactor: 2, mobile: false },
    });
    await expect
      .poll(canvas, { timeout: 10_000 })
      .toEqual({ width: before.clientWidth * 2, clientWidth: before.clientWidth });
    await screen.send('Emulation.setDeviceMetricsOverride', {
      ...{ width: 1280, height: 800, deviceScaleFactor: 1, mobile: false },
    });
    await expect.poll(canvas, { timeout: 10_000 }).toEqual(before);
    await screen.detach();
  });

  test('nothing complained', () => expect(app.complaints).toEqual([]));
});
