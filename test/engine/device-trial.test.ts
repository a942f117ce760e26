import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { rememberedVerdict } from '../../electron/engine/device/device.ts';
import { VerdictStore } from '../../electron/engine/device/verdict-store.ts';
import { fakeModels } from './fake-session.ts';

const cache = mkdtempSync(join(tmpdir(), 'fourfold-cache-'));
afterAll(() => rmSync(cache, { recursive: true, force: true }));

it.skipIf(process.platform !== 'linux')('a trial goes on through what a terminal sends to all', async () => {
  const child = fork(
    fileURLToPath(new URL('../../electron/engine/device/device-trial-entry.ts', import.meta.url)),
    [],
    {
      serialization: 'advanced',
      execArgv: ['--import', import.meta.resolve('tsx')],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    },
  );
  await untilListening(child);
  const answer = new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code, signal) => reject(new Error(`It ended with ${signal ?? code}`)));
  });
  child.kill('SIGINT');
  child.kill('SIGHUP');
  const nothing = new Uint8Array();
  child.send({ kind: 'webgpu', dims: [1, 8, 8, 3], single: nothing, half: nothing });
  expect(await answer).toMatchObject({ precisions: [], faster: 0 });
});

it('an end in order during a trial leaves no verdict, and the trial’s own end leaves one', async () => {
  const kept = () => Object.values(JSON.parse(readFileSync(join(cache, 'verdicts.json'), 'utf8')));
  const before = process.listeners('exit');
  let finish = (_: { precisions: []; faster: number }) => {};
  let begin = () => {};
  const begun = new Promise<void>((resolve) => (begin = resolve));
  const verdict = rememberedVerdict('webgpu', fakeModels, new VerdictStore(cache), () => {
    begin();
    return new Promise((resolve) => (finish = resolve));
  });
  await begun;
  expect(kept()).toMatchObject([{ problem: { code: 'process-ended' } }]);
  for (const leave of process.listeners('exit')) if (!before.includes(leave)) leave(130);
  expect(kept()).toEqual([]);
  finish({ precisions: [], faster: 0 });
  await verdict;
  expect(kept()).toMatchObject([{ faster: 0 }]);
  expect(process.listeners('exit')).toEqual(before);
});

/** SIGHUP is caught, as the kernel tells; where it never is, the test goes on after a while and fails. */
async function untilListening({ pid }: ChildProcess): Promise<void> {
  for (const until = performance.now() + 15_000; performance.now() < until; ) {
    const [, caught = '0'] = /SigCgt:\s*([0-9a-f]+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    if (BigInt(`0x${caught}`) & 1n) return;
    await new Promise((done) => setTimeout(done, 50));
  }
}
