import { readFileSync } from 'node:fs';
import { assertUsable } from '../../proto/certificates.js';
import { InvalidArgumentError } from '../../proto/errors.js';
import { checkOptions, type OptionNames } from '../../proto/known-options.js';
import type { TlsCredentials } from './transport/credentials.js';

/** Options of TLS. Certificates and keys are texts in PEM, not the names of files. */
export interface TlsOptions {
  /** Certificates of the authorities that the certificate of the manager may come from. Default: the authorities that Node.js trusts. */
  ca?: string | Uint8Array | undefined;
  /** Certificate of this client, for a manager that asks for one. Default: none. */
  cert?: string | Uint8Array | undefined;
  /** Key of `cert`. */
  key?: string | Uint8Array | undefined;
  /** Host name or IP address for which the certificate of the manager has to be. Default: the host of the address. */
  serverName?: string | undefined;
}

const TLS_OPTIONS = { ca: true, cert: true, key: true, serverName: true } satisfies OptionNames<TlsOptions>;

/** Checks the options. @throws InvalidArgumentError for an unknown option, or for a text that is no certificate or key */
export function resolveTls(options: TlsOptions): TlsCredentials {
  checkOptions(options, TLS_OPTIONS);
  const { ca, cert, key, serverName } = options;
  return checked({ ca: pem(ca), cert: pem(cert), key: pem(key), serverName }, 'tls');
}

/** Returns the credentials in the files that the environment names; undefined if it names none. */
export function environmentTls(): TlsCredentials | undefined {
  const { COMMONHOLD_TLS_CA: ca, COMMONHOLD_TLS_CERT: cert, COMMONHOLD_TLS_KEY: key } = process.env;
  if (!ca && !cert && !key) return undefined;
  return checked(
    { ca: read('COMMONHOLD_TLS_CA', ca), cert: read('COMMONHOLD_TLS_CERT', cert), key: read('COMMONHOLD_TLS_KEY', key) },
    'the files in COMMONHOLD_TLS_CA, COMMONHOLD_TLS_CERT and COMMONHOLD_TLS_KEY',
  );
}

function pem(text: string | Uint8Array | undefined): string | undefined {
  return text instanceof Uint8Array ? Buffer.from(text).toString() : text;
}

function read(variable: string, file: string | undefined): string | undefined {
  if (!file) return undefined;
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new InvalidArgumentError(`cannot read the file in ${variable}: ${(cause as Error).message}`, { cause });
  }
}

function checked(credentials: TlsCredentials, origin: string): TlsCredentials {
  assertUsable(credentials, origin);
  return credentials;
}
