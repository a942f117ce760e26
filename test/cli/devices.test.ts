import { afterEach, expect, it, vi } from 'vitest';
import { devices } from '../../electron/cli/devices.ts';

vi.mock('../../electron/engine/device/device.ts', () => ({
  listDevices: async () => {
    process.emit('SIGINT');
    return [];
  },
}));
afterEach(() => void vi.restoreAllMocks());

it('Ctrl-C while devices are tried ends the command in order, so that no device is blamed', async () => {
  const exit = vi.spyOn(process, 'exit').mockReturnValue(undefined as never);
  const before = process.listenerCount('SIGINT');
  await devices({ json: true }, { write: () => true } as unknown as NodeJS.WritableStream);
  expect(exit).toHaveBeenCalledWith(130);
  expect(process.listenerCount('SIGINT')).toBe(before);
});
