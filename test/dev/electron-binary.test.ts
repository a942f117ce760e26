import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findElectron, obtainElectron } from '../../scripts/dev/electron-binary.ts';

let packageDir: string;
const env = { ...process.env, ELECTRON_OVERRIDE_DIST_PATH: '' };
beforeEach(async () => {
  packageDir = await mkdtemp(join(tmpdir(), 'fourfold-electron-'));
});
afterEach(() => rm(packageDir, { recursive: true, force: true }));

async function install(): Promise<string> {
  await mkdir(join(packageDir, 'dist'), { recursive: true });
  await writeFile(join(packageDir, 'path.txt'), 'electron');
  await writeFile(join(packageDir, 'dist/electron'), '');
  return join(packageDir, 'dist/electron');
}
const installer = (code: string) => writeFile(join(packageDir, 'install.js'), code);

describe('looking', () => {
  test('finds what is installed, and starts no download', async () => {
    await installer('throw new Error("must not run")');
    expect(findElectron({ packageDir, env })).toBeUndefined();
    const path = await install();
    expect(findElectron({ packageDir, env })).toBe(path);
  });

  test('a path without its file is none', async () => {
    await rm(await install());
    expect(findElectron({ packageDir, env })).toBeUndefined();
  });

  test('another folder may be named', async () => {
    await install();
    const override = join(packageDir, 'dist');
    expect(findElectron({ packageDir, env: { ...env, ELECTRON_OVERRIDE_DIST_PATH: override } })).toBe(
      join(override, 'electron'),
    );
  });
});

describe('obtaining', () => {
  test('lets the package install it where it is missing', async () => {
    await installer(`
      const fs = require('node:fs');
      fs.mkdirSync(__dirname + '/dist');
      fs.writeFileSync(__dirname + '/path.txt', 'electron');
      fs.writeFileSync(__dirname + '/dist/electron', '');`);
    expect(await obtainElectron({ packageDir, env })).toEqual({ path: join(packageDir, 'dist/electron') });
  });

  test.each([
    ['console.error("TypeError: fetch failed\\n    at x"); process.exit(1)', 'its download failed (fetch failed)'],
    ['console.error("Error: getaddrinfo ENOTFOUND a.b\\n"); process.exit(1)', 'its download failed (ENOTFOUND)'],
    ['process.exit(1)', 'its download failed (no reason given)'],
  ])('%s is told in one line', async (code, missing) => {
    await installer(code);
    expect(await obtainElectron({ packageDir, env })).toEqual({ missing });
  });

  test('a download that hangs is given up', async () => {
    await installer('setInterval(() => {}, 1000)');
    expect(await obtainElectron({ packageDir, env, patienceMs: 300 })).toEqual({
      missing: 'its download took too long',
    });
  });
});
