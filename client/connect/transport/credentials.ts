/** Credentials of a client for one manager. They travel with workers, and never in references. */
export interface Credentials {
  readonly token?: string | undefined;
  /** Undefined for a plain connection. A unix socket always is one. */
  readonly tls?: TlsCredentials | undefined;
}

/** The certificates of a TLS connection, in PEM. */
export interface TlsCredentials {
  /** Authorities that the certificate of the manager may come from. Undefined for the authorities that Node.js trusts. */
  readonly ca?: string | undefined;
  /** Certificate of the client, and its key. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** Host for which the certificate of the manager has to be. Undefined for the host of the address. */
  readonly serverName?: string | undefined;
}
