import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readCheckpoint, saveCheckpoint } from '../../../scripts/train/checkpoint.ts';
import { HealthCheck } from '../../../scripts/train/health-check.ts';
import { learningRate, progress } from '../../../scripts/train/schedule.ts';

const folder = mkdtempSync(join(tmpdir(), 'fourfold-run-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('health', () => {
  test('a loss that is no number stops the run', () => {
    const health = new HealthCheck();
    expect(health.examine({ total: 0.1, pixel: 0.1 })).toBeUndefined();
    expect(health.examine({ total: Number.NaN, pixel: 0.1 })).toContain('"total" is no number');
  });

  test('a discriminator that is always right stops the run, one that is often right does not', () => {
    const [fair, sure] = [new HealthCheck(), new HealthCheck()];
    let fault: string | undefined;
    for (let step = 0; step < 3000; step++) {
      expect(fair.examine({ discriminator: 0.1 })).toBeUndefined();
      fault ??= sure.examine({ discriminator: 0.0001 });
    }
    expect(fault).toContain('discriminator has collapsed');
  });

  test('results that run away from the originals stop the run', () => {
    const health = new HealthCheck();
    let fault: string | undefined;
    for (let step = 0; step < 60; step++) fault ??= health.examine({ pixel: 0.03 });
    expect(fault).toBeUndefined();
    for (let step = 0; step < 200; step++) fault ??= health.examine({ pixel: 0.4 });
    expect(fault).toContain('generator has collapsed');
  });
});

describe('schedule', () => {
  test('minutes are of the clock: a pause counts, and the end comes on time', () => {
    expect(progress({ minutes: 10, done: 0 }, 5 * 60_000, 3)).toBe(0.5);
    expect(progress({ minutes: 10, done: 0 }, 30 * 60_000, 3)).toBe(1);
  });

  test('a resumed run spreads what is left over its own budget', () => {
    expect(progress({ minutes: 10, done: 0.6 }, 5 * 60_000, 0)).toBeCloseTo(0.8);
    expect(progress({ steps: 100, done: 0.5 }, 0, 50)).toBeCloseTo(0.75);
  });

  test('the rate rises, then falls as the schedule says', () => {
    const preset = { rate: 1e-3, schedule: 'cosine' } as const;
    expect(learningRate(preset, 0, 0)).toBeLessThan(1e-5);
    expect(learningRate(preset, 0.5, 1000)).toBeCloseTo(5e-4);
    expect(learningRate(preset, 1, 1000)).toBeLessThan(2e-6);
    expect(learningRate({ rate: 1e-3, schedule: 'halves' }, 0.6, 1000)).toBeCloseTo(1e-4);
    const cooldown = (at: number) => learningRate({ rate: 1e-3, schedule: 'cooldown' }, at, 1000);
    expect(cooldown(0.75)).toBe(1e-3);
    expect(cooldown(0.8125)).toBeCloseTo(5e-4, 8);
    expect(cooldown(1)).toBeLessThan(2e-6);
  });
});

describe('checkpoint', () => {
  test('what is saved is read back, and only one .bin is left', () => {
    const base = join(folder, 'last');
    const tensors = (seed: number): [string, { shape: number[]; values: Float32Array }][] => [
      ['head.w', { shape: [2, 3], values: Float32Array.from({ length: 6 }, (_, i) => i + seed) }],
      ['head.b', { shape: [1], values: Float32Array.of(seed) }],
    ];
    saveCheckpoint(base, tensors(1), { step: 10, note: 'first' });
    saveCheckpoint(base, tensors(2), { step: 20, note: 'second' });
    const { meta, tensors: found } = readCheckpoint(base);
    expect(meta).toMatchObject({ step: 20, note: 'second', order: ['head.w', 'head.b'] });
    expect([...found]).toEqual(tensors(2));
    expect(readdirSync(folder).filter((name) => name.endsWith('.bin'))).toEqual([meta.bin]);
    expect(existsSync(`${base}.json.tmp`)).toBe(false);
  });
});
