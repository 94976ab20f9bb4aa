import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { checkServerIdentity, connect as connectTls, type TLSSocket } from 'node:tls';
import { formatAddress, type Address } from '../../../proto/address.js';
import { ManagerUnavailableError, UnauthenticatedError, type ManagerError } from '../../../proto/errors.js';
import type { TlsCredentials } from './credentials.js';

/** Connects to a manager, over TLS if there are credentials for it and the address is no unix socket. */
export function openSocket(address: Address, tls: TlsCredentials | undefined): Socket {
  if ('path' in address) return connectPlain(address.path);
  if (tls === undefined) return connectPlain({ ...address, noDelay: true });
  return openTls(address, tls);
}

function openTls({ host, port }: { host: string; port: number }, { serverName = host, ca, cert, key }: TlsCredentials): TLSSocket {
  const socket = connectTls({
    host,
    port,
    ca,
    cert,
    key,
    // An IP address is no server name (RFC 6066, 3), but a certificate can be for one.
    servername: isIP(serverName) === 0 ? serverName : '',
    checkServerIdentity: (_, certificate) => checkServerIdentity(serverName, certificate),
    ALPNProtocols: ['h2'],
    minVersion: 'TLSv1.2',
  });
  return socket.setNoDelay(true);
}

/** Remedies for certificates that cannot be verified, by the code of the error. */
const REMEDIES: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'renew it, and send the manager SIGHUP',
  CERT_NOT_YET_VALID: 'compare the clocks of both hosts',
  ERR_TLS_CERT_ALTNAME_INVALID: 'connect to a host that it is for, or give that as tls.serverName',
};
const OTHER_AUTHORITY = 'give the certificate of its authority as tls.ca, or in the file COMMONHOLD_TLS_CA';

/**
 * Returns the error of a connection that failed. If the two sides do not prove who they are in the same way, connecting again cannot help.
 */
export function connectionError(cause: Error, address: Address): ManagerError {
  return identityError(cause, formatAddress(address)) ?? new ManagerUnavailableError(`the connection failed: ${cause.message}`, { cause });
}

function identityError(cause: NodeJS.ErrnoException, address: string): UnauthenticatedError | undefined {
  const { code = '', message } = cause;
  const refused = (why: string): UnauthenticatedError => new UnauthenticatedError(why, { cause, address });
  if (/wrong version number/i.test(message)) {
    return refused(`${address} speaks no TLS: connect without tls and COMMONHOLD_TLS_CA, or start the manager with --tls-cert`);
  }
  if (/^(CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|INVALID_CA|ERR_TLS_CERT_)/.test(code)) {
    return refused(`the certificate of the manager at ${address} cannot be verified (${message}): ${REMEDIES[code] ?? OTHER_AUTHORITY}`);
  }
  return code.startsWith('ERR_SSL_') ? refused(`no TLS with the manager at ${address}: ${message}`) : undefined;
}

/** Longest reason that is shown, in characters: it may come from something else than a manager. */
const LONGEST_REASON = 200;

/** Returns the error of a manager that refused the connection. @param reason in its own words */
export function refusedConnection(reason: string, address: Address): UnauthenticatedError {
  const why = reason.slice(0, LONGEST_REASON);
  const remedy = why.includes('certificate')
    ? 'give tls.cert and tls.key, or the files COMMONHOLD_TLS_CERT and COMMONHOLD_TLS_KEY'
    : 'give tls: { ca }, or the file COMMONHOLD_TLS_CA';
  const formatted = formatAddress(address);
  return new UnauthenticatedError(`the manager at ${formatted} refused the connection, because ${why}: ${remedy}`, { address: formatted });
}
