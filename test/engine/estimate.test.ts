import { describe, expect, it } from 'vitest';
import { estimate } from '../../electron/engine/estimate.ts';
import { fourfold, paper } from '../../electron/engine/network/generator-spec.ts';
import { outputSize } from '../../electron/engine/output/output-size.ts';
import { Pace } from '../../electron/engine/pace.ts';
import { flopPerPixel } from '../../scripts/bench/bare-speed.ts';
import { table } from '../../scripts/bench/table.ts';

const info = { width: 4000, height: 3000, channels: 3, depth: 8 } as const;
const base = { info, rate: 40_000, format: 'jpeg', scale: 4, depth: 8 } as const;

describe('what is told before any work', () => {
  it('takes time from the measured speed and from what is made already', () => {
    const all = estimate(base).seconds!;
    expect(all).toBeGreaterThan(300);
    expect(all).toBeLessThan(310);
    expect(estimate({ ...base, cachedShare: 0.5 }).seconds!).toBeCloseTo(all - 150, 5);
    expect(estimate({ ...base, rate: 0 }).seconds).toBeUndefined();
  });

  it('counts the decoded source and the unfinished picture on the disk, at their depth', () => {
    const pixels = 12e6;
    expect(estimate(base).diskBytes).toBe(pixels * 3 + pixels * 16 * 3);
    expect(estimate({ ...base, format: 'tiff', depth: 16 }).diskBytes).toBe(pixels * 3 + pixels * 16 * 6);
    const deep = { ...info, depth: 16 } as const;
    expect(estimate({ ...base, info: deep, depth: 16 }).diskBytes).toBe(pixels * 6 + pixels * 16 * 6);
    expect(estimate({ ...base, info: deep, depth: 8 }).diskBytes).toBe(pixels * 6 + pixels * 16 * 3);
  });

  it('lets memory grow only where the encoder holds the whole picture', () => {
    const small = { ...info, width: 400, height: 300 };
    for (const format of ['jpeg', 'png', 'tiff'] as const)
      expect(estimate({ ...base, format }).memoryBytes).toBe(estimate({ ...base, info: small, format }).memoryBytes);
    expect(estimate({ ...base, format: 'avif' }).memoryBytes).toBeGreaterThan(5e9);
  });

  it('makes smaller files of lower quality', () => {
    const at = (quality: number) => estimate({ ...base, quality }).fileBytes;
    expect(at(60)).toBeLessThan(at(92));
    expect(at(92)).toBeLessThan(at(100));
    expect(at(1)).toBeGreaterThan(0);
  });
});

describe('sizes and pace', () => {
  it('knows the size of every scale, and never enlarges beyond four times', () => {
    expect(outputSize({ width: 7, height: 5 }, 3)).toEqual({ width: 21, height: 15 });
    expect(outputSize({ width: 400, height: 300 }, { longEdge: 1000 })).toEqual({ width: 1000, height: 750 });
    expect(outputSize({ width: 400, height: 300 }, { longEdge: 9000 })).toEqual({ width: 1600, height: 1200 });
    expect(outputSize({ width: 4000, height: 1 }, { longEdge: 100 })).toEqual({ width: 100, height: 1 });
  });

  it('tells speed and time left from the last tiles, cached ones aside', () => {
    const pace = new Pace(1000);
    expect([pace.pixelsPerSecond, pace.secondsLeft]).toEqual([0, 0]);
    pace.add(100, 1);
    pace.add(100, undefined);
    expect([pace.pixelsPerSecond, pace.secondsLeft]).toEqual([100, 8]);
    for (let i = 0; i < 20; i++) pace.add(10, 1);
    expect(pace.pixelsPerSecond).toBe(10);
    for (let i = 0; i < 100; i++) pace.add(100, 1);
    expect(pace.secondsLeft).toBe(0);
  });
});

describe('the benchmark’s arithmetic', () => {
  it('counts the network’s operations as facts state them: 4.56 MFLOP a source pixel, the paper’s about as many', () => {
    expect(flopPerPixel(fourfold) / 1e6).toBeCloseTo(4.56, 1);
    expect(flopPerPixel(paper) / 1e6).toBeCloseTo(4.44, 1);
  });

  it('lines up numbers to the right', () => {
    expect(table([{ what: 'a', 'kpx/s': 41.234 }])).toBe('| what | kpx/s |\n| ---- | ----: |\n| a    |  41.2 |\n');
  });
});
