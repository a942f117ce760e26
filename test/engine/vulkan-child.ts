import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Runs a script of this folder in a process of its own, with a Vulkan driver in its environment and an empty cache.
 * @returns the first thing it sends
 */
export async function runOnVulkan<Report>(script: string, driver: Record<string, string>): Promise<Report> {
  const cache = mkdtempSync(join(tmpdir(), 'fourfold-cache-'));
  const child = fork(fileURLToPath(new URL(script, import.meta.url)), [], {
    env: { ...process.env, ...driver, FOURFOLD_CACHE: cache },
    execArgv: ['--import', import.meta.resolve('tsx')],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let words = '';
  child.stderr?.on('data', (text) => (words += text));
  try {
    return await new Promise<Report>((resolve, reject) => {
      child.once('message', (message) => resolve(message as Report));
      child.once('exit', (code, signal) => reject(new Error(`The child ended with ${signal ?? code}: ${words}`)));
    });
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
}
