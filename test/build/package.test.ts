import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { extractAll, listPackage } from '@electron/asar';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LEFT_OUT } from '../../build/packaged-files.ts';
import { buildParts } from '../../scripts/dev/build.ts';
import { packageOf, readSource } from '../layering/imports.ts';
import { readFuses, standInElectron } from './stand-in-electron.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
const arch = process.arch as 'x64' | 'arm64';
const packs = process.platform === 'linux';

/**
 * electron-builder's whole way from the repository to a folder that could be installed, on a stand-in for Electron's
 * binary: everything but the binary itself is what a release holds. Only Linux' binary needs no icon written into it.
 */
describe.skipIf(!packs)('the Linux package', () => {
  let folder: string;
  let resources: string;
  let files: string[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fourfold-package-'));
    await buildParts(['node', 'preload', 'renderer']);
    const version = JSON.parse(await readFile(join(root, 'node_modules/electron/package.json'), 'utf8')).version;
    const electron = await standInElectron(join(folder, 'electron'), version);
    const builder = join(root, 'node_modules/electron-builder/cli.js');
    const options = ['--dir', '--linux', `--${arch}`, '--config', 'build/electron-builder.ts'];
    const overrides = [`-c.electronDist=${electron}`, `-c.directories.output=${join(folder, 'out')}`];
    await run(process.execPath, [builder, ...options, ...overrides], { cwd: root });
    resources = join(folder, 'out', arch === 'x64' ? 'linux-unpacked' : `linux-${arch}-unpacked`, 'resources');
    files = listPackage(join(resources, 'app.asar'), { isPack: false }).map((name) => name.slice(1));
  }, 400_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('holds the program, and of the repository nothing else', () => {
    for (const needed of [
      'shell/main.js',
      'shell/preload.cjs',
      'service/entry.js',
      'service/engine-entry.js',
      'renderer/index.html',
    ])
      expect(files).toContain(`dist/${needed}`);
    expect(new Set(files.map((name) => name.split('/')[0]))).toEqual(new Set(['dist', 'node_modules', 'package.json']));
    expect(files.filter((name) => /^dist\/(cli|host)\b|\.map$|\.ts$|\.test\./.test(name))).toEqual([]);
  });

  test('holds none of the packages only a checkout needs', () => {
    const packages = new Set(
      files.filter((name) => name.startsWith('node_modules/')).map((name) => packageOf(name.slice(13))),
    );
    expect([...packages].filter((name) => (LEFT_OUT as readonly string[]).includes(name.split('/')[0]!))).toEqual([]);
    expect([...packages].sort()).toContain('onnxruntime-node');
  });

  test('holds every package its own files import', async () => {
    const missing: string[] = [];
    const own = join(folder, 'own');
    extractAll(join(resources, 'app.asar'), own);
    for (const name of files.filter((each) => /^dist\/(?!renderer).*\.js$/.test(each))) {
      const { imports } = readSource(name, await readFile(join(own, name), 'utf8'));
      for (const { specifier } of imports)
        if (
          !/^(\.|node:|electron$)/.test(specifier) &&
          !files.includes(`node_modules/${packageOf(specifier)}/package.json`)
        )
          missing.push(`${name}: ${specifier}`);
    }
    expect(missing).toEqual([]);
  });

  test('holds native code of this system alone, as real files', async () => {
    const unpacked = join(resources, 'app.asar.unpacked/node_modules');
    const bin = join(unpacked, 'onnxruntime-node/bin/napi-v6');
    expect(await readdir(bin)).toEqual(['linux']);
    expect(await readdir(join(bin, 'linux'))).toEqual([arch]);
    expect((await readdir(join(bin, 'linux', arch))).sort()).toEqual([
      'libonnxruntime.so.1',
      'onnxruntime_binding.node',
    ]);
    for (const name of [`sharp-linux-${arch}`, `sharp-libvips-linux-${arch}`])
      expect((await stat(join(unpacked, '@img', name, 'lib'))).isDirectory()).toBe(true);
    const native = files.filter((name) => /\.(node|so[.\d]*|dll|dylib)$/.test(name));
    expect(native.filter((name) => !existsSync(join(resources, 'app.asar.unpacked', name)))).toEqual([]);
  });

  test('brings models and licences beside the archive', async () => {
    const models = await readdir(join(resources, 'models'));
    expect(models).toContain('manifest.json');
    expect(models.filter((name) => name.endsWith('.onnx')).length).toBeGreaterThan(0);
    expect(await readFile(join(resources, 'licences.txt'), 'utf8')).toContain('onnxruntime-node');
  });

  test('has its fuses set', async () => {
    expect(readFuses(await readFile(join(resources, '../fourfold')))).toEqual({
      runAsNode: false,
      cookieEncryption: false,
      nodeOptions: false,
      nodeCliInspect: false,
      asarIntegrity: true,
      onlyLoadAppFromAsar: true,
      browserSnapshot: false,
      grantFileProtocol: false,
    });
  });

  test('runs: its own engine enlarges a photo, with nothing but what was packed', async () => {
    const own = join(folder, 'own');
    const photo = join(folder, 'photo.png');
    await sharp(join(root, 'test/fixtures/astronaut.png'))
      .extract({ left: 180, top: 40, width: 48, height: 32 })
      .toFile(photo);
    const script = `
      const { enhancePhoto } = await import(${JSON.stringify(join(own, 'dist/engine/enhance.js'))});
      const { loadModelPair } = await import(${JSON.stringify(join(own, 'dist/engine/network/model.js'))});
      const options = { models: await loadModelPair(), blend: 0.5, device: 'cpu', precision: 'auto' };
      console.log((await enhancePhoto(${JSON.stringify(photo)}, options)).path);`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], {
      cwd: folder,
      env: { ...process.env, FOURFOLD_MODELS: join(resources, 'models'), NODE_PATH: '' },
    });
    expect(await sharp(stdout.trim()).metadata()).toMatchObject({ width: 192, height: 128, format: 'png' });
  });
});
