import { expect, test } from 'vitest';
import { halfPrecisionVulkan } from './software-vulkan.ts';
import { runOnVulkan } from './vulkan-child.ts';

const driver = halfPrecisionVulkan();

interface Report {
  verdict: { precisions: string[] };
  blends: { blend: number; precision: string; apart: { mean: number; most: number }; lost: number | null }[];
}

const name = 'on WebGPU the shipped networks run in half precision, true to float32';
test.skipIf(!driver)(name, { timeout: 900_000 }, async () => {
  const { verdict, blends } = await runOnVulkan<Report>('./half-precision-child.ts', driver!);
  expect(verdict.precisions).toEqual(['fp32', 'fp16']);
  expect(blends.map(({ precision }) => precision)).toEqual(['fp16', 'fp16', 'fp16']);
  for (const { apart, lost } of blends) {
    // Mesa 25.0.7: 0.05 of a level on average, 2 at most, and 0.002 dB at most.
    expect(apart.mean).toBeLessThanOrEqual(0.2);
    expect(apart.most).toBeLessThanOrEqual(4);
    if (lost !== null) expect(lost).toBeLessThanOrEqual(0.03);
  }
});
