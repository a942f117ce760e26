import { beforeEach, describe, expect, test, vi } from 'vitest';
import { launchService } from '../../electron/shell/service-process.ts';
import { FakeUtility } from './electron-double.ts';

vi.mock('electron', () => import('./electron-double.ts'));

const options = {
  serviceEntry: '/dist/service/entry.js',
  engineEntry: '/dist/service/engine-entry.js',
  start: { a: 1 },
};
beforeEach(() => {
  FakeUtility.all = [];
});

describe('the service', () => {
  test('runs in a utility process of its own, told how to start', () => {
    launchService(options);
    expect(FakeUtility.all.map(({ entry, args }) => [entry, args])).toEqual([['/dist/service/entry.js', ['{"a":1}']]]);
  });

  test('messages go both ways, a lost process closes the line', () => {
    const port = launchService(options);
    const [received, closed] = [vi.fn(), vi.fn()];
    port.onMessage(received);
    port.onClose(closed);
    const [child] = FakeUtility.all;
    child!.emit('message', { type: 'answer' });
    expect(received).toHaveBeenCalledExactlyOnceWith({ type: 'answer' });
    port.post({ type: 'request' });
    expect(child!.posted).toEqual([{ message: { type: 'request' }, ports: [] }]);
    child!.emit('exit', 139);
    expect(closed).toHaveBeenCalledOnce();
    port.post({ type: 'request' });
    expect(child!.posted).toHaveLength(1);
  });

  test('gets the engine it asks for, joined by a channel of their own', () => {
    const port = launchService(options);
    const received = vi.fn();
    port.onMessage(received);
    const [child] = FakeUtility.all;
    child!.emit('message', { type: 'launch-engine', key: 5 });
    const engine = FakeUtility.all[1]!;
    expect(engine.entry).toBe('/dist/service/engine-entry.js');
    expect(engine.posted).toEqual([{ message: { type: 'engine-port' }, ports: [{ name: 'port1' }] }]);
    expect(child!.posted).toEqual([{ message: { type: 'engine-port', key: 5 }, ports: [{ name: 'port2' }] }]);
    expect(received).not.toHaveBeenCalled();
  });

  test('takes its living engines with it', () => {
    launchService(options);
    const [child] = FakeUtility.all;
    child!.emit('message', { type: 'launch-engine', key: 1 });
    child!.emit('message', { type: 'launch-engine', key: 2 });
    FakeUtility.all[1]!.emit('exit', 1);
    child!.emit('exit', 1);
    expect(FakeUtility.all.slice(1).map(({ kill }) => kill.mock.calls.length)).toEqual([0, 1]);
  });
});
