import { listDevices } from '../engine/device/device.ts';
import { EXIT, STOPPING } from './arguments.ts';

/** `fourfold devices`: what is there, by name. */
export async function devices(
  { json }: { json: boolean },
  out: NodeJS.WritableStream = process.stdout,
): Promise<number> {
  // An end by the signal itself would leave the verdict that a device under trial ended the process.
  const stop = () => process.exit(EXIT.stopped);
  for (const signal of STOPPING) process.once(signal, stop);
  const found = await listDevices().finally(() => {
    for (const signal of STOPPING) process.removeListener(signal, stop);
  });
  if (json) out.write(`${JSON.stringify(found)}\n`);
  else
    for (const device of found)
      out.write(
        `${device.kind.padEnd(7)} ${device.available ? '✓' : '–'} ${device.name}${device.note ? `  (${device.note.sentence})` : ''}\n`,
      );
  return EXIT.done;
}
