import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { halfPrecisionVulkan } from './software-vulkan.ts';

const driver = halfPrecisionVulkan();
const cache = mkdtempSync(join(tmpdir(), 'fourfold-cache-'));
afterAll(() => rmSync(cache, { recursive: true, force: true }));

interface Report {
  verdict: { precisions: string[] };
  blends: { blend: number; precision: string; apart: { mean: number; most: number }; lost: number | null }[];
}

test.skipIf(!driver)(
  'on WebGPU the shipped networks run in half precision, true to float32',
  {
    timeout: 900_000,
  },
  async () => {
    const child = fork(fileURLToPath(new URL('./half-precision-child.ts', import.meta.url)), [], {
      env: { ...process.env, ...driver, FOURFOLD_CACHE: cache },
      execArgv: ['--import', import.meta.resolve('tsx')],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    let words = '';
    child.stderr?.on('data', (text) => (words += text));
    const { verdict, blends } = await new Promise<Report>((resolve, reject) => {
      child.once('message', (message) => resolve(message as Report));
      child.once('exit', (code, signal) => reject(new Error(`The child ended with ${signal ?? code}: ${words}`)));
    });
    expect(verdict.precisions).toEqual(['fp32', 'fp16']);
    expect(blends.map(({ precision }) => precision)).toEqual(['fp16', 'fp16', 'fp16']);
    for (const { apart, lost } of blends) {
      // Mesa 25.0.7: 0.05 of a level on average, 2 at most, and 0.002 dB at most.
      expect(apart.mean).toBeLessThanOrEqual(0.2);
      expect(apart.most).toBeLessThanOrEqual(4);
      if (lost !== null) expect(lost).toBeLessThanOrEqual(0.03);
    }
  },
);
