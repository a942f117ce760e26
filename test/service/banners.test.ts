import { expect, test } from 'vitest';
import { Banners } from '../../electron/service/banners.ts';

const full = { code: 'disk-full', sentence: 'The disk is full.', path: '/home/ada/photos/a.jpg' } as const;

function toldBanners() {
  const told: string[][] = [];
  const banners = new Banners((list) => told.push(list.map(({ error }) => error.sentence)));
  return { banners, told };
}

test('a lasting error is shown once, however often it is told; put away, it stays away until the state fails anew', () => {
  const { banners, told } = toldBanners();
  banners.follow('album', full, ['resume']);
  banners.follow('album', full, ['resume']);
  banners.set('album', undefined);
  banners.follow('album', full, ['resume']);
  expect(told).toEqual([[full.sentence], []]);
  banners.follow('album', { ...full }, ['resume']);
  banners.follow('album', undefined);
  expect(told.slice(2)).toEqual([[full.sentence], []]);
  banners.follow('album', full, ['resume']);
  expect(told.at(-1)).toEqual([full.sentence]);
});

test('what is told once comes again after it was put away, and says the name of a file, never its folder', () => {
  const { banners, told } = toldBanners();
  banners.set('engine', full, ['retry']);
  banners.set('engine', full, ['retry']);
  expect(told).toHaveLength(1);
  banners.set('engine', undefined);
  banners.set('engine', full, ['retry']);
  expect(banners.list).toEqual([{ id: 'engine', error: { ...full, path: 'a.jpg' }, actions: ['retry'] }]);
});
