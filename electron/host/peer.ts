import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';

/**
 * Whose program is at the other end of a connection on this machine: the user's number, or undefined where the system
 * does not say (only Linux does).
 */
export async function peerUser({
  localPort,
  remotePort,
}: Pick<Socket, 'localPort' | 'remotePort'>): Promise<number | undefined> {
  if (process.platform !== 'linux' || localPort === undefined || remotePort === undefined) return undefined;
  // A browser's socket may be one for both kinds of address.
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'utf8').catch(() => '')),
  );
  return userIn(tables.join('\n'), remotePort, localPort);
}

/**
 * The owner of the socket from `from` to `to` in the kernel's table of sockets: `local_address rem_address … uid` with
 * addresses and ports in hexadecimal.
 */
export function userIn(table: string, from: number, to: number): number | undefined {
  const hex = (port: number) => port.toString(16).toUpperCase().padStart(4, '0');
  for (const line of table.split('\n')) {
    const [, local, remote, , , , , uid] = line.trim().split(/\s+/);
    if (local?.endsWith(`0100007F:${hex(from)}`) && remote?.endsWith(`0100007F:${hex(to)}`)) return Number(uid);
  }
  return undefined;
}
