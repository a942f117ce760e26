import { listDevices } from '../engine/device/device.ts';
import { EXIT } from './arguments.ts';

/** `fourfold devices`: what is there, by name. */
export async function devices(
  { json }: { json: boolean },
  out: NodeJS.WritableStream = process.stdout,
): Promise<number> {
  const found = await listDevices();
  if (json) out.write(`${JSON.stringify(found)}\n`);
  else
    for (const device of found)
      out.write(
        `${device.kind.padEnd(7)} ${device.available ? '✓' : '–'} ${device.name}${device.note ? `  (${device.note})` : ''}\n`,
      );
  return EXIT.done;
}
