import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { licenceList, licensedPackages, unfit } from './licence-list.ts';

// `npm run licences`: writes build/licences.txt, which the installers lay beside the program.

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const packages = licensedPackages(here('..'));
const bad = unfit(packages);
if (bad.length > 0)
  throw new Error(`Not permissive: ${bad.map(({ name, licence }) => `${name} (${licence})`).join(', ')}`);

const text = async (name: string) => readFile(here(`licence-texts/${name}.txt`), 'utf8');
// For the packages that name these licences but bring no text of their own.
const texts = {
  'MIT License (onnxruntime: Copyright (c) Microsoft Corporation; others: their authors above)': await text('MIT'),
  'Apache License 2.0': await text('Apache-2.0'),
  'GNU Lesser General Public License 3': await text('LGPL-3.0'),
  'GNU General Public License 3, which the former refers to': await text('GPL-3.0'),
};
await writeFile(here('licences.txt'), licenceList(packages, texts));
console.log(`${packages.length} packages in build/licences.txt`);
