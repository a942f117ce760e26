import { expect, test } from 'vitest';
import { rowsInSight } from '../../renderer/components/rows-in-sight.ts';

test('a long list has the rows in sight and a few more', () => {
  const { from, to } = rowsInSight({ top: 26_000, height: 520, rowHeight: 52, count: 1000 });
  expect(from).toBeLessThanOrEqual(500);
  expect(to).toBeGreaterThanOrEqual(510);
  expect(to - from).toBeLessThan(40);
});

test('it never asks for rows that are not there', () => {
  expect(rowsInSight({ top: -300, height: 520, rowHeight: 52, count: 3 })).toEqual({ from: 0, to: 3 });
  expect(rowsInSight({ top: 90_000, height: 520, rowHeight: 52, count: 1000 })).toEqual({ from: 1000, to: 1000 });
  expect(rowsInSight({ top: 0, height: 0, rowHeight: 52, count: 0 })).toEqual({ from: 0, to: 0 });
});
