/**
 * What owns the service in the app, for album-kills.ts to kill: keeps an album going as a person would who presses Resume.
 * Arguments: folder of everything, and, the first time, the folder of photos. Tells its parent of every change.
 */
import { DEFAULT_SETTINGS } from '../../electron/contract.ts';
import { forkService } from '../../electron/service/fork-service.ts';
import { superviseService } from '../../electron/service/supervisor.ts';
import { clientOf, serviceOptions } from '../../test/service/test-service.ts';

const [folder, photos] = process.argv.slice(2);
const { launchEngine: _, ...options } = serviceOptions(folder!);
const service = await superviseService({ launch: (restored) => forkService({ ...options, restored }) });
const client = clientOf(service);

/** What goes wrong here goes wrong because something was killed; the next life sees to it. */
const goOn = async (): Promise<void> => {
  const { recovery, banners, album } = await client.request('app.hello');
  const inUse = banners.some(({ error }) => error.code === 'queue-in-use');
  process.send?.({ kind: 'begun', inUse });
  // When the process before was killed after its last photo, no change will ever be told.
  if (!recovery && !inUse) process.send?.({ kind: 'album', album });
  if (recovery) await client.request('album.recover', { choice: 'resume' });
  else if (album.state === 'paused') await client.request('album.resume');
};
client.onEvent('album.changed', ({ album }) => {
  process.send?.({ kind: 'album', album });
  // An engine killed twice while it opened: it can be started again by now.
  if (album.pausedBy) void client.request('album.resume').catch(() => {});
});
client.onEvent('restarted', () => void goOn().catch(() => {}));
// Whoever started this is gone, by whatever cause: nobody would end it otherwise.
process.once('disconnect', () => process.exit());
process.on('message', (message) => {
  if (message === 'retry') void client.request('album.retry', {}).catch(() => {});
});
if (photos === undefined) await goOn().catch(() => {});
else {
  const opened = await client.open(photos);
  const settings = { ...DEFAULT_SETTINGS.export, destination: { kind: 'host' as const } };
  await client.request('album.add', { photos: opened.map(({ id }) => id), settings });
  process.send?.({ kind: 'begun', inUse: false });
}
