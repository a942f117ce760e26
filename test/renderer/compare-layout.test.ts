import { describe, expect, test } from 'vitest';
import { type CompareState, layoutPanes, paneSize } from '../../renderer/viewer/compare-layout.ts';

const canvas = { width: 1001, height: 601 };
const state: CompareState = {
  mode: 'split',
  a: 'bicubic',
  b: 'blend',
  direction: 'vertical',
  split: 30,
  before: false,
};

describe('the panes of a comparison', () => {
  test('a split lays both over one frame and cuts them without a seam', () => {
    const [a, b] = layoutPanes(state, canvas);
    expect(a!.frame).toEqual(b!.frame);
    expect(a!.clip.width + b!.clip.width).toBe(1001);
    expect(b!.clip.x).toBe(a!.clip.width);
  });

  test('at its ends only one is left', () => {
    expect(layoutPanes({ ...state, split: 100 }, canvas).map(({ side }) => side)).toEqual(['bicubic']);
    expect(layoutPanes({ ...state, split: 0 }, canvas).map(({ side }) => side)).toEqual(['blend']);
  });

  test('panes beside each other have one size, so one view serves them', () => {
    for (const mode of ['side', 'four'] as const) {
      const panes = layoutPanes({ ...state, mode }, canvas);
      expect(new Set(panes.map(({ frame }) => `${frame.width}×${frame.height}`)).size).toBe(1);
      expect(paneSize({ ...state, mode }, canvas)).toEqual({
        width: panes[0]!.frame.width,
        height: panes[0]!.frame.height,
      });
    }
    expect(layoutPanes({ ...state, mode: 'four' }, canvas).map(({ side }) => side)).toEqual([
      'original',
      'bicubic',
      'faithful',
      'crisp',
    ]);
  });

  test('Before shows A everywhere', () => {
    for (const mode of ['single', 'split', 'side', 'four'] as const)
      expect(new Set(layoutPanes({ ...state, mode, before: true }, canvas).map(({ side }) => side))).toEqual(
        new Set(['bicubic']),
      );
  });
});
