import { type ProbeTask, tryDevice } from './device-trial.ts';

/** A process of its own for trying one device: a broken driver ends this one only. */
process.once('message', async (task) => {
  const result = await tryDevice(task as ProbeTask);
  process.send?.(result, () => process.exit(0));
});
