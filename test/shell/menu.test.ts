import type { MenuItemConstructorOptions } from 'electron';
import { describe, expect, test, vi } from 'vitest';
import { menuTemplate } from '../../electron/shell/menu.ts';
import { wordsFor } from '../../electron/shell/words.ts';
import { BINDINGS } from '../../renderer/keyboard/shortcuts.ts';

const command = vi.fn();
const template = (platform: NodeJS.Platform, language: 'en' | 'zh-Hant' = 'en', packaged = true) =>
  menuTemplate({
    words: wordsFor(language, 'en'),
    platform,
    packaged,
    command,
    clearRecent: vi.fn(),
    showLicences: vi.fn(),
  });
const items = (menu: MenuItemConstructorOptions[]): MenuItemConstructorOptions[] =>
  menu.flatMap((item) => [item, ...(Array.isArray(item.submenu) ? items(item.submenu) : [])]);

describe.each(['win32', 'linux', 'darwin'] as const)('on %s', (platform) => {
  test('every command is an action the page knows', () => {
    command.mockClear();
    for (const item of items(template(platform)))
      if (item.click && !item.role) item.click({} as never, undefined, {} as never);
    const known = new Set<string>(BINDINGS.map(({ action }) => action));
    const sent = command.mock.calls.map(([name]) => name);
    expect(sent.length).toBeGreaterThan(10);
    expect(sent.filter((name) => !known.has(name))).toEqual([]);
  });

  test('keys the page binds itself are shown, not taken from it', () => {
    const taken = items(template(platform)).filter((item) => item.accelerator && item.registerAccelerator !== false);
    expect(taken).toEqual([]);
  });

  test('nothing in it may reload or open the developer tools once installed', () => {
    const roles = (packaged: boolean) => items(template(platform, 'en', packaged)).map(({ role }) => role);
    expect(roles(true)).not.toContain('toggleDevTools');
    expect(roles(true)).not.toContain('reload');
    expect(roles(false)).toContain('toggleDevTools');
  });

  test('says everything in the other language', () => {
    const labels = (language: 'en' | 'zh-Hant') => items(template(platform, language)).map(({ label }) => label);
    const english = labels('en').filter((label) => label && label !== 'Fourfold' && label !== '100 %');
    expect(labels('zh-Hant').filter((label) => label && english.includes(label))).toEqual([]);
  });

  test('quits, and copies in fields', () => {
    const roles = items(template(platform)).map(({ role }) => role);
    for (const role of ['quit', 'cut', 'copy', 'paste', 'selectAll', 'about']) expect(roles).toContain(role);
  });
});

test('a Mac shows no underscored letters', () => {
  expect(items(template('darwin', 'zh-Hant')).filter(({ label }) => label?.includes('&'))).toEqual([]);
});

test.each([
  ['system', 'zh-TW', '檔案(&F)'],
  ['system', 'zh-Hant-HK', '檔案(&F)'],
  ['system', 'de-DE', '&File'],
  ['system', '', '&File'],
  ['zh-Hant', 'de-DE', '檔案(&F)'],
  ['en', 'zh-TW', '&File'],
] as const)('%s on a system in %s says %s', (language, locale, file) =>
  expect(wordsFor(language, locale).file).toBe(file),
);
