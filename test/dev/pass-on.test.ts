import { afterEach, expect, test, vi } from 'vitest';
import { passSignalsOn } from '../../scripts/dev/pass-on.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const child = { kill: vi.fn((_signal?: NodeJS.Signals | number) => true) };
const before = new Map(SIGNALS.map((signal) => [signal, process.listeners(signal)]));

afterEach(() => {
  child.kill.mockClear();
  for (const signal of SIGNALS)
    for (const listener of process.listeners(signal))
      if (!before.get(signal)!.includes(listener)) process.off(signal, listener);
});

/** The signals a child is given when this process gets each once. */
function passed(onTerminal: boolean): unknown[] {
  passSignalsOn(() => child, onTerminal);
  for (const signal of SIGNALS)
    for (const listener of process.listeners(signal)) if (!before.get(signal)!.includes(listener)) listener(signal);
  return child.kill.mock.calls.flat();
}

test('in a terminal, what it gives to every process is not given to the child a second time', () =>
  expect(passed(true)).toEqual(['SIGTERM']));

test('without one, every signal is passed on', () => expect(passed(false)).toEqual([...SIGNALS]));
