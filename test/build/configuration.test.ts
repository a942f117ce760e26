import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import FpmTarget from 'app-builder-lib/out/targets/FpmTarget.js';
import { validateConfiguration } from 'app-builder-lib/out/util/config/config.js';
import { convertIcon } from 'app-builder-lib/out/util/iconConverter.js';
import { DebugLogger } from 'builder-util';
import type { Configuration } from 'electron-builder';
import { minimatch } from 'minimatch';
import { describe, expect, test } from 'vitest';
import configuration from '../../build/electron-builder.ts';
import { filesFor } from '../../build/packaged-files.ts';
import { placeVcRuntime, VC_RUNTIME } from '../../build/vc-runtime.ts';
import { PHOTO_EXTENSIONS } from '../../electron/shell/photo-files.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const validate = (config: Configuration) => validateConfiguration(config, new DebugLogger(false));

describe('electron-builder’s own schema', () => {
  test('accepts the configuration', () => expect(validate(configuration)).resolves.toBeUndefined());

  test('refuses a misspelt key, so that accepting means something', () =>
    expect(validate({ ...configuration, electronFuse: {} } as Configuration)).rejects.toThrow('electronFuse'));
});

test('no common list of files beside those by system: together they take the whole repository in', () => {
  expect(configuration.files).toBeUndefined();
  for (const system of ['win', 'mac', 'linux'] as const) expect(configuration[system]?.files).toEqual(filesFor(system));
});

test('the installers associate what the dialogs offer, as a viewer beside the user’s own', () => {
  const associations = [configuration.fileAssociations].flat();
  expect(associations.flatMap((each) => each!.ext).sort()).toEqual([...PHOTO_EXTENSIONS].sort());
  expect(new Set(associations.map((each) => `${each!.role} ${each!.rank}`))).toEqual(new Set(['Viewer Alternate']));
  expect(configuration.nsis?.perMachine).toBe(true);
});

test.each([
  ['win', 'ico', 1],
  ['mac', 'icns', 1],
  ['linux', 'set', 6],
] as const)('electron-builder finds the icons for %s as %s', async (system, format, least) => {
  const { icons } = await convertIcon({
    sources: [configuration[system]!.icon as string],
    fallbackSources: [],
    roots: [join(root, 'build'), root],
    format,
    outDir: '/nothing-is-converted',
  });
  expect(icons.length).toBeGreaterThanOrEqual(least);
  expect(icons.every(({ file }) => file.startsWith(join(root, 'build/icons')))).toBe(true);
  // It does not look into an ICNS; test/build/icons.test.ts does.
  if (format !== 'icns') expect(Math.max(...icons.map(({ size }) => size))).toBeGreaterThanOrEqual(256);
});

test('every file the configuration names is there', () => {
  const { mac, nsis } = configuration;
  const named = [mac?.entitlements, mac?.entitlementsInherit, nsis?.license, 'models', 'build/licences.txt'];
  expect(named.filter((name) => !existsSync(join(root, String(name))))).toEqual([]);
});

describe('Linux packages', () => {
  /** What electron-builder asks for before it makes a deb or one of its kin. */
  const asked = (metadata: { homepage?: string }): Promise<unknown> =>
    (
      FpmTarget.prototype as unknown as { computeFpmMetaInfoOptions(): Promise<unknown> }
    ).computeFpmMetaInfoOptions.call({
      packager: {
        appInfo: { computePackageUrl: async () => metadata.homepage ?? null, linuxPackageName: 'fourfold' },
        info: { metadata },
      },
      options: configuration.linux,
    });

  test('unless told, only those are made that a checkout can make, wherever it came from', async () => {
    const metadata = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const needAddress = new Set(['deb', 'rpm', 'pacman', 'apk', 'freebsd', 'p5p', 'sh']);
    const made = [configuration.linux?.target].flat();
    if (made.some((target) => needAddress.has(String(target)))) await asked(metadata);
    expect(made).toContain('AppImage');
  });

  test('a deb needs nothing more than the homepage the release gives', async () => {
    await expect(asked({})).rejects.toThrow('homepage');
    await expect(asked({ homepage: 'https://example.org' })).resolves.toMatchObject({ name: 'fourfold' });
  });
});

test('the program and its installer have the same id, or Windows shows no notifications', () => {
  const main = readFileSync(join(root, 'electron/shell/main.ts'), 'utf8');
  expect(main).toContain(`const APP_ID = '${configuration.appId}'`);
});

test('the switches that open a program to others are off', () => {
  expect(configuration.electronFuses).toMatchObject({
    runAsNode: false,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
    grantFileProtocolExtraPrivileges: false,
  });
});

test('an unsigned Mac build is signed anew after its switches are set, or Apple silicon does not start it', () => {
  expect(configuration.electronFuses).toMatchObject({ resetAdHocDarwinSignature: true });
});

describe('onnxruntime’s binaries', () => {
  const runtime = 'node_modules/onnxruntime-node/bin/napi-v6';
  const all = readdirSync(join(root, runtime), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length));

  /** As electron-builder reads them for node_modules: `!` patterns alone, `${arch}` filled in. */
  const kept = (system: 'win' | 'mac' | 'linux', arch: string) => {
    const out = filesFor(system).filter((pattern) => pattern.startsWith('!'));
    return all
      .filter((name) => out.every((pattern) => minimatch(name, pattern.replace(/\$\{arch\}/, arch), { dot: true })))
      .map((name) => name.slice(runtime.length + 1))
      .sort();
  };

  test.each([
    ['linux', 'x64', ['libonnxruntime.so.1', 'onnxruntime_binding.node']],
    ['linux', 'arm64', ['libonnxruntime.so.1', 'onnxruntime_binding.node']],
    ['mac', 'arm64', ['libonnxruntime.1.dylib', 'onnxruntime_binding.node']],
    ['win', 'x64', ['DirectML.dll', 'dxcompiler.dll', 'dxil.dll', 'onnxruntime.dll', 'onnxruntime_binding.node']],
    ['win', 'arm64', ['DirectML.dll', 'dxcompiler.dll', 'dxil.dll', 'onnxruntime.dll', 'onnxruntime_binding.node']],
  ] as const)('on %s %s: its own, and no others', (system, arch, names) => {
    const folder = { linux: 'linux', mac: 'darwin', win: 'win32' }[system];
    expect(kept(system, arch)).toEqual(names.map((name) => `${folder}/${arch}/${name}`));
  });

  test('on a Mac the one kept is the one the binding asks for', () => {
    const binding = readFileSync(join(root, runtime, 'darwin/arm64/onnxruntime_binding.node'), 'latin1');
    expect(binding).toContain('@rpath/libonnxruntime.1.dylib');
  });

  test.each(['x64', 'arm64'])('every C++ runtime library they ask for on Windows %s is brought', (arch) => {
    const asked = ['onnxruntime.dll', 'onnxruntime_binding.node'].flatMap((name) => {
      const binary = readFileSync(join(root, runtime, 'win32', arch, name), 'latin1');
      return [...binary.matchAll(/(?:msvcp|vcruntime|concrt|vcomp)\w*\.dll/gi)].map(([dll]) => dll.toLowerCase());
    });
    expect(asked.length).toBeGreaterThan(0);
    expect([...new Set(asked)].filter((dll) => !(VC_RUNTIME as readonly string[]).includes(dll))).toEqual([]);
  });

  test('a Windows package without the C++ runtime is not made', () =>
    expect(placeVcRuntime('/nowhere', 'x64', undefined)).rejects.toThrow('VC_RUNTIME_DIR'));
});
