import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvalidArgumentError } from './errors.js';

/** Address of a manager: a unix socket or a TCP port. */
export type Address = { readonly path: string } | { readonly host: string; readonly port: number };

/** Size limit of a socket path in bytes, set by the system. */
export const LONGEST_PATH = 107;

/** Parses `unix:PATH`, `unix:///PATH`, `HOST:PORT` or `[IPV6]:PORT`. @throws InvalidArgumentError */
export function parseAddress(text: string): Address {
  if (text.startsWith('unix:')) {
    const path = text.slice(5).replace(/^\/\/(?=\/)/, '');
    if (path === '') throw new InvalidArgumentError(`"${text}" names no socket: write unix:/path/to.sock`);
    if (Buffer.byteLength(path) > LONGEST_PATH)
      throw new InvalidArgumentError(`the socket path ${path} is too long: the system takes ${LONGEST_PATH} bytes`);
    return { path };
  }
  const match = /^(?:\[([^\]]+)\]|([^:[\]/\s]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (!match || port > 65535) throw new InvalidArgumentError(`"${text}" is no address: write HOST:PORT, [IPV6]:PORT or unix:PATH`);
  return { host: (match[1] ?? match[2])!, port };
}

/** Formats an address as {@link parseAddress} reads it. */
export function formatAddress(address: Address): string {
  if ('path' in address) return `unix:${address.path}`;
  return isIP(address.host) === 6 ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}

/** Returns the default address of this user's manager, for daemon and clients. */
export function userSocket(): string {
  const runtime = process.env['XDG_RUNTIME_DIR'];
  const directory = runtime ? join(runtime, 'commonhold') : join(tmpdir(), `commonhold-${process.getuid!()}`);
  return `unix:${join(directory, 'manager.sock')}`;
}
