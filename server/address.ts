import { isIP } from 'node:net';
import { parseAddress, type Address } from '../proto/address.js';
import { InvalidArgumentError } from '../proto/errors.js';

/** Parses an address to listen on: a unix socket, or a port that only this host can reach. Throws for a host that is not loopback. */
export function parseListen(text: string): Address {
  const address = parseAddress(text);
  if ('path' in address || isLoopback(address.host)) return address;
  throw new InvalidArgumentError(
    `${address.host} is reachable from other hosts, which needs TLS, and this version has none: listen on 127.0.0.1, [::1], localhost or a unix socket`,
  );
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
