import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
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

  describe('gives a host that plain Node runs, with its service in a process of its own', () => {
    const startHost = async (state: string, ...photos: string[]) => {
      const folders = ['--state', join(folder, state), '--cache', join(folder, 'cache')];
      // In a group of its own, as a terminal has it.
      const host = spawn(process.execPath, [join(outDir, 'host/main.js'), ...folders, ...photos], { detached: true });
      const ended = new Promise<number | null>((resolve) => void host.on('exit', resolve));
      const address = await new Promise<string>((resolve, reject) => {
        host.stdout.on('data', (chunk) => {
          const found = String(chunk).match(/http:\/\/127\.0\.0\.1:\d+\/\?token=\S+/);
          if (found) resolve(found[0]);
        });
        void ended.then((code) => reject(new Error(`ended with ${code}`)));
      });
      return { host, ended, address };
    };

    test('it answers, and ends in order when told', async () => {
      const { host, ended, address } = await startHost('state');
      expect((await fetch(address)).status).toBe(200);
      host.kill('SIGTERM');
      expect(await ended).toBe(0);
    }, 180_000);

    test.skipIf(process.platform === 'win32').each(['SIGINT', 'SIGHUP'] as const)(
      '%s of a terminal reaches every process, the host twice: all end in order',
      async (signal) => {
        const { host, ended } = await startHost(signal, join(root, 'test/fixtures/coffee.png'));
        const session = join(folder, signal, 'session.json');
        await expect.poll(() => existsSync(session), { timeout: 30_000 }).toBe(true);
        onTestFinished(async () => {
          for (const left of await living(host.pid!)) process.kill(left, 'SIGKILL');
        });
        // The engine's process may come after the session is written.
        await expect.poll(async () => (await living(host.pid!)).length, { timeout: 30_000 }).toBe(3);
        const before = await living(host.pid!);
        // Held, so that what the others do by themselves is seen.
        host.kill('SIGSTOP');
        process.kill(-host.pid!, signal);
        await sleep(500);
        expect(await living(host.pid!)).toEqual(before);
        host.kill('SIGCONT');
        // As npm passes it on once more, or a shell that ends.
        await sleep(20);
        host.kill(signal);
        expect(await ended).toBe(0);
        expect(existsSync(session)).toBe(false);
      },
      180_000,
    );
  });
});

/** The processes of a group, without those that have ended and are only not yet taken note of. */
async function living(group: number): Promise<number[]> {
  const { stdout } = await run('ps', ['-A', '-o', 'pgid=,pid=,stat=']);
  const rows = stdout.split('\n').map((row) => row.trim().split(/\s+/));
  return rows
    .filter(([pgid, , stat]) => Number(pgid) === group && !stat!.startsWith('Z'))
    .map(([, pid]) => Number(pid));
}
