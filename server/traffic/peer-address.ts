import type { ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';

/** Returns the address of a client, as its connection shows it: `unix` for a unix socket, which shows none. */
export function peerOf({ remoteAddress, remotePort }: Pick<Socket, 'remoteAddress' | 'remotePort'>): string {
  if (remoteAddress === undefined) return 'unix';
  return remoteAddress.includes(':') ? `[${remoteAddress}]:${remotePort}` : `${remoteAddress}:${remotePort}`;
}

/** As {@link peerOf}, for the client of a stream: `gone` if its connection has ended, which no longer lets its socket be read. */
export function peerOfStream({ session }: ServerHttp2Stream): string {
  return session === undefined || session.destroyed ? 'gone' : peerOf(session.socket);
}
