import { describe, expect, test } from 'vitest';
import { LANGUAGES, languageFor } from '../../renderer/i18n/languages.ts';
import { actionFor, BINDINGS, type KeyPress, keysOf, usedBy } from '../../renderer/keyboard/shortcuts.ts';

const press = (key: string, more: Partial<KeyPress> = {}): KeyPress => ({
  ...{ key, code: '', ctrlKey: false, metaKey: false, altKey: false, shiftKey: false },
  ...more,
});
const here = { inViewer: true, characterKeys: true, mac: false, overrides: {} };

describe('what a key means', () => {
  test('letters go by their label, punctuation by its place', () => {
    expect(actionFor(press('v'), here)).toBe('single');
    expect(actionFor(press('V', { shiftKey: true }), here)).toBeUndefined();
    expect(actionFor(press('ö', { code: 'BracketLeft' }), here)).toBe('splitLess');
    expect(actionFor(press('<', { code: 'Comma', shiftKey: true }), here)).toBe('blendLessCoarse');
  });

  test('plus is plus, with or without Shift', () => {
    expect(actionFor(press('+', { shiftKey: true, code: 'Equal' }), here)).toBe('zoomIn');
    expect(actionFor(press('+', { code: 'NumpadAdd' }), here)).toBe('zoomIn');
  });

  test('single keys act only where they may; Ctrl keys everywhere', () => {
    const elsewhere = { ...here, inViewer: false };
    expect(actionFor(press('v'), elsewhere)).toBeUndefined();
    expect(actionFor(press('e', { ctrlKey: true }), elsewhere)).toBe('export');
    expect(actionFor(press('e', { ctrlKey: true, shiftKey: true }), elsewhere)).toBe('exportAlbum');
    expect(actionFor(press('F6', { shiftKey: true }), elsewhere)).toBe('previousRegion');
  });

  test('on a Mac Cmd is Ctrl, and Ctrl is nothing of ours', () => {
    const mac = { ...here, mac: true };
    expect(actionFor(press('z', { metaKey: true }), mac)).toBe('undo');
    expect(actionFor(press('z', { ctrlKey: true }), mac)).toBeUndefined();
  });

  test('a remapped action has its new key only', () => {
    const remapped = { ...here, overrides: { loupe: 'k' } };
    expect(actionFor(press('k'), remapped)).toBe('loupe');
    expect(actionFor(press('l'), remapped)).toBeUndefined();
    expect(keysOf('loupe', remapped.overrides, false)).toBe('K');
  });

  test('switched off, keys that type a character mean nothing; the others go on', () => {
    const off = { ...here, characterKeys: false };
    for (const key of ['v', '1', '+']) expect(actionFor(press(key), off), key).toBeUndefined();
    expect(actionFor(press(',', { code: 'Comma' }), off)).toBeUndefined();
    expect(actionFor(press('ArrowLeft'), off)).toBe('panLeft');
    expect(actionFor(press('PageDown'), off)).toBe('nextPhoto');
    expect(actionFor(press(' '), off)).toBe('toggleFit');
    expect(actionFor(press('e', { ctrlKey: true }), off)).toBe('export');
  });

  test('Escape means something wherever the focus is', () => {
    expect(actionFor(press('Escape'), { ...here, inViewer: false, characterKeys: false })).toBe('escape');
  });

  test('where text is written its own undo comes first', () => {
    const writing = { ...here, inViewer: false, inText: true };
    expect(actionFor(press('z', { ctrlKey: true }), writing)).toBeUndefined();
    expect(actionFor(press('Z', { ctrlKey: true, shiftKey: true }), writing)).toBeUndefined();
    expect(actionFor(press('e', { ctrlKey: true }), writing)).toBe('export');
  });

  test('a key in use says by what, one that is free or its own does not', () => {
    expect(usedBy(press('v'), 'loupe', {})).toBe('single');
    expect(usedBy(press('V', { shiftKey: true }), 'loupe', {})).toBe('single');
    expect(usedBy(press(',', { code: 'Comma' }), 'loupe', {})).toBe('blendLess');
    expect(usedBy(press('k'), 'loupe', {})).toBeUndefined();
    expect(usedBy(press('k'), 'loupe', { fit: 'k' })).toBe('fit');
    expect(usedBy(press('l'), 'loupe', {})).toBeUndefined();
    expect(usedBy(press('l'), 'loupe', { loupe: 'k' })).toBeUndefined();
    expect(usedBy(press('v'), 'loupe', { single: 'k' })).toBeUndefined();
  });

  test('no two actions share a key', () => {
    const keys = BINDINGS.map(({ key, code, ctrl, shift }) => `${ctrl ?? false}|${shift ?? false}|${key ?? code}`);
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe('the languages', () => {
  test('the system decides, English where we have nothing', () => {
    expect(languageFor(['zh-TW', 'en'])).toBe('zh-Hant');
    expect(languageFor(['de', 'en-GB'])).toBe('en');
    expect(languageFor([])).toBe('en');
  });

  test('every sentence exists in both, and says something', () => {
    const walk = (one: object, other: object, path: string): void => {
      for (const [key, value] of Object.entries(one)) {
        const twin = (other as Record<string, unknown>)[key];
        expect(typeof twin, `${path}${key}`).toBe(typeof value);
        if (typeof value === 'string') expect((twin as string).length, `${path}${key}`).toBeGreaterThan(0);
        if (value && typeof value === 'object') walk(value, twin as object, `${path}${key}.`);
      }
    };
    walk(LANGUAGES.en, LANGUAGES['zh-Hant'], '');
  });
});
