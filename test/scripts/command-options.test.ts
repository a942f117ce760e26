import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { presets } from '../../scripts/train/presets.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const run = (...args: string[]) =>
  spawnSync(process.execPath, ['--import', 'tsx', ...args], { cwd: root, encoding: 'utf8' });

test.each([
  'bench/bench',
  'bench/peers',
  'train/train',
  'train/setup',
  'train/evaluate',
  'train/export-onnx',
  'train/calibrate',
  'train/prepare',
  'train/interpolate',
])('%s tells its usage with every option, and what it does not take in one sentence', (name) => {
  const script = `scripts/${name}.ts`;
  const help = run(script, '--help');
  expect([help.status, help.stderr]).toEqual([0, '']);
  expect(help.stdout).toMatch(/npm run (bench|train)|npx tsx/);
  expect(help.stdout).not.toMatch(/^ ?\*|\/\//m);
  const source = readFileSync(join(root, script), 'utf8');
  for (const [, option] of source.matchAll(/^ +'?([a-z0-9-]+)'?: \{ type: '(?:string|boolean)'/gm))
    expect(help.stdout).toMatch(new RegExp(`--${option}\\b(?!-)`));
  const wrong = run(script, '--colour', 'red');
  expect(wrong.status).toBe(2);
  expect(wrong.stderr).toMatch(/^Unknown option '--colour'\.\n\n/);
  expect(wrong.stderr).toContain(help.stdout.trim());
});

test('the presets are named in the usage of the training', () => {
  const { stdout } = run('scripts/train/train.ts', '--help');
  for (const name of Object.keys(presets)) expect(stdout).toContain(name);
});

test('a command is one also in a folder with a space in its name', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fourfold with space '));
  mkdirSync(join(folder, 'scripts/train'), { recursive: true });
  for (const name of ['package.json', 'scripts/command-options.ts', 'scripts/train/calibrate.ts'])
    copyFileSync(join(root, name), join(folder, name));
  for (const name of ['electron', 'node_modules']) symlinkSync(join(root, name), join(folder, name), 'junction');
  const help = run(join(folder, 'scripts/train/calibrate.ts'), '--help');
  rmSync(folder, { recursive: true });
  expect([help.status, help.stdout]).toEqual([0, expect.stringContaining('npm run train:calibrate')]);
});

test.each([
  [['train/prepare', 'no-such-folder'], 1, /^There is no folder no-such-folder\.\n$/],
  [['train/prepare'], 2, /^Name one or more folders of photos\.\n\n`npm run train:data/],
  [['train/train', 'fourfold-srresnet'], 2, /^Name the folder of the run with --run\.\n\n`npm run train/],
  [['train/export-onnx', 'one'], 2, /^It takes two checkpoints/],
  [['train/evaluate', '--quick', '--checkpoint', 'no-such-run'], 1, /^There is no checkpoint no-such-run\.json\.\n$/],
  // Without a pair at hand, so that nothing shipped is written even if it were not refused.
  [['train/evaluate', '--models', 'none', '--record', '--quick'], 2, /^--record .* leave out --quick\.\n\n/],
  [['train/evaluate', '--models', 'none', '--record', '--pair', 'a,b'], 2, /^--record .* leave out --pair\.\n\n/],
  [['train/evaluate', '--models', 'none', '--record', '--checkpoint', 'a'], 2, /^--record .* out --checkpoint\.\n\n/],
  [['train/evaluate', '--models', 'none', '--record', '--data', 'a'], 2, /^--record .* leave out --data\.\n\n/],
  [['train/evaluate', '--models', 'none', '--record', '--blends', '1'], 2, /^--record .* leave out --blends\.\n\n/],
  [['train/calibrate', '--photos', 'no-such-folder'], 1, /^There is no folder no-such-folder; name one of photos/],
  [['train/interpolate', 'a', 'b', 'half', 'out'], 2, /^It takes two checkpoints, a share/],
])('%j tells in a sentence why not, without a stack', ([name, ...rest], status, words) => {
  const wrong = run(`scripts/${name}.ts`, ...rest);
  expect(wrong.stderr).toMatch(words);
  expect(wrong.status).toBe(status);
});
