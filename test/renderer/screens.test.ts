import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Hello, Job } from '../../electron/contract.ts';
import { finding } from '../../electron/engine/finding.ts';
import { openChromium, withoutBrowser } from '../e2e/chromium.ts';
import { artefacts } from '../e2e/real-host.ts';
import { onScreen as openScreen, readPhotos } from './open-screen.ts';
import type { ScriptedHost, ScriptedPicture } from './scripted-host.ts';
import { albumOf, estimateOf, helloOf, jobOf } from './scripted-state.ts';

interface Screen {
  readonly name: string;
  readonly hello: (photos: Hello['photos']) => Hello;
  readonly go?: (page: Page) => Promise<void>;
  readonly asked?: boolean;
}

const LOST = {
  code: 'device-lost',
  sentence: 'The graphics device stopped. Finished tiles are kept. Continue on CPU (slower) or Retry.',
  detail: 'DXGI_ERROR_DEVICE_REMOVED',
} as const;

const press = async (page: Page, ...keys: string[]): Promise<void> => {
  await page.locator('[role=application]').focus();
  for (const key of keys) await page.keyboard.press(key);
  await page.waitForTimeout(400);
};

const jobsOf = (photos: Hello['photos']): Job[] =>
  photos.slice(0, 5).map((photo, index) =>
    jobOf(photo, (['done', 'done', 'running', 'waiting', 'failed'] as const)[index]!, {
      progress: index < 2 ? 1 : index === 2 ? 0.4 : 0,
      ...(index < 2 && {
        file: {
          id: `f${index}`,
          name: photo.name.replace(/\.\w+$/, '-4x.jpg'),
          bytes: 1,
          download: `/download/f${index}`,
        },
      }),
      ...(index === 4 && {
        error: {
          code: 'truncated',
          sentence: 'This photo is cut short. It was not changed. Copy it again from the camera.',
          path: '/photos/x.jpg',
        },
      }),
    }),
  );

/** Every screen and every state a person may find it in. */
const SCREENS: readonly Screen[] = [
  { name: 'empty', hello: () => helloOf([]) },
  { name: 'photo-split', hello: (photos) => helloOf(photos), go: (page) => press(page, '1') },
  { name: 'photo-ask', hello: (photos) => helloOf(photos), go: (page) => press(page, '1'), asked: true },
  { name: 'photo-overlay', hello: (photos) => helloOf(photos), go: (page) => press(page, '1', 'i') },
  { name: 'photo-four', hello: (photos) => helloOf(photos), go: (page) => press(page, '1', 'q') },
  { name: 'photo-loupe', hello: (photos) => helloOf(photos), go: (page) => press(page, 'l') },
  {
    name: 'photo-skipped',
    hello: (photos) => helloOf(photos),
    go: (page) => page.locator('[role=option][data-state=skipped]').click(),
  },
  {
    name: 'album',
    hello: (photos) =>
      helloOf(photos, { jobs: jobsOf(photos), album: albumOf(jobsOf(photos), 'running', { secondsLeft: 3600 }) }),
    go: (page) => page.getByRole('radio', { name: 'Album' }).click(),
  },
  {
    name: 'banners',
    hello: (photos) => {
      const hello = helloOf(photos);
      return {
        ...hello,
        device: { ...hello.device, state: 'warning' },
        recovery: {
          done: 37,
          total: 120,
          startedMs: 0,
          rows: [
            { name: 'a.jpg', state: 'done' },
            { name: 'b.jpg', state: 'waiting' },
          ],
        },
        banners: [{ id: 'b1', error: LOST, actions: ['use-cpu', 'retry'] }],
      };
    },
  },
  {
    name: 'settings',
    hello: (photos) => helloOf(photos),
    go: (page) => page.getByRole('button', { name: 'Settings' }).click(),
  },
  { name: 'shortcuts', hello: (photos) => helloOf(photos), go: (page) => page.keyboard.press('F1') },
  { name: 'device', hello: (photos) => helloOf(photos), go: (page) => page.locator('[data-device]').click() },
];

describe.skipIf(withoutBrowser)('39: every screen, by axe', { timeout: 120_000 }, () => {
  let browser: Browser;
  let pictures: ReadonlyMap<string, ScriptedPicture>;
  let photos: Hello['photos'];

  beforeAll(async () => {
    const names = ['chelsea.png', 'astronaut.png', 'coffee.png', 'rocket.jpg', 'hubble_deep_field.jpg'];
    const read = await readPhotos(names);
    pictures = read.pictures;
    const error = {
      code: 'not-a-picture',
      sentence: 'This file is not a picture Fourfold can read. It was not changed. Convert it to JPEG, PNG or TIFF.',
    } as const;
    photos = [
      ...read.photos,
      { id: 'bad', name: 'notes.txt', folder: '', state: 'skipped', error, blend: null, files: [] },
    ];
    browser = await openChromium();
  });
  afterAll(() => browser?.close());

  const onScreen = ({ hello, ...screen }: Screen, work: (page: Page, host: ScriptedHost) => Promise<void>) =>
    openScreen(browser, { ...screen, hello: hello(photos), pictures }, work);

  test.each(SCREENS)('$name', (screen) =>
    onScreen(screen, async (page) => {
      // Contrast is what the themes differ in; structure is what the width changes.
      const looks = [
        { look: 'dark', scheme: 'dark', width: 1280, height: 800, dir: 'ltr' },
        { look: 'light', scheme: 'light', width: 1280, height: 800, dir: 'ltr' },
        { look: 'narrow-rtl', scheme: 'light', width: 800, height: 600, dir: 'rtl' },
      ] as const;
      for (const { look, scheme, width, height, dir } of looks) {
        await page.setViewportSize({ width, height });
        await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
        await page.evaluate((wanted) => document.documentElement.setAttribute('dir', wanted), dir);
        await page.waitForTimeout(200);
        await page.screenshot({ path: join(artefacts, 'screens', `${screen.name}-${look}.png`) });
        const { violations } = await new AxeBuilder({ page }).analyze();
        const found = violations.map(
          ({ id, nodes }) => `${look}: ${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`,
        );
        expect(found).toEqual([]);
        // Nothing runs off sideways.
        const over = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        expect(over, look).toBeLessThanOrEqual(0);
      }
    }),
  );

  test('the drawer', () =>
    onScreen(SCREENS[1]!, async (page) => {
      await page.setViewportSize({ width: 800, height: 600 });
      await page.getByRole('button', { name: 'Panel' }).click();
      await page.waitForTimeout(200);
      await page.screenshot({ path: join(artefacts, 'screens', 'drawer.png') });
      expect(
        (await new AxeBuilder({ page }).analyze()).violations.map(({ id, nodes }) => [id, nodes[0]?.html]),
      ).toEqual([]);
      await page.keyboard.press('Escape');
      await expect.poll(() => page.getByRole('complementary').count()).toBe(0);
      const panel = page.getByRole('button', { name: 'Panel' });
      expect(await panel.evaluate((button) => document.activeElement === button)).toBe(true);
    }));

  test('at 320 px everything is still there', () =>
    onScreen(SCREENS[1]!, async (page) => {
      await page.setViewportSize({ width: 320, height: 640 });
      await page.waitForTimeout(300);
      await page.screenshot({ path: join(artefacts, 'screens', 'reflow-320.png') });
      const over = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(over).toBeLessThanOrEqual(0);
      for (const name of ['Open', 'Before', 'Loupe', 'Panel'])
        expect(await page.getByRole('button', { name, exact: true }).first().isVisible(), name).toBe(true);
    }));

  test('at 320 px nothing lies over the button that enhances the view', () =>
    onScreen({ ...SCREENS[2]!, go: undefined }, async (page) => {
      await page.setViewportSize({ width: 320, height: 640 });
      await press(page, '1');
      const ask = page.locator('[data-enhance]');
      await ask.waitFor();
      await page.screenshot({ path: join(artefacts, 'screens', 'ask-320.png') });
      const over = await ask.evaluate((button) => {
        const own = button.getBoundingClientRect();
        const others = document.querySelectorAll('.viewer .navigator, .viewer .label, .viewer .rail, .viewer .turn');
        return [...others]
          .filter((other) => {
            const box = other.getBoundingClientRect();
            return box.left < own.right && box.right > own.left && box.top < own.bottom && box.bottom > own.top;
          })
          .map((other) => other.className);
      });
      expect(over).toEqual([]);
    }));

  test('what can be pressed is at least 24 px high and wide, and no text smaller than 12 px', () =>
    onScreen(
      {
        ...SCREENS[8]!,
        hello: (all) => {
          const jobs = jobsOf(all);
          const more = { jobs, album: albumOf(jobs, 'paused', { pausedBy: { ...LOST, path: '/x' } }) };
          return { ...SCREENS[8]!.hello(all), ...more };
        },
      },
      async (page) => {
        const small = () =>
          page.evaluate(() => {
            const isSeen = (element: Element) => element.checkVisibility({ visibilityProperty: true });
            const targets = [...document.querySelectorAll('button, a[href], summary, select, input, [role=option]')];
            const boxes = targets.filter(isSeen).map((element) => {
              // A press on its words is one on the box.
              const { width, height } = (element.closest('label') ?? element).getBoundingClientRect();
              return { width, height, html: element.outerHTML.slice(0, 90) };
            });
            const texts = [...document.body.querySelectorAll('*')]
              .filter(isSeen)
              .filter((element) =>
                [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim()),
              );
            return [
              ...boxes.filter(({ width, height }) => width < 24 || height < 24).map((box) => JSON.stringify(box)),
              ...texts
                .filter((element) => Number.parseFloat(getComputedStyle(element).fontSize) < 12)
                .map((element) => `text ${element.outerHTML.slice(0, 90)}`),
            ];
          });
        await press(page, '1');
        expect(await small()).toEqual([]);
        await page.getByRole('radio', { name: 'Album' }).click();
        await page.locator('[data-failures]').waitFor();
        expect(await small()).toEqual([]);
        await page.locator('[data-device]').click();
        expect(await small()).toEqual([]);
      },
    ));

  test('from right to left the page mirrors, the photo does not', () =>
    onScreen(SCREENS[1]!, async (page) => {
      const look = () =>
        page.evaluate(() => {
          const canvas = document.querySelector<HTMLCanvasElement>('[role=application] canvas')!;
          const { data } = canvas.getContext('2d')!.getImageData(100, 100, 200, 200);
          return {
            pixels: data.join(),
            panel: document.querySelector('[data-region=panel]')!.getBoundingClientRect().left,
          };
        });
      // Only a view that is complete stays as it is by itself.
      const progress = () => page.locator('[role=application]').getAttribute('data-tiles');
      await expect
        .poll(async () => (await progress())?.split('/').reduce((done, total) => String(done === total)), {
          timeout: 30_000,
        })
        .toBe('true');
      await page.waitForTimeout(500);
      const before = await look();
      await page.evaluate(() => document.documentElement.setAttribute('dir', 'rtl'));
      await page.waitForTimeout(500);
      const after = await look();
      expect(after.panel).toBe(0);
      expect(before.panel).toBeGreaterThan(900);
      expect(after.pixels === before.pixels).toBe(true);
    }));

  test('in Traditional Chinese no English is left on screen', () =>
    onScreen(
      {
        ...SCREENS[1]!,
        hello: (all) => {
          const jobs = jobsOf(all);
          const hello = helloOf(all, { jobs, album: albumOf(jobs, 'running', { secondsLeft: 3600 }) });
          const works = finding('works', { precisions: 'fp32, fp16', times: '3.4' });
          const device: Hello['device'] = {
            ...hello.device,
            why: [finding('processor'), finding('int8-better', { times: '2.1', apart: '0.4' })],
            devices: [
              ...hello.device.devices,
              { kind: 'webgpu', name: 'RTX', available: true, note: works },
              { kind: 'cuda', name: 'CUDA', available: false, note: finding('library-missing') },
              { kind: 'dml', name: 'DirectML', available: false, note: finding('not-in-build', { platform: 'linux' }) },
            ],
          };
          const size = { kind: 'print', centimetres: 30, dpi: 300 } as const;
          const settings = { ...hello.settings, language: 'zh-Hant' as const };
          return {
            ...{ ...hello, device },
            settings: { ...settings, export: { ...settings.export, size } },
          };
        },
      },
      async (page, host) => {
        const english = () =>
          page.evaluate(
            (names) => {
              const said = ['aria-label', 'title', 'aria-valuetext', 'aria-roledescription'].flatMap((name) =>
                [...document.querySelectorAll(`[${name}]`)].map((element) => element.getAttribute(name)!),
              );
              const text = names.reduce(
                (all, name) => all.replaceAll(name, ''),
                [document.body.innerText, ...said].join('\n'),
              );
              // Names of things, of keys and of units are the same in every language, as are the template's fields.
              const same =
                /^(Fourfold|SRResNet|SRGAN|JPEG|PNG|WebP|TIFF|AVIF|GIF|CPU|GPU|CUDA|RTX|Core|ML|DirectML|English|AI|dpi|MiB|[kMG]B|MP|float|int|fp|Ctrl|Shift|Esc|Space|PageUp|PageDown|Delete)$/;
              const words = text.replace(/\{\w+\}/g, '').match(/[A-Za-z]{2,}/g) ?? [];
              return [...new Set(words)].filter((word) => !same.test(word));
            },
            [...photos.flatMap(({ name }) => [name.replace(/\.\w+$/, '-4x.jpg'), name]), 'linux'],
          );
        expect(await page.evaluate(() => document.documentElement.lang)).toBe('zh-Hant');
        const [photo] = photos as [Hello['photos'][number]];
        const problems = [
          { code: 'disk-full', sentence: 'The disk is too full for this.', params: { missing: 2.1e9 } },
          { code: 'memory-short', sentence: 'This needs 9.0 GB.', params: { needed: 9e9, free: 6e9 } },
        ] as const;
        const limit = { format: 'WebP', limit: 16_383, edge: 24_000, formats: 'PNG, TIFF' };
        const problem = { code: 'format-limit', sentence: 'The picture is too large.', params: limit } as const;
        host.answers['export.estimate'] = () => estimateOf(photo, { problems, formats: [{ format: 'webp', problem }] });
        await page.locator('.panel summary').first().click();
        await page.locator('[data-photo=p2]').click();
        const panel = page.locator('.panel');
        await expect.poll(() => panel.textContent()).toContain('請釋出 2.1 GB');
        const words = await panel.textContent();
        expect(words).not.toContain('佇列');
        expect(words).toContain('這需要 9.0 GB 記憶體；可用 6.0 GB');
        expect(words).toContain('WebP 最多 16,383 像素，這張會是 24,000');
        expect(words).toContain('PNG、TIFF');
        expect(await english()).toEqual([]);
        await page.screenshot({ path: join(artefacts, 'screens', 'chinese.png') });

        await page.locator('[data-device]').click();
        await page.getByRole('dialog').waitFor();
        expect(await english()).toEqual([]);
        await page.keyboard.press('Escape');
        await page.getByRole('button', { name: '設定', exact: true }).click();
        await page.getByRole('dialog').locator('summary').click();
        expect(await english()).toEqual([]);
        await page.keyboard.press('Escape');
        await page.keyboard.press('F1');
        await page.getByRole('dialog').waitFor();
        expect(await english()).toEqual([]);
        await page.keyboard.press('Escape');
        await page.getByRole('radio', { name: '相簿' }).click();
        await page.locator('[data-failures]').waitFor();
        expect(await english()).toEqual([]);
      },
    ));

  test('in forced colours what moves and what is chosen can be told from what it lies on', () =>
    onScreen(
      {
        ...SCREENS[1]!,
        name: 'forced',
        hello: (all) => helloOf(all, { jobs: jobsOf(all), album: albumOf(jobsOf(all), 'running') }),
      },
      async (page) => {
        await page.emulateMedia({ forcedColors: 'active' });
        await page.getByRole('radio', { name: 'Photo' }).click();
        await page.screenshot({ path: join(artefacts, 'screens', 'forced-photo.png') });
        /** How many colours are on a row of pixels through the middle of an element, in the picture of the screen. */
        const coloursAcross = async (selector: string, from = 0, to = 1) => {
          const element = page.locator(selector).first();
          const box = (await element.boundingBox())!;
          const clip = { x: box.x + box.width * from, y: box.y, width: box.width * (to - from), height: box.height };
          const { data, info } = await sharp(await page.screenshot({ clip }))
            .removeAlpha()
            .raw()
            .toBuffer({ resolveWithObject: true });
          const middle = Math.floor(info.height / 2) * info.width * 3;
          const row = Array.from({ length: info.width }, (_, x) =>
            data.subarray(middle + x * 3, middle + x * 3 + 3).join(),
          );
          return new Set(row).size;
        };
        // The split's rail beside its thumb: what is on screen is not what is there without it.
        const rail = page.locator('.rail');
        const box = (await rail.boundingBox())!;
        const clip = { ...box, width: box.width / 4 };
        const shown = await page.screenshot({ clip });
        await rail.evaluate((element) => element.setAttribute('hidden', ''));
        expect(shown.equals(await page.screenshot({ clip }))).toBe(false);
        await rail.evaluate((element) => element.removeAttribute('hidden'));
        // The arrow of a select: its last pixels before the border are not all the same.
        expect(await coloursAcross('.zoom', 0.75, 0.97)).toBeGreaterThan(1);
        await page.getByRole('radio', { name: 'Album' }).click();
        await page.locator('[data-state=running] progress').waitFor();
        await page.screenshot({ path: join(artefacts, 'screens', 'forced-album.png') });
        for (const bar of ['main > progress', '[data-state=running] progress'])
          expect(await coloursAcross(bar), bar).toBeGreaterThan(1);
      },
    ));

  test('what surrounds a photo follows the theme of the system at once', () =>
    onScreen({ ...SCREENS[0]!, name: 'theme', hello: (all) => helloOf(all) }, async (page) => {
      const surround = () =>
        page.evaluate(() => {
          const canvas = document.querySelector<HTMLCanvasElement>('[role=application] canvas')!;
          return [...canvas.getContext('2d')!.getImageData(canvas.width - 2, canvas.height / 2, 1, 1).data];
        });
      await expect.poll(surround).toEqual([0x30, 0x30, 0x30, 255]);
      await page.emulateMedia({ colorScheme: 'light' });
      await expect.poll(surround).toEqual([0xc4, 0xc4, 0xc4, 255]);
    }));

  test('40: with reduced motion nothing moves by itself', () =>
    onScreen(SCREENS[1]!, async (page) => {
      // A button under the pointer changes its colour; counted is what begins to run from there on.
      const startedByHover = async (reducedMotion: 'reduce' | 'no-preference') => {
        await page.emulateMedia({ reducedMotion });
        await page.mouse.move(640, 400);
        await page.waitForTimeout(400);
        const started = await page.evaluateHandle(() => {
          const runs: string[] = [];
          for (const type of ['transitionrun', 'animationstart'])
            document.addEventListener(type, (event) => runs.push(`${type} ${(event.target as Element).className}`));
          return runs;
        });
        await page.getByRole('button', { name: 'Open', exact: true }).first().hover();
        await page.waitForTimeout(400);
        return started.jsonValue();
      };
      expect(await startedByHover('no-preference')).toHaveLength(1);
      expect(await startedByHover('reduce')).toEqual([]);
    }));
});
