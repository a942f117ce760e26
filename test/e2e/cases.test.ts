import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const VIEWER = 'viewer.test.ts';
const WORK = 'engine-work.test.ts';
const FILES = 'export-album.test.ts';
const PIXELS = 'pixels.test.ts';
const SCREENS = '../renderer/screens.test.ts';

/** The forty end-to-end cases of the specification and the file whose test, named by the number, shows each. */
const CASES: readonly (readonly [string, string])[] = [
  ['first start: drop area, Open button, device chip', VIEWER],
  ['three dropped photos: three options, the first selected', VIEWER],
  ['a folder with a text file: photos listed, one skipped', FILES],
  ['EXIF orientation 6 is upright', VIEWER],
  ['a P3 photo on an sRGB screen', VIEWER],
  ['12 MP at Fit: no tile request', VIEWER],
  ['100 %: every tile arrives', VIEWER],
  ['slow processor: Enhance this view', WORK],
  ['panning drops stale tiles', WORK],
  ['the centre tile is asked for first', WORK],
  ['the wheel keeps the pixel beneath', VIEWER],
  ['key 1: pixel-exact', VIEWER],
  ['double click: Fit and 100 % at the point', VIEWER],
  ['flat grey at 73 %', VIEWER],
  ['split at 30: left A, right B', VIEWER],
  ['split range: End', VIEWER],
  ['a click on the rail', VIEWER],
  ['another window size keeps the split', VIEWER],
  ['side by side pans together', VIEWER],
  ['four-way: labels, one centre', VIEWER],
  ['B held and tapped', VIEWER],
  ['loupe at Fit: its tiles only', WORK],
  ['blend drag over cached tiles', WORK],
  ['blend 0, 50, 100 equal the command line', PIXELS],
  ['album default: followers change, own values stay', WORK],
  ['blend 80: the warning', WORK],
  ['overlay: empty at 0, the share at 100', PIXELS],
  ['an export is four times as wide and what was seen', PIXELS],
  ['an export makes no kept tile again', WORK],
  ['an existing name gets a number', FILES],
  ['WebP over 16,383 px', FILES],
  ['a full disk pauses the queue', FILES],
  ['one broken file stops nothing', FILES],
  ['counts add up at every change', FILES],
  ['pause and resume', FILES],
  ['the host killed in the middle', FILES],
  ['a lost device', WORK],
  ['by keyboard alone', PIXELS],
  ['axe: themes, widths, right to left', SCREENS],
  ['reduced motion and strict policy', SCREENS],
];

/** The numbers a file's tests and groups are named by: `12:`, or `10 and 9:`. */
function numbersIn(file: string): Set<number> {
  const source = readFileSync(new URL(file, import.meta.url), 'utf8');
  const names = [...source.matchAll(/\b(?:test|describe[.\w()]*)\(\s*'(\d+(?: and \d+)*):/g)];
  return new Set(names.flatMap(([, numbers]) => numbers!.split(' and ').map(Number)));
}

test('each of the forty cases has its test', () => {
  expect(CASES).toHaveLength(40);
  const missing = CASES.flatMap(([words, file], index) =>
    numbersIn(file).has(index + 1) ? [] : [`${index + 1}: ${words} (${file})`],
  );
  expect(missing).toEqual([]);
});
