/** A real disk with little room: what no double of `fs` can stand in for. Linux and root only. */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import type { TestContext } from 'vitest';

export interface SmallDisk {
  readonly path: string;
  /** From here on nothing can be written to it. */
  makeReadOnly(): void;
}

/**
 * Mounts a memory disk of `size` (as tmpfs has it: `1m`, `200k`) on a new folder, hands it to `use` and takes it away
 * again. Where nothing may be mounted (no root, a container, another system) the test counts as skipped, or as failed
 * under FOURFOLD_NEED_MOUNT=1, with which CI runs these tests where they must be able to.
 */
export async function withSmallDisk(
  context: Pick<TestContext, 'skip'>,
  path: string,
  size: string,
  use: (disk: SmallDisk) => Promise<void>,
): Promise<void> {
  const skip = (why: string): never => {
    if (process.env.FOURFOLD_NEED_MOUNT === '1') throw new Error(why);
    return context.skip(why);
  };
  if (process.platform !== 'linux') skip('a small disk is mounted on Linux only');
  mkdirSync(path);
  const run = (program: string, ...words: string[]) => execFileSync(program, words, { stdio: 'ignore' });
  try {
    run('mount', '-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path);
  } catch {
    skip('no right to mount a small disk here');
  }
  try {
    await use({ path, makeReadOnly: () => run('mount', '-o', 'remount,ro', path) });
  } finally {
    run('umount', path);
  }
}
