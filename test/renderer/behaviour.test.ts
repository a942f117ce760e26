import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Album, Hello, Job, Photo } from '../../electron/contract.ts';
import { openChromium, withoutBrowser } from '../e2e/chromium.ts';
import { artefacts } from '../e2e/real-host.ts';
import { type OpenScreen, onScreen, readPhotos } from './open-screen.ts';
import type { ScriptedHost, ScriptedPicture } from './scripted-host.ts';
import { albumOf, estimateOf, helloOf, jobOf, openedOf } from './scripted-state.ts';

describe.skipIf(withoutBrowser)('what the page does', { timeout: 120_000 }, () => {
  let browser: Browser;
  let photos: Hello['photos'];
  let pictures: ReadonlyMap<string, ScriptedPicture>;

  beforeAll(async () => {
    ({ photos, pictures } = await readPhotos(['chelsea.png', 'coffee.png']));
    browser = await openChromium();
  });
  afterAll(() => browser?.close());

  const open = (
    more: Partial<Hello>,
    work: (page: Page, host: ScriptedHost) => Promise<void>,
    screen: Partial<OpenScreen> = {},
  ) => onScreen(browser, { hello: helloOf(photos, more), pictures, ...screen }, work);
  const asked = (host: ScriptedHost, method: string) =>
    host.requests.filter((each) => each.method === method).map((each) => each.params);

  test('Retry after a lost device chooses it anew, and each failure is announced', () => {
    const lost = { code: 'device-lost', sentence: 'The graphics device stopped.' } as const;
    return open({ banners: [{ id: 'device', error: lost, actions: ['retry'] }] }, async (page, host) => {
      const alert = page.locator('[data-alert]');
      host.answers['device.choose'] = () => helloOf([]).device;
      await expect.poll(() => alert.textContent()).toContain('stopped');
      await page.getByRole('button', { name: 'Retry' }).click();
      await expect.poll(() => asked(host, 'device.choose')).toEqual([{ device: 'auto', precision: 'auto' }]);
      const memory = { code: 'device-memory', sentence: 'The graphics memory ran out.' } as const;
      host.emit('banners', [{ id: 'device', error: memory, actions: [] }]);
      await expect.poll(() => alert.textContent()).toContain('memory');
    });
  });

  test('the recovery offer says whether the last run ended in order', async () => {
    const offer = (inOrder: boolean, words: string) =>
      open({ recovery: { inOrder, done: 37, total: 120, startedMs: 0, rows: [] } }, (page) =>
        expect.poll(() => page.locator('body').textContent()).toContain(words),
      );
    await offer(false, 'Fourfold closed unexpectedly. 37 of 120');
    await offer(true, 'The album was paused when Fourfold was closed. 37 of 120');
  });

  test('a folder dialog cancelled leaves the old choice, and a chosen folder can be changed', () => {
    const capabilities = { ...helloOf([]).capabilities, edition: 'electron', dialogs: true, beside: true } as const;
    return open({ capabilities }, async (page, host) => {
      const select = page.getByLabel('Save to');
      const dialogs = host.answers as unknown as Record<string, () => unknown>;
      dialogs['shell.chooseFolder'] = () => ({ grant: null });
      await select.selectOption('folder');
      await expect.poll(() => select.inputValue()).toBe('host');
      dialogs['shell.chooseFolder'] = () => ({ grant: { id: 'g', name: 'Prints', kind: 'folder' } });
      await select.selectOption('folder');
      await expect.poll(() => select.locator('option:checked').textContent()).toBe('Prints');
      dialogs['shell.chooseFolder'] = () => ({ grant: { id: 'h', name: 'Wall', kind: 'folder' } });
      await page.getByRole('button', { name: 'Choose folder' }).click();
      await expect.poll(() => select.locator('option:checked').textContent()).toBe('Wall');
    });
  });

  test('the ends of a view, an album and an export are told on every screen', () => {
    const jobs = [jobOf(photos[0]!, 'running')];
    return open({ jobs, album: albumOf(jobs, 'running') }, async (page, host) => {
      const said = page.locator('[data-announcer]');
      const viewer = page.locator('[role=application]');
      await viewer.press('1');
      await expect.poll(() => said.textContent(), { timeout: 20_000 }).toContain('All of this view');
      const done = [jobOf(photos[0]!, 'done')];
      host.emit('album.changed', { album: albumOf(done, 'idle'), jobs: done });
      await expect.poll(() => said.textContent(), { timeout: 20_000 }).toContain('Album finished: 1 done');
      // Another view that becomes complete is told of again: another photo's, since of this one all tiles are there already.
      await viewer.press('PageDown');
      await expect.poll(() => said.textContent(), { timeout: 20_000 }).toContain('All of this view');
    });
  });

  test('in a narrow window an export and its end are seen though the panel is closed', () =>
    open(
      {},
      async (page, host) => {
        await expect.poll(() => asked(host, 'export.estimate').length).toBeGreaterThan(0);
        const job = jobOf(photos[0]!, 'running', { id: 'e', progress: 0.4 });
        host.emit('export.changed', job);
        const status = page.getByRole('status');
        await expect.poll(() => status.textContent()).toContain('Exporting, 40 %');
        const file = { id: 'f', name: 'chelsea-4x.jpg', bytes: 1, download: '/download/f' };
        host.emit('export.changed', { ...job, state: 'done', progress: 1, file });
        await expect.poll(() => status.textContent()).toContain('Saved chelsea-4x.jpg');
        expect(await status.getByRole('link', { name: 'Download' }).getAttribute('href')).toBe('/download/f');
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
        await page.screenshot({ path: join(artefacts, 'screens', 'narrow-export.png') });
        await status.getByRole('button', { name: 'Dismiss' }).click();
        await expect.poll(() => asked(host, 'export.dismiss')).toEqual([{ job: 'e' }]);
      },
      { size: { width: 800, height: 600 } },
    ));

  test('the failures can be copied, and where the clipboard is refused that is said', () => {
    const error = { code: 'truncated', sentence: 'This photo is cut short.' } as const;
    const jobs = photos.map((photo) => jobOf(photo, 'failed', { error }));
    return open({ jobs, album: albumOf(jobs, 'idle') }, async (page, host) => {
      await page.getByRole('radio', { name: 'Album' }).click();
      const failures = page.locator('[data-failures]');
      await page.evaluate(() => {
        const write = async (text: string) => {
          if (!document.documentElement.dataset.copied) {
            document.documentElement.dataset.copied = 'refused once';
            throw new DOMException('no', 'NotAllowedError');
          }
          document.documentElement.dataset.copied = text;
        };
        Object.defineProperty(navigator, 'clipboard', { value: { writeText: write } });
      });
      await failures.getByRole('button', { name: 'Copy list' }).click();
      await expect.poll(() => failures.getByRole('alert').textContent()).toContain('could not be copied');
      await failures.getByRole('button', { name: 'Copy list' }).click();
      // Polite words come at most every five seconds.
      const said = page.locator('[data-announcer]');
      await expect.poll(() => said.textContent(), { timeout: 20_000 }).toContain('2 failures copied');
      expect(await failures.getByRole('alert').count()).toBe(0);
      await failures.getByRole('button', { name: 'Retry coffee.png' }).click();
      await expect.poll(() => asked(host, 'album.retry')).toEqual([{ jobs: ['job-p1'] }]);
    });
  });

  test('an empty name is said to be empty, and that files are replaced is seen with the options closed', () =>
    open({}, async (page, host) => {
      const options = page.getByText('More options');
      await options.click();
      const name = page.getByLabel('Name', { exact: true });
      await name.fill('');
      expect(await name.getAttribute('aria-invalid')).toBe('true');
      expect(await page.locator('[data-export]').isDisabled()).toBe(true);
      await expect.poll(() => page.locator('.panel').textContent()).toContain('The name is empty');
      await name.fill('{name}-big');
      expect(await page.locator('[data-export]').isDisabled()).toBe(false);
      await page.getByLabel('If the name exists').selectOption('overwrite');
      await options.click();
      expect(await page.locator('[data-replaces]').isVisible()).toBe(true);
      await expect
        .poll(() => asked(host, 'settings.set').at(-1))
        .toMatchObject({ export: { template: '{name}-big', ifExists: 'overwrite' } });
    }));

  test('recent files that the menu cleared are gone', () =>
    onScreen(browser, { hello: helloOf([]), pictures }, async (page, host) => {
      const recent = page.getByRole('button', { name: 'DSC_0421.jpg' });
      await recent.waitFor();
      host.emit('recent.changed', []);
      await expect.poll(() => recent.count()).toBe(0);
    }));

  test('a drag that appears over the heading and goes again leaves the empty screen as it was', () =>
    onScreen(browser, { hello: helloOf([]), pictures }, async (page) => {
      const heading = page.getByRole('heading', { level: 1 });
      const open = page.locator('[data-drop]').getByRole('button', { name: 'Open photos' });
      await heading.waitFor();
      // The order in which Chromium sends them; to an element that is gone it sends none.
      await page.evaluate(() => {
        const [words, area] = [document.querySelector('h1')!, document.querySelector('[data-drop]')!];
        const send = (type: string, to: Element, relatedTarget: Element | null) =>
          to.isConnected && to.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, relatedTarget }));
        Object.assign(window, {
          drag: {
            appear: () => send('dragenter', words, null),
            cross: () => [send('dragenter', area, words), send('dragleave', words, area)],
            leave: (by: 'words' | 'area') => send('dragleave', by === 'words' ? words : area, null),
          },
        });
      });
      const drag = (script: string) => page.evaluate(`window.drag.${script}`);
      for (const by of ['words', 'area']) {
        await drag('appear()');
        await expect.poll(() => heading.textContent()).toBe('Let go to open');
        expect(await open.isVisible()).toBe(false);
        if (by === 'area') await drag('cross()');
        await drag(`leave('${by}')`);
        await expect.poll(() => heading.textContent()).toBe('Drop photos or a folder');
        expect(await open.isVisible()).toBe(true);
      }
    }));

  test('a number typed into the blend is what Ctrl+E exports, and the field keeps the focus', () =>
    open({}, async (page, host) => {
      host.answers['export.start'] = () => jobOf(photos[0]!, 'running');
      const field = page.getByRole('spinbutton', { name: 'Blend, 0 to 100' });
      await field.fill('37');
      await field.press('Control+e');
      const order = () =>
        host.requests.map(({ method }) => method).filter((each) => /^(blend.set|export.start)$/.test(each));
      await expect.poll(order).toEqual(['blend.set', 'export.start']);
      expect(asked(host, 'blend.set')).toEqual([{ photos: ['p0'], value: 37 }]);
      expect(await field.evaluate((element) => element === document.activeElement)).toBe(true);
    }));

  test('Delete in the filmstrip leaves the focus on a neighbour, and on the empty screen at last', () =>
    open({}, async (page, host) => {
      const focused = () =>
        page.evaluate(() => {
          const { dataset } = document.activeElement as HTMLElement;
          return dataset.photo ?? dataset.region;
        });
      await page.locator('[data-photo=p0]').click();
      await page.locator('[data-photo=p0]').press('Delete');
      await expect.poll(focused).toBe('p1');
      await page.keyboard.press('Delete');
      await expect.poll(focused).toBe('viewer');
      expect(asked(host, 'photos.close')).toEqual([{ photos: ['p0'] }, { photos: ['p1'] }]);
    }));

  test('the focus is never lost with the element that had it', () => {
    const cut = { code: 'truncated', sentence: 'This photo is cut short.' } as const;
    const lost = { code: 'device-lost', sentence: 'The graphics device stopped.' } as const;
    const [first, second] = photos as [Photo, Photo];
    const running = [jobOf(first, 'running'), jobOf(second, 'failed', { error: cut })];
    const banners = ['one', 'two'].map((id) => ({ id, error: { ...lost, sentence: `Lost, ${id}.` }, actions: [] }));
    return open({ jobs: running, album: albumOf(running, 'running'), banners }, async (page, host) => {
      const focused = () =>
        page.evaluate(() => {
          const element = document.activeElement!;
          return element.getAttribute('aria-label') ?? element.textContent?.trim();
        });
      const becomes = (words: string) => expect.poll(focused).toContain(words);
      const tell = (state: Album['state'], jobs: Job[]) =>
        host.emit('album.changed', { album: albumOf(jobs, state), jobs });

      // A banner put away: the next one, then the photo.
      const dismiss = page.getByRole('button', { name: 'Dismiss' });
      await dismiss.first().press('Enter');
      await expect.poll(() => dismiss.count()).toBe(1);
      await becomes('Dismiss');
      await page.keyboard.press('Enter');
      await becomes('chelsea.png, Split');

      const status = page.getByRole('status');
      await status.getByRole('button', { name: 'Pause' }).focus();
      tell('paused', running);
      await becomes('Resume');

      await page.getByRole('radio', { name: 'Album' }).click();
      const album = page.getByRole('main');
      await album.getByRole('button', { name: 'Resume' }).focus();
      tell('running', running);
      await becomes('Pause');
      tell('idle', running);
      await becomes('Export album');

      // Of a row: its next button, however its state changes.
      await page.getByRole('button', { name: 'Cancel chelsea.png' }).focus();
      tell('running', [jobOf(first, 'cancelled'), running[1]!]);
      await becomes('Retry chelsea.png');
      tell('running', [jobOf(first, 'done'), running[1]!]);
      await becomes('View chelsea.png');

      // Of the failures: the next, then the album itself.
      const failed = [jobOf(first, 'failed', { error: cut }), running[1]!];
      tell('idle', failed);
      await page.locator('[data-failures]').getByRole('button', { name: 'Retry chelsea.png' }).focus();
      tell('running', [jobOf(first, 'waiting'), running[1]!]);
      await expect
        .poll(() => page.evaluate(() => document.activeElement?.closest('[data-failures]') !== null))
        .toBe(true);
      await becomes('Retry coffee.png');
      tell('running', [jobOf(second, 'waiting')]);
      await becomes('Album');
    });
  });

  test('the focus goes from the empty screen to the photo that was opened', () =>
    onScreen(browser, { hello: helloOf([]), pictures }, async (page, host) => {
      await page.locator('[data-drop]').getByRole('button', { name: 'Open photos' }).focus();
      host.answers['photo.show'] = ({ photo }) => openedOf(photos.find(({ id }) => id === photo)!);
      host.emit('photo.changed', photos[0]!);
      await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('application');
    }));

  test('what is pressed and cannot be pressed again keeps the focus', () =>
    open({}, async (page, host) => {
      const isFocused = (name: string) =>
        page.getByRole('button', { name, exact: true }).evaluate((button) => document.activeElement === button);
      host.answers['export.start'] = () => jobOf(photos[0]!, 'running', { id: 'e' });
      await page.getByRole('button', { name: 'Export', exact: true }).press('Enter');
      await page.getByRole('progressbar').waitFor();
      expect(await isFocused('Export')).toBe(true);
      await page.keyboard.press('Enter');
      expect(asked(host, 'export.start')).toHaveLength(1);
      await page.locator('[data-photo=p1]').click();
      await page.getByRole('button', { name: 'Use album value' }).press('Enter');
      await expect.poll(() => page.locator('[data-origin]').textContent()).toContain('Album');
      expect(await isFocused('Use album value')).toBe(true);
    }));

  test('a photo is taken off the list with a button, and the selection too', () =>
    open({}, async (page, host) => {
      const remove = page.getByRole('navigation').getByRole('button', { name: 'Remove' });
      const rest = () => page.locator('[data-photo]').count();
      await page.locator('[data-photo=p0]').click();
      await remove.press('Enter');
      await expect.poll(rest).toBe(1);
      expect(await remove.evaluate((button) => document.activeElement === button)).toBe(true);
      expect(asked(host, 'photos.close')).toEqual([{ photos: ['p0'] }]);
      await page.keyboard.press('F1');
      const keys = page.getByRole('dialog').locator('dl > div');
      expect(await keys.filter({ hasText: 'Remove' }).textContent()).toContain('Delete');
      expect(await keys.filter({ hasText: 'Select all' }).textContent()).toContain('Ctrl+A');
    }));

  test('a refusal is said, as often as it comes, and nothing is shown that was refused', () => {
    const jobs = [jobOf(photos[0]!, 'running')];
    return open({ jobs, album: albumOf(jobs, 'running') }, async (page, host) => {
      const refusing = host.answers as Record<string, () => never>;
      const refuse = (method: string, sentence: string) => {
        refusing[method] = () => {
          throw { code: 'wrong-use', sentence };
        };
      };
      for (const method of ['album.pause', 'blend.set', 'export.cancel']) refuse(method, `No ${method}.`);
      await page.evaluate(() => {
        const alert = document.querySelector<HTMLElement>('[data-alert]')!;
        const said: (string | null)[] = [];
        new MutationObserver(() => alert.textContent && said.push(alert.textContent)).observe(alert, {
          ...{ childList: true, subtree: true, characterData: true },
        });
        Object.assign(window, { said });
      });
      const said = () => page.evaluate(() => (window as unknown as { said: string[] }).said);
      const pause = page.getByRole('status').getByRole('button', { name: 'Pause' });
      await pause.click();
      await expect.poll(said).toEqual(['No album.pause.']);
      await pause.click();
      await expect.poll(said).toEqual(['No album.pause.', 'No album.pause.']);

      const number = page.getByLabel('Blend, 0 to 100');
      await number.fill('70');
      await number.press('Enter');
      await expect.poll(async () => (await said()).at(-1)).toBe('No blend.set.');
      await expect.poll(() => number.inputValue()).toBe('50');
      expect(await page.locator('[data-origin]').textContent()).toContain('Album');
      await page.locator('[data-photo=p1]').click();
      await page.getByRole('button', { name: 'Use album value' }).click();
      await expect.poll(() => page.locator('[data-origin]').textContent()).toBe('Own');

      host.emit('export.changed', jobOf(photos[0]!, 'running', { id: 'e' }));
      await page.locator('[data-export-state]').getByRole('button', { name: 'Cancel' }).click();
      await expect.poll(async () => (await said()).at(-1)).toBe('No export.cancel.');
    });
  });

  test('a number that is not taken gives way to the one in force', () =>
    open({}, async (page) => {
      const shows = async (label: string, typed: string, then: string) => {
        const field = page.getByLabel(label);
        await field.fill(typed);
        await field.press('Enter');
        await expect.poll(() => field.inputValue()).toBe(then);
      };
      await shows('Blend, 0 to 100', '150', '100');
      await shows('Blend, 0 to 100', '150', '100');
      await shows('Album default', '50.4', '50');
      await page.getByLabel('Size').selectOption('long-edge');
      await shows('Long edge in pixels', '7', '16');
      await shows('Long edge in pixels', '7', '16');
      await page.getByRole('button', { name: 'Settings' }).click();
      await shows('Memory for pictures on screen', '10', '512');
      await shows('Disk for enhanced tiles', '-1', '4096');
      await shows('Blend for new photos', '101', '50');
    }));

  test('a dialog closes with a press beside it, not with a selection let go there', () =>
    open({}, async (page) => {
      await page.keyboard.press('F1');
      const dialog = page.getByRole('dialog');
      const box = (await dialog.boundingBox())!;
      await page.mouse.move(box.x + 60, box.y + 100);
      await page.mouse.down();
      await page.mouse.move(box.x - 20, box.y + 100);
      await page.mouse.up();
      await page.waitForTimeout(200);
      expect(await dialog.count()).toBe(1);
      await page.mouse.click(box.x - 20, box.y + 100);
      await expect.poll(() => dialog.count()).toBe(0);
    }));

  test('Before is for the first button alone, and ends with its key though Caps Lock is on', () => {
    const settings = { ...helloOf([]).settings, shortcuts: { before: 'k' } };
    return open({ settings }, async (page) => {
      const viewer = page.locator('[role=application]');
      const isBefore = () => viewer.getAttribute('data-before');
      const button = page.getByRole('button', { name: 'Before' });
      await button.click({ button: 'right' });
      expect(await isBefore()).toBe('false');
      await button.press('Enter');
      await expect.poll(isBefore).toBe('true');
      await button.press('Enter');
      await expect.poll(isBefore).toBe('false');
      // A touch that becomes a scroll has no click after it.
      await button.dispatchEvent('pointerdown', { button: 0, pointerId: 1 });
      await button.dispatchEvent('pointercancel', { button: 0, pointerId: 1 });
      const kept = await isBefore();
      await button.press('Enter');
      await expect.poll(isBefore).toBe(String(kept === 'false'));

      if ((await isBefore()) === 'true') await button.press('Enter');
      await viewer.focus();
      const key = (type: string) => viewer.dispatchEvent(type, { key: 'K', code: 'KeyK' });
      await key('keydown');
      await expect.poll(isBefore).toBe('true');
      await page.waitForTimeout(400);
      await key('keyup');
      await expect.poll(isBefore).toBe('false');
    });
  });

  test('an export that replaces is asked about once for a choice, and not done where the answer is no', () => {
    const { settings } = helloOf([]);
    const replacing = { ...settings, export: { ...settings.export, ifExists: 'overwrite' as const } };
    return open({ settings: replacing }, async (page, host) => {
      host.answers['export.start'] = () => jobOf(photos[0]!, 'done', { id: 'e' });
      host.answers['album.add'] = () => ({ jobs: [] });
      const started = () => asked(host, 'export.start').length;
      const dialog = page.getByRole('dialog');
      const exporting = page.locator('[data-export]');
      await exporting.press('Enter');
      await dialog.waitFor();
      const { violations } = await new AxeBuilder({ page }).include('dialog').analyze();
      expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
      await page.keyboard.press('Escape');
      await expect.poll(() => dialog.count()).toBe(0);
      await page.waitForTimeout(200);
      expect(started()).toBe(0);
      expect(await exporting.evaluate((button) => document.activeElement === button)).toBe(true);
      await page.keyboard.press('Enter');
      await dialog.getByRole('button', { name: 'Replace' }).click();
      await expect.poll(started).toBe(1);
      // Confirmed for this choice: neither the next photo nor the album asks.
      await exporting.click();
      await expect.poll(started).toBe(2);
      await page.locator('[data-export-album]').click();
      await expect.poll(() => asked(host, 'album.add').length).toBe(1);
      // Chosen anew it is another choice.
      await page.getByRole('radio', { name: 'Photo' }).click();
      await page.getByText('More options').click();
      await page.getByLabel('If the name exists').selectOption('rename');
      await page.getByLabel('If the name exists').selectOption('overwrite');
      await page.locator('[data-export-album]').click();
      await dialog.getByRole('button', { name: 'Cancel' }).click();
      await page.waitForTimeout(200);
      expect(asked(host, 'album.add')).toHaveLength(1);
    });
  });

  test('a result that looked wrong can be tried again on the processor', () => {
    const wrong = { code: 'result-wrong', sentence: 'The result looked wrong. Retry on CPU.' } as const;
    const device = { ...helloOf([]).device, kind: 'webgpu' as const, name: 'RTX' };
    return open({ device, banners: [{ id: 'device', error: wrong, actions: [] }] }, async (page, host) => {
      host.answers['device.choose'] = () => helloOf([]).device;
      const chosen = () => asked(host, 'device.choose');
      const retry = page.getByRole('button', { name: 'Retry on CPU' });
      await retry.click();
      await expect.poll(chosen).toEqual([{ device: 'cpu', precision: 'auto' }]);
      await expect.poll(() => retry.count()).toBe(0);

      await page.locator('[role=application]').press('1');
      await expect.poll(() => asked(host, 'view.set').length).toBeGreaterThan(0);
      await page.waitForTimeout(300);
      const { number } = asked(host, 'view.set').at(-1) as { number: number };
      host.emit('view', { photo: 'p0', number, done: 0, total: 4, seconds: null, error: wrong });
      const shown = asked(host, 'photo.show').length;
      await retry.click();
      await expect.poll(() => chosen().length).toBe(2);
      await expect.poll(() => asked(host, 'photo.show').length).toBe(shown + 1);

      host.answers['export.start'] = () => jobOf(photos[0]!, 'running', { id: 'f' });
      host.emit('export.changed', jobOf(photos[0]!, 'failed', { id: 'e', error: wrong }));
      await retry.click();
      await expect.poll(() => asked(host, 'export.start').length).toBe(1);
      expect(chosen()).toHaveLength(3);
    });
  });

  test('code and path of a failure are behind Details wherever it is told', () => {
    const full = { code: 'disk-full', sentence: 'The disk is full.', path: '/out', detail: 'ENOSPC' } as const;
    const lost = { code: 'device-lost', sentence: 'It stopped.', detail: 'DXGI_REMOVED' } as const;
    const gone = { code: 'source-missing', sentence: 'The photo has moved.', path: '/in/chelsea.png' } as const;
    const jobs = [jobOf(photos[0]!, 'waiting')];
    const device = { ...helloOf([]).device, state: 'warning' as const, error: lost };
    return open({ device, jobs, album: albumOf(jobs, 'paused', { pausedBy: full }) }, async (page, host) => {
      const tells = async (selector: string, ...words: string[]) => {
        const details = page.locator(`${selector} details`);
        await details.locator('summary').click();
        for (const word of words) await expect.poll(() => details.textContent()).toContain(word);
      };
      const refusing = host.answers as Record<string, () => never>;
      refusing['photo.show'] = () => {
        throw gone;
      };
      refusing['export.start'] = () => {
        throw full;
      };
      await page.locator('[data-photo=p1]').click();
      await tells('.viewer [role=alert]', 'source-missing', '/in/chelsea.png');
      await page.locator('[data-export]').click();
      await tells('.panel [role=alert]', 'disk-full', '/out', 'ENOSPC');
      await page.getByRole('radio', { name: 'Album' }).click();
      await tells('[data-paused-by]', 'disk-full', '/out');
      await page.locator('[data-device]').click();
      await tells('dialog .problem', 'device-lost', 'DXGI_REMOVED');
    });
  });

  test('a failed photo can be shown in its folder where the edition can do that', () => {
    const error = { code: 'truncated', sentence: 'This photo is cut short.' } as const;
    const jobs = [jobOf(photos[0]!, 'failed', { error }), jobOf({ ...photos[1]!, id: 'closed' }, 'failed', { error })];
    const capabilities = { ...helloOf([]).capabilities, showFile: true };
    return open({ jobs, album: albumOf(jobs, 'idle'), capabilities }, async (page, host) => {
      await page.getByRole('radio', { name: 'Album' }).click();
      const failures = page.locator('[data-failures]');
      await failures.getByRole('button', { name: 'Show chelsea.png' }).click();
      await expect.poll(() => asked(host, 'shell.showFile')).toEqual([{ file: 'p0' }]);
      // The service knows no place of a photo that is closed.
      expect(await failures.getByRole('button', { name: 'Show coffee.png' }).count()).toBe(0);
    });
  });

  test('F6 goes through the regions and then on to the browser, and Shift+F6 begins with the last', () =>
    open({}, async (page) => {
      await page.evaluate(() => {
        addEventListener('keydown', (event) => {
          document.documentElement.dataset.taken = String(event.defaultPrevented);
        });
      });
      const go = async (key: string) => {
        await page.keyboard.press(key);
        return page.evaluate(() => [
          document.activeElement?.closest<HTMLElement>('[data-region]')?.dataset.region ?? 'none',
          document.documentElement.dataset.taken,
        ]);
      };
      expect(await go('Shift+F6')).toEqual(['filmstrip', 'true']);
      expect(await go('F6')).toEqual(['filmstrip', 'false']);
      await page.evaluate(() => (document.activeElement as HTMLElement).blur());
      for (const region of ['toolbar', 'viewer', 'panel', 'filmstrip'])
        expect(await go('F6')).toEqual([region, 'true']);
      for (const region of ['panel', 'viewer', 'toolbar']) expect(await go('Shift+F6')).toEqual([region, 'true']);
      expect(await go('Shift+F6')).toEqual(['toolbar', 'false']);
    }));

  test('a narrow pane says too that it is bicubic as yet', () =>
    open(
      {},
      async (page) => {
        await page.locator('[role=application]').press('1');
        const status = page.locator('[data-pane=blend] [data-pane-status]');
        await expect.poll(() => status.textContent()).toBe('Bicubic…');
        await expect.poll(() => status.getAttribute('title')).toBe('Bicubic, not enhanced yet');
        const [box, pane] = [await status.boundingBox(), await page.locator('[role=application]').boundingBox()];
        expect(box!.width).toBeGreaterThan(40);
        expect(box!.x + box!.width).toBeLessThanOrEqual(pane!.x + pane!.width);
        await page.screenshot({ path: join(artefacts, 'screens', 'narrow-pane.png') });
      },
      { asked: true, size: { width: 320, height: 640 } },
    ));

  test('side by side and four-way, the loupe opens where the pointer is, and stays there when it leaves', () =>
    open({}, async (page) => {
      const viewer = page.locator('[role=application]');
      const loupe = page.locator('[data-loupe]');
      const box = (await viewer.boundingBox())!;
      const middle = async () => {
        const { x, y, width, height } = (await loupe.boundingBox())!;
        return { x: Math.round(x + width / 2 - box.x), y: Math.round(y + height / 2 - box.y) };
      };
      await viewer.press('l');
      for (const [key, x, y] of [
        ['y', 700, 300],
        ['q', 250, 460],
      ] as const) {
        await viewer.press(key);
        await page.mouse.move(box.x + x, box.y + y);
        await expect.poll(middle).toEqual({ x, y });
        await page.mouse.move(box.x + box.width + 100, box.y + 100);
        await page.waitForTimeout(100);
        expect(await middle()).toEqual({ x, y });
      }
    }));

  test('Escape closes the loupe from the panel, Ctrl+Z in a field undoes the text, and a used key is refused', () =>
    open({}, async (page, host) => {
      await page.locator('[role=application]').press('l');
      await page.locator('[data-loupe]').waitFor();
      await page.getByText('More options').click();
      const name = page.getByLabel('Name', { exact: true });
      await name.press('x');
      await name.press('Control+z');
      await page.waitForTimeout(200);
      expect(asked(host, 'blend.undo')).toEqual([]);
      await name.press('Escape');
      await expect.poll(() => page.locator('[data-loupe]').count()).toBe(0);
      await page.getByRole('button', { name: 'Settings' }).click();
      await page.locator('dialog summary').click();
      const loupe = page.getByRole('button', { name: 'Change the key for Loupe' });
      await loupe.click();
      await loupe.press('v');
      await expect.poll(() => page.locator('dialog [role=alert]').textContent()).toContain('V is the key for “Single”');
      const { violations } = await new AxeBuilder({ page }).include('dialog').analyze();
      expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
      await loupe.click();
      await loupe.press('k');
      await expect.poll(() => asked(host, 'settings.set').at(-1)).toEqual({ shortcuts: { loupe: 'k' } });
    }));

  test('a skipped photo is read again by Retry, and shown once that succeeds', () => {
    const error = { code: 'source-unreadable', sentence: 'No permission to read this file.' } as const;
    const skipped = { ...photos[0]!, state: 'skipped', info: undefined, error } as const;
    return open({ photos: [skipped, photos[1]!] }, async (page, host) => {
      host.answers['view.set'] = ({ number }) => ({ number, total: 0, done: 0, seconds: null, started: true });
      host.answers['export.estimate'] = () => estimateOf(photos[0]!);
      await page.locator('[data-photo=p0]').click();
      const problem = page.locator('.problem');
      await expect.poll(() => problem.textContent()).toContain('No permission');
      host.answers['photo.show'] = () => {
        throw { ...error, sentence: 'Still no permission.' };
      };
      await problem.getByRole('button', { name: 'Retry' }).click();
      await expect.poll(() => problem.textContent()).toContain('Still no permission');
      host.answers['photo.show'] = () => {
        host.emit('photo.changed', photos[0]!);
        return openedOf(photos[0]!);
      };
      await problem.getByRole('button', { name: 'Retry' }).click();
      await page.locator('[role=application]:not([data-zoom=""])').waitFor();
      expect(await problem.count()).toBe(0);
    });
  });

  test('a photo that has moved can be located; one that is no picture is not tried again', () => {
    const lost = { code: 'source-missing', sentence: 'The photo has moved.' } as const;
    const text = { code: 'not-a-picture', sentence: 'This file is not a picture.' } as const;
    const skipped = (id: string, error: NonNullable<Photo['error']>, blend: number | null): Photo => ({
      ...photos[0]!,
      ...{ id, name: `${id}.jpg`, state: 'skipped', info: undefined, error, blend },
    });
    const capabilities = { ...helloOf([]).capabilities, edition: 'electron', dialogs: true } as const;
    const list = [skipped('moved', lost, 30), skipped('text', text, null)];
    return open({ photos: list, capabilities }, async (page, host) => {
      const buttons = page.locator('.problem').getByRole('button');
      await page.locator('[data-photo=text]').click();
      await expect.poll(() => page.locator('.problem').textContent()).toContain('not a picture');
      expect(await buttons.count()).toBe(0);
      await page.locator('[data-photo=moved]').click();
      await expect.poll(() => buttons.allTextContents()).toEqual(['Locate', 'Retry']);
      const dialogs = host.answers as unknown as Record<string, () => unknown>;
      dialogs['shell.openPhotos'] = () => ({ grants: [{ id: 'g', name: 'chelsea.png', kind: 'file' }] });
      host.answers['photos.open'] = () => ({ photos: [photos[0]!] });
      host.answers['photo.show'] = () => openedOf(photos[0]!);
      host.answers['view.set'] = ({ number }) => ({ number, total: 0, done: 0, seconds: null, started: true });
      host.answers['export.estimate'] = () => estimateOf(photos[0]!);
      host.answers['blend.set'] = () => null;
      await buttons.first().click();
      await page.locator('[role=application]:not([data-zoom=""])').waitFor();
      expect(asked(host, 'blend.set')).toEqual([{ photos: ['p0'], value: 30 }]);
      expect(asked(host, 'photos.close')).toEqual([{ photos: ['moved'] }]);
    });
  });
});
