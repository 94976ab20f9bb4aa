import type { Socket } from 'node:net';

/** Returns the address of a client, as its connection shows it: `unix` for a unix socket, which shows none. */
export function peerOf(socket: Pick<Socket, 'remoteAddress' | 'remotePort'> | undefined): string {
  const { remoteAddress, remotePort } = socket ?? {};
  if (remoteAddress === undefined) return 'unix';
  return remoteAddress.includes(':') ? `[${remoteAddress}]:${remotePort}` : `${remoteAddress}:${remotePort}`;
}
