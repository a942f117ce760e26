import { expect, test } from 'vitest';
import type { Finding } from '../../electron/engine/finding.ts';
import { softwareVulkan } from './software-vulkan.ts';
import { runOnVulkan } from './vulkan-child.ts';

const driver = softwareVulkan();

interface Report {
  verdict: { precisions: string[]; faster: number; problem?: Finding };
  facts: { device: string; deviceName: string; precision: string; why: Finding[] }[];
  apart: { mean: number; most: number };
}

test.skipIf(!driver)('WebGPU runs the network with the processor’s numbers', { timeout: 300_000 }, async () => {
  const report = await runOnVulkan<Report>('./webgpu-child.ts', driver!);
  // This driver has no half precision, which only a run can tell.
  expect(report.verdict.precisions).toEqual(['fp32']);
  expect(report.facts.map(({ device, precision }) => `${device} ${precision}`)).toEqual(['cpu fp32', 'webgpu fp32']);
  expect(report.facts[1]!.deviceName).toContain('swiftshader');
  expect(report.apart.most).toBeLessThanOrEqual(1);
});
