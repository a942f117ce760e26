import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildParts, nodeSources, root } from '../../scripts/dev/build.ts';

const run = promisify(execFile);
let folder: string;
let outDir: string;

describe('npm run build', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fourfold-build-'));
    outDir = join(folder, 'dist');
    // What the built files import, and what they look for beside dist/.
    for (const name of ['node_modules', 'models', 'package.json']) await symlink(join(root, name), join(folder, name));
    await mkdir(join(outDir, 'engine'), { recursive: true });
    await writeFile(join(outDir, 'engine/renamed-since.js'), '');
    await mkdir(join(outDir, 'renderer'), { recursive: true });
    await writeFile(join(outDir, 'renderer/index.html'), '');
    await buildParts(['node'], { outDir });
  }, 300_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('puts every Node file where its source is, so that paths beside it stay right', async () => {
    const missing = (await nodeSources())
      .map((name) => name.replace(/^electron\//, '').replace(/\.ts$/, '.js'))
      .filter((name) => !existsSync(join(outDir, name)));
    expect(missing).toEqual([]);
  });

  test('removes what has no source any more, of its own rooms only', () => {
    expect(existsSync(join(outDir, 'engine/renamed-since.js'))).toBe(false);
    expect(existsSync(join(outDir, 'renderer/index.html'))).toBe(true);
  });

  test('gives a command line that plain Node runs', async () => {
    const { stdout } = await run(process.execPath, [join(outDir, 'cli/main.js'), '--help']);
    expect(stdout).toContain('enhance');
  }, 180_000);

  test('gives a host that plain Node runs, with its service in a process of its own', async () => {
    const host = execFile(process.execPath, [
      join(outDir, 'host/main.js'),
      '--state',
      join(folder, 'state'),
      '--cache',
      join(folder, 'cache'),
    ]);
    const address = await new Promise<string>((resolve, reject) => {
      host.stdout!.on('data', (chunk) => {
        const found = String(chunk).match(/http:\/\/127\.0\.0\.1:\d+\/\?token=\S+/);
        if (found) resolve(found[0]);
      });
      host.on('exit', (code) => reject(new Error(`ended with ${code}`)));
    });
    expect((await fetch(address)).status).toBe(200);
    const ended = new Promise<number | null>((resolve) => void host.on('exit', resolve));
    host.kill('SIGTERM');
    expect(await ended).toBe(0);
  }, 180_000);
});
