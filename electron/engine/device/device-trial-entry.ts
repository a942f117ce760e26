import type { ProbeTask } from './device-trial.ts';

// A terminal sends Ctrl+C, and that it was closed, to every process in it. Ending of it would count against the device.
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});
process.once('disconnect', () => process.exit());

/** A process of its own for trying one device: a broken driver ends this one only. */
process.once('message', async (task) => {
  // Loaded late, so that the signals are left alone from early on.
  const { tryDevice } = await import('./device-trial.ts');
  const result = await tryDevice(task as ProbeTask);
  process.send?.(result, () => process.exit(0));
});
