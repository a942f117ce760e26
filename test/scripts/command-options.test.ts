import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const run = (...args: string[]) =>
  spawnSync(process.execPath, ['--import', 'tsx', ...args], { cwd: root, encoding: 'utf8' });

test.each(['bench/bench', 'bench/peers', 'train/evaluate', 'train/export-onnx', 'train/calibrate', 'train/prepare'])(
  '%s tells its usage, and what it does not take in one sentence',
  (name) => {
    const script = `scripts/${name}.ts`;
    const help = run(script, '--help');
    expect([help.status, help.stderr]).toEqual([0, '']);
    expect(help.stdout).toMatch(/npm run (bench|train)/);
    expect(help.stdout).not.toMatch(/^ ?\*|\/\//m);
    const wrong = run(script, '--colour', 'red');
    expect(wrong.status).toBe(2);
    expect(wrong.stderr).toMatch(/^Unknown option '--colour'\.\n\n/);
    expect(wrong.stderr).toContain(help.stdout.trim());
  },
);

test.each([
  [['train/prepare', 'no-such-folder'], 1, /^There is no folder no-such-folder\.\n$/],
  [['train/prepare'], 2, /^Name one or more folders of photos\.\n\n`npm run train:data/],
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
