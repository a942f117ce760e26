import { beforeEach, describe, expect, test, vi } from 'vitest';
import { fenceContents, fenceSession } from '../../electron/shell/fences.ts';
import { app, defaultSession, FakeContents, preventable } from './electron-double.ts';

vi.mock('electron', () => import('./electron-double.ts'));

beforeEach(() => {
  vi.clearAllMocks();
  app.removeAllListeners();
  defaultSession.removeAllListeners();
});

describe('web contents', () => {
  let contents: FakeContents;
  beforeEach(() => {
    fenceContents(app as never);
    contents = new FakeContents();
    app.emit('web-contents-created', {}, contents);
  });

  test('open no window', () => expect(contents.openHandler?.({ url: 'fourfold://app/' })).toEqual({ action: 'deny' }));

  test.each(['will-navigate', 'will-frame-navigate', 'will-redirect'])('%s elsewhere is stopped', (name) => {
    for (const url of ['https://example.org/', 'file:///etc/passwd', 'fourfold://other/', 'javascript:alert(1)']) {
      const event = preventable({ url });
      contents.emit(name, event);
      expect(event.preventDefault).toHaveBeenCalledOnce();
    }
  });

  test('the page may load itself again', () => {
    const event = preventable({ url: 'fourfold://app/' });
    contents.emit('will-navigate', event);
    expect(event.preventDefault).not.toHaveBeenCalled();
  });

  test('embed nothing', () => {
    const event = preventable();
    contents.emit('will-attach-webview', event);
    expect(event.preventDefault).toHaveBeenCalledOnce();
  });
});

describe('the session', () => {
  beforeEach(() => fenceSession(defaultSession as never));

  test('gives no permission, no device, no screen', () => {
    const answer = vi.fn();
    defaultSession.setPermissionRequestHandler.mock.calls[0]![0]({}, 'notifications', answer, {
      requestingUrl: 'fourfold://app/',
    });
    expect(answer).toHaveBeenCalledWith(false);
    expect(defaultSession.setDevicePermissionHandler.mock.calls[0]![0]()).toBe(false);
    const streams = vi.fn();
    defaultSession.setDisplayMediaRequestHandler.mock.calls[0]![0]({}, streams);
    expect(streams).toHaveBeenCalledWith(null);
  });

  test.each([
    ['the page', 'fourfold://app/', 'clipboard-sanitized-write', true],
    ['a frame of another origin', 'https://example.org/', 'clipboard-sanitized-write', false],
    ['the page', 'fourfold://app/', 'clipboard-read', false],
    ['the page', 'fourfold://app/', 'notifications', false],
  ])('%s (%s) may %s: %s', (_, url, permission, may) => {
    const answer = vi.fn();
    defaultSession.setPermissionRequestHandler.mock.calls[0]![0]({}, permission, answer, { requestingUrl: url });
    expect(answer).toHaveBeenCalledWith(may);
    expect(defaultSession.setPermissionCheckHandler.mock.calls[0]![0](null, permission, url, {})).toBe(may);
  });

  test.each([
    ['fourfold://app/assets/x.js', false],
    ['blob:fourfold://app/1', false],
    ['data:image/png;base64,', false],
    ['https://example.org/', true],
    ['http://127.0.0.1:80/', true],
    ['ws://127.0.0.1:80/', true],
    ['file:///etc/passwd', true],
    ['fourfold://other/', true],
  ])('%s is stopped: %s', (url, cancel) => {
    const answer = vi.fn();
    defaultSession.webRequest.onBeforeRequest.mock.calls[0]![0]({ url }, answer);
    expect(answer).toHaveBeenCalledWith({ cancel });
  });

  test('downloads nothing', () => {
    const event = preventable();
    defaultSession.emit('will-download', event);
    expect(event.preventDefault).toHaveBeenCalledOnce();
  });
});
