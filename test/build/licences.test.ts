import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type Licensed, licenceList, licensedPackages, unfit } from '../../build/licence-list.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const packages = licensedPackages(root);
const given = (name: string, licence: string): Licensed => ({
  name,
  licence,
  version: '1',
  text: 'x',
  author: undefined,
});

describe('the licences of what is shipped', () => {
  test('are permissive, or those of libvips as a shared library', () => expect(unfit(packages)).toEqual([]));

  test('every package is on the list', () => {
    const names = packages.map(({ name }) => name);
    for (const name of [
      'sharp',
      'onnxruntime-node',
      'protobufjs',
      'electron-store',
      'svelte',
      '@img/sharp-libvips-linux-x64',
    ])
      expect(names).toContain(name);
    for (const name of ['tsx', '@esbuild/linux-x64', 'vitest', '@img/sharp-wasm32']) expect(names).not.toContain(name);
  });

  test('every one has a text, of its own or of its kind', () => {
    const shared = ['MIT', 'Apache-2.0', 'LGPL-3.0-or-later', 'Apache-2.0 AND LGPL-3.0-or-later'];
    expect(packages.filter(({ text, licence }) => !text && !shared.includes(licence))).toEqual([]);
  });

  test('build/licences.txt is the list of today: npm run licences writes it', () => {
    const kept = readFileSync(`${root}build/licences.txt`, 'utf8');
    const today = licenceList(packages, {});
    expect(kept.startsWith(today.trimEnd())).toBe(true);
    for (const text of ['MIT', 'Apache-2.0', 'LGPL-3.0', 'GPL-3.0'])
      expect(kept).toContain(readFileSync(`${root}build/licence-texts/${text}.txt`, 'utf8').trim());
  });
});

test.each([
  ['a', 'GPL-3.0', false],
  ['a', 'LGPL-3.0-or-later', false],
  ['@img/sharp-libvips-linux-x64', 'LGPL-3.0-or-later', true],
  ['@img/sharp-win32-x64', 'Apache-2.0 AND LGPL-3.0-or-later', true],
  ['a', 'MIT AND GPL-2.0', false],
  ['a', '(MIT OR GPL-2.0)', true],
  ['a', '(MIT OR CC0-1.0)', true],
  ['a', 'unknown', false],
  ['a', 'SEE LICENSE IN x', false],
])('%s under %s fits: %s', (name, licence, fits) => expect(unfit([given(name, licence)])).toHaveLength(fits ? 0 : 1));
