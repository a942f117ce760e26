import { beforeEach, describe, expect, test, vi } from 'vitest';
import { CHANNELS } from '../../electron/shell/channels.ts';
import { relay, type ShellAnswers } from '../../electron/shell/relay.ts';
import { FakeContents, ipcMain } from './electron-double.ts';
import { FakeService } from './fake-service.ts';

vi.mock('electron', () => import('./electron-double.ts'));

let contents: FakeContents | undefined;
let service: FakeService;
const onOpened = vi.fn();
const shell = {
  'shell.openPhotos': vi.fn(async () => ({ grants: [] })),
  'shell.showFile': vi.fn(async () => null),
} as unknown as ShellAnswers;

beforeEach(() => {
  vi.clearAllMocks();
  contents = new FakeContents();
  service = new FakeService();
  ipcMain.handlers.clear();
  relay({ ipcMain: ipcMain as never, service, shell, contents: () => contents as never, onOpened });
});

const send = (message: unknown, event: object = from(contents!), channel: string = CHANNELS.request) =>
  ipcMain.handlers.get(channel)!(event, message);
const from = (sender: FakeContents, frame: object | null = sender.mainFrame) => ({ sender, senderFrame: frame });

describe('requests', () => {
  test('go to the service as the page, and its answer comes back', async () => {
    expect(await send({ id: 4, method: 'app.hello' })).toMatchObject({ id: 4, result: { settings: {} } });
    expect(service.asked).toEqual([{ message: { id: 4, method: 'app.hello' }, from: 'page' }]);
  });

  test('that are none are answered by the service, which has the words for it', async () => {
    expect(await send('nonsense')).toHaveProperty('error.code', 'wrong-use');
    expect(service.asked[0]?.from).toBe('page');
  });

  test('to the shell never reach the service, and their parameters are checked', async () => {
    expect(await send({ id: 1, method: 'shell.openPhotos' })).toEqual({ id: 1, result: { grants: [] } });
    expect(await send({ id: 2, method: 'shell.showFile', params: { file: '../../etc' } })).toHaveProperty(
      'error.code',
      'wrong-use',
    );
    expect(shell['shell.showFile']).not.toHaveBeenCalled();
    expect(service.asked).toEqual([]);
  });

  test('named like what every object has are no shell methods', async () => {
    expect(await send({ id: 1, method: 'toString' })).toHaveProperty('error');
    expect(service.asked).toHaveLength(1);
  });
});

describe('the sender', () => {
  test.each([
    ['another window', () => from(new FakeContents())],
    ['a frame inside the page', () => from(contents!, { url: 'fourfold://app/', parent: contents!.mainFrame })],
    ['another page', () => from(contents!, { url: 'https://example.org/', parent: null })],
    ['a look-alike host', () => from(contents!, { url: 'fourfold://app.evil/', parent: null })],
    ['a look-alike scheme', () => from(contents!, { url: 'fourfolds://app/', parent: null })],
    ['a file', () => from(contents!, { url: 'file:///fourfold://app/', parent: null })],
    ['a frame that is gone', () => from(contents!, null)],
  ])('%s is refused', async (_, event) => {
    for (const channel of [CHANNELS.request, CHANNELS.grant])
      await expect(send({ id: 1, method: 'app.hello' }, event(), channel)).rejects.toThrow('unknown sender');
    expect(service.asked).toEqual([]);
  });

  test('nobody is served while there is no window', async () => {
    const late = from(contents!);
    contents = undefined;
    await expect(send({ id: 1, method: 'app.hello' }, late)).rejects.toThrow('unknown sender');
  });
});

describe('grants', () => {
  test('paths of the preload become grants for reading and recent documents', async () => {
    expect(await send(['/photos/a.jpg'], undefined, CHANNELS.grant)).toEqual({
      grants: [{ id: 'g0', name: 'a.jpg', kind: 'file' }],
    });
    expect(service.asked).toEqual([
      {
        message: { id: 0, method: 'grants.add', params: { files: [{ path: '/photos/a.jpg' }], use: 'read' } },
        from: 'owner',
      },
    ]);
    expect(onOpened).toHaveBeenCalledWith(['/photos/a.jpg']);
  });

  test.each([['a string'], [[1]], [['']], [{ length: 1 }], [null]])('%j is refused', async (paths) => {
    expect(await send(paths, undefined, CHANNELS.grant)).toMatchObject({
      grants: [],
      error: { code: 'wrong-use', sentence: expect.stringContaining('Expected paths') },
    });
    expect(service.asked).toEqual([]);
  });

  test('a refusal of the service comes with its code, which a rejection would lose on the way to the page', async () => {
    const error = { code: 'engine-stopped', sentence: 'It stopped.' } as const;
    vi.spyOn(service, 'answer').mockResolvedValueOnce({ id: 0, error });
    expect(await send(['/photos/a.jpg'], undefined, CHANNELS.grant)).toEqual({ grants: [], error });
    expect(onOpened).not.toHaveBeenCalled();
  });
});

test('events go to the window there is, and nowhere without one', () => {
  service.tell({ event: 'banners', data: [] });
  expect(contents!.sent).toEqual([{ channel: CHANNELS.event, message: { event: 'banners', data: [] } }]);
  contents = undefined;
  expect(() => service.tell({ event: 'banners', data: [] })).not.toThrow();
});
