import { isIP } from 'node:net';
import { formatAddress, userSocket, type Address } from '../../proto/address.js';
import { InvalidArgumentError, UnauthenticatedError } from '../../proto/errors.js';
import type { Admit } from './tokens.js';

/** The options of a server that protect its TCP ports. */
interface Protection {
  readonly token?: string | undefined;
  readonly tokenFile?: string | undefined;
  readonly tokens?: string | undefined;
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  readonly tlsClientCa?: string | undefined;
}

/**
 * Checks that no port which other hosts can reach is plain, or takes every client.
 * @throws InvalidArgumentError with the command that protects it
 */
export function assertGuarded(listen: readonly Address[], options: Protection): void {
  const isEncrypted = options.tlsCert !== undefined;
  const asksClients = provesClients(options);
  if (isEncrypted && asksClients) return;
  const open = listen.find((address) => 'port' in address && !isLoopback(address.host));
  if (open === undefined) return;
  const lacks = [...(isEncrypted ? [] : ['TLS']), ...(asksClients ? [] : ['a token'])].join(' and ');
  throw new InvalidArgumentError(`other hosts can reach ${formatAddress(open)}, which needs ${lacks}: ${guarded(listen, options)}`);
}

/** Says who can use the TCP ports of a manager that asks for no token; undefined if there are none. @param addresses with real ports */
export function exposure(addresses: readonly string[], options: Protection): string | undefined {
  const ports = provesClients(options) ? [] : addresses.filter((address) => !address.startsWith('unix:'));
  if (ports.length === 0) return undefined;
  const sockets = addresses.filter((address) => address.startsWith('unix:'));
  const alone = sockets.length === 0 ? userSocket() : sockets.join(' --listen ');
  return `every user of this host can use ${ports.join(', ')}: give --token-file FILE, or listen on a socket alone with --listen ${alone}`;
}

/** Returns true if a client on TCP needs a token or a certificate. */
function provesClients({ token, tokenFile, tokens, tlsClientCa }: Protection): boolean {
  return (token ?? tokenFile ?? tokens ?? tlsClientCa) !== undefined;
}

/**
 * Admits calls over HTTP on loopback, which every user of the host can make: without a token only if they all can make them on a TCP port too.
 * So `--http` opens no manager that listens on a socket of its user alone, or that asks for certificates.
 */
export function admitOverHttp(
  admit: Admit,
  { listen, tls }: { readonly listen: readonly Address[]; readonly tls: { readonly clientCa: string | undefined } | undefined },
): Admit {
  const isOpen = tls?.clientCa === undefined && listen.some((address) => 'port' in address);
  return (authorization) => {
    const access = admit(authorization);
    if (isOpen || access instanceof UnauthenticatedError || access.digest !== undefined) return access;
    return new UnauthenticatedError(
      'every user of this host could make calls here: start the manager with --token-file FILE, and give its token',
    );
  };
}

/** Returns the command that protects the ports. */
function guarded(listen: readonly Address[], options: Protection): string {
  const { tlsCert = 'cert.pem', tlsKey = 'key.pem', tlsClientCa, tokenFile, tokens } = options;
  const flags = [
    ...listen.map((address) => ['--listen', formatAddress(address)]),
    ['--tls-cert', tlsCert],
    ['--tls-key', tlsKey],
    ['--tls-client-ca', tlsClientCa],
    ['--tokens', tokens],
    ['--token-file', tokenFile ?? (provesClients(options) ? undefined : 'token.txt')],
  ];
  return `commonhold serve ${flags
    .filter(([, value]) => value !== undefined)
    .flat()
    .join(' ')}`;
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
