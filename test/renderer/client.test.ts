import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openSocketBridge } from '../../renderer/client.ts';

const uploads = vi.fn<(name: string) => Promise<Response>>();

beforeEach(() => {
  vi.stubGlobal('location', new URL('http://127.0.0.1:1/'));
  vi.stubGlobal(
    'WebSocket',
    class extends EventTarget {
      constructor() {
        super();
        queueMicrotask(() => this.dispatchEvent(new Event('open')));
      }
    },
  );
  vi.stubGlobal('fetch', (address: string) => uploads(new URL(address, 'http://x').searchParams.get('name')!));
});
afterEach(() => {
  vi.unstubAllGlobals();
  uploads.mockReset();
});

const named = (...names: string[]) =>
  names.map((name) => Object.assign(new File(['x'], name), { webkitRelativePath: '' }));
const grantOf = (name: string) => ({ id: name, name, kind: 'file' });
const error = { code: 'disk-full', sentence: 'Full.' };

test('one refused upload leaves the others of a drop as they are, and is told', async () => {
  const bridge = await openSocketBridge(() => {});
  uploads.mockImplementation(async (name) =>
    name === 'b' ? Response.json({ error }, { status: 500 }) : Response.json(grantOf(name)),
  );
  expect(await bridge.grant(named('a', 'b', 'c'))).toEqual({ grants: [grantOf('a'), grantOf('c')], error });
});

test('an upload that is not answered, or by something else, is a lost connection', async () => {
  const bridge = await openSocketBridge(() => {});
  uploads.mockRejectedValueOnce(new TypeError('Failed to fetch'));
  uploads.mockResolvedValueOnce(new Response('Refused.', { status: 403 }));
  for (const _ of [1, 2])
    expect(await bridge.grant(named('a'))).toMatchObject({ grants: [], error: { code: 'connection-lost' } });
});
