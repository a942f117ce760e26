import { EventEmitter } from 'node:events';
import { beforeEach, expect, test, vi } from 'vitest';
import { orderlyQuit } from '../../electron/shell/quitting.ts';
import { preventable } from './electron-double.ts';

class App extends EventEmitter {
  ended = 0;
  quit(): void {
    const event = preventable();
    this.emit('before-quit', event);
    if (event.preventDefault.mock.calls.length === 0) this.ended++;
  }
}

let app: App;
let busy: boolean;
let answer: (quit: boolean) => void;
const ask = vi.fn(() => new Promise<boolean>((resolve) => void (answer = resolve)));
let closeService: () => Promise<void>;
const settle = () => new Promise((done) => setTimeout(done, 5));

beforeEach(() => {
  vi.clearAllMocks();
  app = new App();
  busy = false;
  closeService = vi.fn(async () => {});
});
const start = (patienceMs = 1000) =>
  orderlyQuit({ app: app as never, busy: () => busy, ask, closeService: () => closeService(), patienceMs });

test('an idle program closes the service and goes, unasked', async () => {
  const quitting = start();
  app.quit();
  expect(app.ended).toBe(0);
  await settle();
  expect(ask).not.toHaveBeenCalled();
  expect(closeService).toHaveBeenCalledOnce();
  expect(app.ended).toBe(1);
  expect(quitting.agreed()).toBe(true);
});

test('keep working: nothing is closed, and the next quit asks again', async () => {
  const quitting = start();
  busy = true;
  app.quit();
  answer(false);
  await settle();
  expect(app.ended).toBe(0);
  expect(closeService).not.toHaveBeenCalled();
  expect(quitting.agreed()).toBe(false);
  app.quit();
  expect(ask).toHaveBeenCalledTimes(2);
});

test('pause and quit: asks once however often one quits meanwhile', async () => {
  start();
  busy = true;
  app.quit();
  app.quit();
  answer(true);
  await settle();
  app.quit();
  expect(ask).toHaveBeenCalledOnce();
  expect(closeService).toHaveBeenCalledOnce();
  expect(app.ended).toBeGreaterThan(0);
});

test('a service that never closes is not waited for for ever', async () => {
  closeService = () => new Promise(() => {});
  start(20);
  app.quit();
  await settle();
  expect(app.ended).toBe(0);
  await new Promise((done) => setTimeout(done, 40));
  expect(app.ended).toBe(1);
});

test('a service that fails to close does not keep the program open', async () => {
  closeService = () => Promise.reject(new Error('gone'));
  start();
  app.quit();
  await settle();
  expect(app.ended).toBe(1);
});
