import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { Host } from '../../electron/host/host.ts';
import { artefacts } from './real-host.ts';

export interface AppPageOptions extends BrowserContextOptions {
  readonly width?: number;
  readonly height?: number;
}

/** `data-tiles` is what the last frame found: the first frame after a change must have been painted before it is read. */
async function untilPainted(): Promise<void> {
  for (let frames = 0; frames < 2; frames++) await new Promise((done) => requestAnimationFrame(done));
}

/** Tiles fade in over what stood there, and a busy processor paints late: still is what three frames in a row show. */
async function untilStill(): Promise<void> {
  const picture = () =>
    [...document.querySelectorAll<HTMLCanvasElement>('[role=application] canvas')]
      .map((each) => each.toDataURL())
      .join();
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  for (let before = '', same = 0; same < 3; ) {
    // Longer than a fade's steps, which may be too small to see from one frame to the next.
    await new Promise((done) => setTimeout(done, 60));
    await frame();
    await frame();
    const now = picture();
    same = now === before ? same + 1 : 0;
    before = now;
  }
}

/** The app in a browser page, with the verbs the cases are told in. */
export class AppPage {
  readonly page: Page;
  /** Console errors and policy violations so far. */
  readonly complaints: string[] = [];
  /** Addresses of pixel requests so far, path and query. */
  readonly pixels: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.on('pageerror', (error) => this.complaints.push(`pageerror: ${error.message}`));
    page.on('console', (message) => {
      // A tile that is not made yet, or a broken photo's thumbnail: Chromium logs the answer as an error by itself.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
        this.complaints.push(message.text());
    });
    page.on('request', (request) => {
      const { pathname, search } = new URL(request.url());
      if (pathname.startsWith('/pixels/')) this.pixels.push(pathname + search);
    });
  }

  static async open(browser: Browser, host: Pick<Host, 'entry'>, options: AppPageOptions = {}): Promise<AppPage> {
    const { width = 1280, height = 800, ...rest } = options;
    const context = await browser.newContext({
      viewport: { width, height },
      colorScheme: 'dark',
      locale: 'en',
      ...rest,
    });
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    const app = new AppPage(page);
    await page.goto(host.entry);
    await page.getByRole('toolbar').waitFor();
    return app;
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }

  get stage() {
    return this.page.locator('[role=application]');
  }

  get options() {
    return this.page.locator('[role=listbox] [role=option]');
  }

  /** Opens files through the button, as a person does. */
  async openPhotos(...paths: string[]): Promise<void> {
    const before = await this.options.count();
    const [chooser] = await Promise.all([
      this.page.waitForEvent('filechooser'),
      this.page.getByRole('toolbar').getByRole('button', { name: 'Open', exact: true }).click(),
    ]);
    await chooser.setFiles(paths);
    await this.options.nth(before + paths.length - 1).waitFor();
  }

  /** The current photo is decoded and laid out. */
  async shown(): Promise<void> {
    await this.page.waitForFunction(() => document.querySelector('[role=application]')?.getAttribute('data-zoom'));
  }

  /** Every enhanced tile the view needs is on screen, and no tile is fading in. */
  async settled(timeout = 60_000): Promise<void> {
    await this.page.evaluate(untilPainted);
    await this.page.waitForFunction(
      () => {
        // On a slow or busy processor the page asks before it starts; here the answer is always yes.
        document.querySelector<HTMLButtonElement>('[data-enhance]')?.click();
        const [done, total] = (document.querySelector('[role=application]')?.getAttribute('data-tiles') ?? '').split(
          '/',
        );
        return Number(total) > 0 && done === total;
      },
      undefined,
      { timeout, polling: 100 },
    );
    await this.page.evaluate(untilStill);
  }

  /** No pixels were asked for during a second. */
  async quiet(): Promise<void> {
    for (let before = -1; before !== this.pixels.length; ) {
      before = this.pixels.length;
      await this.page.waitForTimeout(1000);
    }
  }

  async press(key: string): Promise<void> {
    await this.stage.focus();
    await this.page.keyboard.press(key);
  }

  async zoom(): Promise<number> {
    return Number(await this.stage.getAttribute('data-zoom'));
  }

  async center(): Promise<{ x: number; y: number }> {
    const [x, y] = ((await this.stage.getAttribute('data-center')) ?? '').split(',').map(Number);
    return { x: x ?? Number.NaN, y: y ?? Number.NaN };
  }

  /** Sets the blend by the number field and leaves it. */
  async setBlend(value: number): Promise<void> {
    const field = this.page.getByRole('spinbutton', { name: 'Blend, 0 to 100' }).first();
    await field.fill(String(value));
    await field.press('Tab');
    await this.page.waitForFunction(
      (wanted) => document.querySelector<HTMLInputElement>('[data-blend]')?.value === String(wanted),
      value,
    );
  }

  /** The viewer has come to rest: where a frame takes long, a moving picture is painted at half resolution. */
  async painted(): Promise<void> {
    await this.page.waitForFunction(() => {
      const canvas = document.querySelector<HTMLCanvasElement>('[role=application] canvas')!;
      return canvas.width >= Math.floor(canvas.clientWidth * devicePixelRatio);
    });
  }

  /** The viewer's own pixels, RGBA, of a rectangle in device px. */
  async canvas(region?: { x: number; y: number; width: number; height: number }) {
    await this.painted();
    const answer = await this.page.evaluate((wanted) => {
      const canvas = document.querySelector<HTMLCanvasElement>('[role=application] canvas')!;
      const { x, y, width, height } = wanted ?? { x: 0, y: 0, width: canvas.width, height: canvas.height };
      const { data } = canvas.getContext('2d')!.getImageData(x, y, width, height, { colorSpace: 'srgb' });
      let text = '';
      for (let at = 0; at < data.length; at += 32_768) text += String.fromCharCode(...data.subarray(at, at + 32_768));
      return { width, height, base64: btoa(text) };
    }, region);
    return { width: answer.width, height: answer.height, data: Buffer.from(answer.base64, 'base64') };
  }

  /** Keeps a picture of the screen among the artefacts. */
  async picture(name: string): Promise<void> {
    await this.page.screenshot({ path: join(artefacts, 'screens', `${name}.png`) });
  }
}
