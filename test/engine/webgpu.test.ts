import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import type { Finding } from '../../electron/engine/finding.ts';
import { softwareVulkan } from './software-vulkan.ts';

const driver = softwareVulkan();
const cache = mkdtempSync(join(tmpdir(), 'fourfold-cache-'));
afterAll(() => rmSync(cache, { recursive: true, force: true }));

interface Report {
  verdict: { precisions: string[]; faster: number; problem?: Finding };
  facts: { device: string; deviceName: string; precision: string; why: Finding[] }[];
  apart: { mean: number; most: number };
}

test.skipIf(!driver)('WebGPU runs the network with the processor’s numbers', { timeout: 300_000 }, async () => {
  const child = fork(fileURLToPath(new URL('./webgpu-child.ts', import.meta.url)), [], {
    env: { ...process.env, ...driver, FOURFOLD_CACHE: cache },
    execArgv: ['--import', import.meta.resolve('tsx')],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let words = '';
  child.stderr?.on('data', (text) => (words += text));
  const report = await new Promise<Report>((resolve, reject) => {
    child.once('message', (message) => resolve(message as Report));
    child.once('exit', (code, signal) => reject(new Error(`The child ended with ${signal ?? code}: ${words}`)));
  });
  // This driver has no half precision, which only a run can tell.
  expect(report.verdict.precisions).toEqual(['fp32']);
  expect(report.facts.map(({ device, precision }) => `${device} ${precision}`)).toEqual(['cpu fp32', 'webgpu fp32']);
  expect(report.facts[1]!.deviceName).toContain('swiftshader');
  expect(report.apart.most).toBeLessThanOrEqual(1);
});
