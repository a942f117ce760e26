import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LEFT_OUT } from './packaged-files.ts';

export interface Licensed {
  readonly name: string;
  readonly version: string;
  /** SPDX expression as its maker states it. */
  readonly licence: string;
  /** Its own licence file, or undefined where it brings none. */
  readonly text: string | undefined;
  readonly author: string | undefined;
}

interface Locked {
  readonly version: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
}

/** Licences that ask for no more than to be named. */
export const PERMISSIVE = [
  'MIT',
  'ISC',
  '0BSD',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  'CC0-1.0',
  'BlueOak-1.0.0',
];

/** libvips and what it stands on: LGPL, used as the unchanged, exchangeable shared library sharp's makers build. */
export const SHARED_LIBRARIES = /^@img\/sharp-(libvips-[a-z]+-[a-z0-9]+|win32-[a-z0-9]+)$/;

/** Built into dist/renderer, so part of the program though a dependency of development. */
const BUNDLED = ['svelte'];

/** Systems there are installers for; the lock file names the packages of all others too. */
const SHIPPED = { os: ['win32', 'darwin', 'linux'], cpu: ['x64', 'arm64'], libc: ['glibc'] };

/** Every package the installed program holds, on any of the systems, by the lock file. */
export function licensedPackages(root: string): Licensed[] {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  return Object.entries<Locked>(lock.packages)
    .filter(([path, locked]) => path !== '' && isShipped(path, locked))
    .map(([path, locked]) => licensed(installed(root, path, locked), nameOf(path), locked))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Where a package lies: where the lock file says, or, before the next install, hoisted where it was. */
function installed(root: string, path: string, { version }: Locked): string | undefined {
  return [path, `node_modules/${nameOf(path)}`]
    .map((place) => join(root, place))
    .find((folder) => existsSync(folder) && manifest(folder).version === version);
}

const manifest = (folder: string) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

const nameOf = (path: string) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);

function isShipped(path: string, locked: Locked): boolean {
  const outermost = path.slice('node_modules/'.length).split('/node_modules/')[0]!;
  const scope = outermost.split('/')[0]!;
  if (BUNDLED.some((name) => path === `node_modules/${name}`)) return true;
  if (
    locked.dev ||
    locked.devOptional ||
    (LEFT_OUT as readonly string[]).some((out) => out === outermost || out === scope)
  )
    return false;
  // There is no onnxruntime for Intel Macs any more.
  if (locked.os?.includes('darwin') && locked.cpu?.includes('x64')) return false;
  // WebAssembly stands in where there is no native build.
  if (/wasm32|^@emnapi\//.test(outermost)) return false;
  const fits = (wanted: readonly string[] | undefined, have: readonly string[]) =>
    !wanted || wanted.some((each) => have.includes(each));
  return fits(locked.os, SHIPPED.os) && fits(locked.cpu, SHIPPED.cpu) && fits(locked.libc, SHIPPED.libc);
}

function licensed(folder: string | undefined, name: string, { version, license = 'unknown', os }: Locked): Licensed {
  const facts = { name, version, licence: license, author: undefined, text: undefined };
  // Only one system's packages lie here: their texts would make the list depend on where it was written.
  if (os?.length === 1 || !folder) return facts;
  const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  const { author } = manifest(folder);
  return {
    ...facts,
    author: (typeof author === 'string' ? author : author?.name)?.replace(/\s*[<(].*$/, ''),
    text: file && readFileSync(join(folder, file), 'utf8').replace(/\r\n/g, '\n').trim(),
  };
}

/** Packages whose licence is neither permissive nor that of the shared libraries. */
export function unfit(packages: readonly Licensed[]): Licensed[] {
  const ids = (licence: string) => licence.replace(/[()]/g, '').split(/ AND /);
  return packages.filter(
    ({ name, licence }) =>
      !ids(licence).every(
        (id) =>
          id.split(' OR ').some((choice) => PERMISSIVE.includes(choice)) ||
          (id === 'LGPL-3.0-or-later' && SHARED_LIBRARIES.test(name)),
      ),
  );
}

/** The whole list as text: makers and licences first, then each licence text once with the packages it covers. */
export function licenceList(packages: readonly Licensed[], texts: Readonly<Record<string, string>>): string {
  const bySharedText = new Map<string, string[]>();
  for (const { name, text } of packages) if (text) bySharedText.set(text, [...(bySharedText.get(text) ?? []), name]);
  const line = '─'.repeat(100);
  return `${[
    'Fourfold is made with the work of others. Its own licence is in the file LICENSE.',
    'Electron, Chromium, Node.js and FFmpeg: LICENSE.electron.txt and LICENSES.chromium.html beside the program.',
    'On Windows also DirectML and the DirectX Shader Compiler (Microsoft, brought by onnxruntime-node) and the Visual C++',
    'runtime (Microsoft), each under its own terms of redistribution.',
    'libvips and the libraries in it are used as an unchanged shared library, which may be exchanged for another build:',
    'it lies in resources/app.asar.unpacked/node_modules/@img. Its source: https://github.com/lovell/sharp-libvips',
    '',
    ...packages.map(
      ({ name, version, licence, author }) => `${name} ${version}: ${licence}${author ? `, ${author}` : ''}`,
    ),
    ...[...bySharedText].flatMap(([text, names]) => ['', line, names.join(', '), line, '', text]),
    ...Object.entries(texts).flatMap(([name, text]) => ['', line, name, line, '', text.trim()]),
  ].join('\n')}\n`;
}
