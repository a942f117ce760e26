import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readSource, readSources } from './layering/imports.ts';
import { brokenImports, brokenNames, circles, roomOf } from './layering/rules.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const sources = readSources(root, ['electron', 'renderer', 'scripts', 'build', 'test']);

describe('the rooms of the house', () => {
  test('imports follow the table', () => expect(brokenImports(sources)).toEqual([]));
  test('no circles', () => expect(circles(sources)).toEqual([]));
  test('names say what a file is, no barrels, no mutable exports', () => expect(brokenNames(sources)).toEqual([]));
  test('every source lies in a room', () =>
    expect(sources.filter(({ path }) => !roomOf(path)).map(({ path }) => path)).toEqual([]));
});

test.skipIf(!existsSync(`${root}.git`))('no links are kept: they would lead to places of one machine', () => {
  const tracked = execFileSync('git', ['ls-files', '--stage'], { cwd: root, encoding: 'utf8' }).trim().split('\n');
  expect(tracked.length).toBeGreaterThan(100);
  expect(tracked.filter((line) => line.startsWith('120000'))).toEqual([]);
});

describe('the rules themselves', () => {
  const broken = (path: string, text: string) => brokenImports([readSource(path, text)]);

  test.each([
    ['electron/engine/run/session.ts', "import { app } from 'electron';"],
    ['electron/engine/run/session.ts', "import type { App } from 'electron';"],
    ['electron/engine/run/session.ts', "import { album } from '../../service/album.ts';"],
    ['electron/engine/run/session.ts', "import './tile-plan';"],
    ['electron/engine/run/session.ts', "import fs from 'fs';"],
    ['electron/engine/photo/decode.ts', "import { encode } from '../output/encode.ts';"],
    ['electron/engine/network/model.ts', "import * as ort from 'onnxruntime-node';"],
    ['electron/engine/enhance.ts', "import { journal } from './album/journal.ts';"],
    ['electron/service/entry.ts', "const store = await import('electron');"],
    ['electron/service/entry.ts', "const store = require('electron');"],
    ['electron/host/server.ts', "import { decode } from '../engine/photo/decode.ts';"],
    ['electron/host/server.ts', "import { session } from '../shell/window.ts';"],
    ['electron/cli/main.ts', "export { album } from '../service/album.ts';"],
    ['electron/contract.ts', "import { planTiles } from './engine/run/tile-plan.ts';"],
    ['renderer/client.ts', "import { parse } from '../electron/contract.ts';"],
    ['renderer/client.ts', "let photo: import('../electron/engine/photo/photo.ts').PhotoInfo;"],
    ['renderer/client.ts', "import { readFile } from 'node:fs/promises';"],
    ['renderer/Viewer.svelte', '<script lang="ts">import { app } from \'electron\';</script>'],
    ['scripts/bench/rate.ts', "import '../../electron/shell/main.ts';"],
    ['odd/file.ts', "import './x.ts';"],
  ])('%s: %s is refused', (path, text) => expect(broken(path, text)).toHaveLength(1));

  test.each([
    [
      'electron/engine/run/session.ts',
      "import ort from 'onnxruntime-node'; import '../photo/raster.ts'; import 'node:fs';",
    ],
    ['electron/contract.ts', "import type { Region } from './engine/photo/raster.ts';"],
    ['renderer/client.ts', "import { type Request } from '../electron/contract.ts';"],
    ['electron/shell/main.ts', "import { app } from 'electron';"],
    ['test/engine/raster.test.ts', "import { sizeOf } from '../../electron/engine/photo/raster.ts';"],
  ])('%s: %s is allowed', (path, text) => expect(broken(path, text)).toEqual([]));

  test('a circle is found, also one of types', () => {
    const circle = [readSource('a/b.ts', "import './c.ts';"), readSource('a/c.ts', "import type { B } from './b.ts';")];
    expect(circles(circle)).toEqual(['a/b.ts → a/c.ts → a/b.ts']);
  });

  test.each([
    ['electron/engine/utils.ts', ''],
    ['electron/helpers/tile.ts', ''],
    ['renderer/common.svelte.ts', ''],
    ['electron/engine/TilePlan.ts', ''],
    ['renderer/viewer.svelte', ''],
    ['electron/engine/all.ts', "export * from './a.ts'; export { b } from './b.ts';"],
    ['electron/engine/state.ts', 'export let count = 0;'],
  ])('%s "%s" is refused', (path, text) => expect(brokenNames([readSource(path, text)])).toHaveLength(1));
});
