import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { StartOptions } from '../../electron/service/entry.ts';
import { launchService } from '../../electron/shell/service-process.ts';
import { type FakePort, FakeUtility, MessageChannelMain } from './electron-double.ts';

vi.mock('electron', () => import('./electron-double.ts'));

const start = { stateDir: '/state', restored: false } as StartOptions;
const options = { serviceEntry: '/entry.js', engineEntry: '/engine-entry.js', modelsDir: '/models', start };
beforeEach(() => {
  FakeUtility.all = [];
  MessageChannelMain.all = [];
});
const launch = () => {
  const port = launchService(options);
  return { port, child: FakeUtility.all[0]!, line: MessageChannelMain.all[0]!.port1 };
};

describe('the service', () => {
  test('runs in a utility process, told how to start and given its end of the line', () => {
    const { child } = launch();
    expect(FakeUtility.all).toHaveLength(1);
    expect(child.entry).toBe('/entry.js');
    expect(child.posted).toEqual([
      { message: { type: 'start', options: start }, ports: [MessageChannelMain.all[0]!.port2] },
    ]);
  });

  test('messages go both ways', () => {
    const { port, line } = launch();
    const received = vi.fn();
    port.onMessage(received);
    expect(line.start).toHaveBeenCalled();
    line.emit('message', { data: { type: 'answer' }, ports: [] });
    expect(received).toHaveBeenCalledExactlyOnceWith({ type: 'answer' });
    port.post({ type: 'request' });
    expect(line.posted).toEqual([{ type: 'request' }]);
  });

  test('gets the engine it asks for, joined by a channel of their own', () => {
    const { child } = launch();
    child.emit('message', { type: 'launch-engine' });
    const engine = FakeUtility.all[1]!;
    const channel = MessageChannelMain.all[1]!;
    expect(engine.entry).toBe('/engine-entry.js');
    expect(engine.options.env?.FOURFOLD_MODELS).toBe('/models');
    expect(engine.posted).toEqual([{ message: { type: 'port' }, ports: [channel.port1] }]);
    expect(child.posted.at(-1)).toEqual({ message: { type: 'engine' }, ports: [channel.port2] });
  });

  test('other messages of its process start nothing', () => {
    const { child } = launch();
    for (const message of [undefined, null, 'launch-engine', { type: 'other' }]) child.emit('message', message);
    expect(FakeUtility.all).toHaveLength(1);
  });
});

describe('the end', () => {
  test.each([
    ['a crash', ({ child }: ReturnType<typeof launch>) => child.emit('exit', 139)],
    ['a closed line', ({ line }: ReturnType<typeof launch>) => line.emit('close')],
    ['closing it', ({ port }: ReturnType<typeof launch>) => port.close()],
  ])('by %s is told once, and takes process and living engines with it', (_, by) => {
    const all = launch();
    const closed = vi.fn();
    all.port.onClose(closed);
    all.child.emit('message', { type: 'launch-engine' });
    all.child.emit('message', { type: 'launch-engine' });
    FakeUtility.all[1]!.emit('exit', 1);
    by(all);
    all.child.emit('exit', 1);
    all.line.emit('close');
    expect(closed).toHaveBeenCalledOnce();
    expect(FakeUtility.all.map(({ kill }) => kill.mock.calls.length)).toEqual([1, 0, 1]);
    all.port.post({ type: 'request' });
    expect((all.line as FakePort).posted).toEqual([]);
    const late = vi.fn();
    all.port.onClose(late);
    expect(late).toHaveBeenCalledOnce();
  });
});
