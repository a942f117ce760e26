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
 * again. Where nothing may be mounted (no root, a container, another system) the test counts as skipped.
 */
export async function withSmallDisk(
  context: Pick<TestContext, 'skip'>,
  path: string,
  size: string,
  use: (disk: SmallDisk) => Promise<void>,
): Promise<void> {
  if (process.platform !== 'linux') context.skip();
  mkdirSync(path);
  const run = (program: string, ...words: string[]) => execFileSync(program, words, { stdio: 'ignore' });
  try {
    run('mount', '-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path);
  } catch {
    context.skip();
  }
  try {
    await use({ path, makeReadOnly: () => run('mount', '-o', 'remount,ro', path) });
  } finally {
    run('umount', path);
  }
}
