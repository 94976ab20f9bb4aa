import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { constants } from 'node:crypto';
import { createServer, type SecureContextOptions, type Server, type TLSSocket } from 'node:tls';
import { assertUsable } from '../../proto/certificates.js';
import { InvalidArgumentError } from '../../proto/errors.js';

/** The files of a manager that speaks TLS, in PEM. */
export interface TlsFiles {
  /** Its certificate, and those between it and its authority. */
  readonly cert: string;
  readonly key: string;
  /** Certificates of the authorities of clients. Undefined if clients need no certificate. */
  readonly clientCa: string | undefined;
}

/** First byte of a connection that speaks TLS: the type of the record with the client's hello (RFC 8446, 5.1). */
export const TLS_HANDSHAKE = 0x16;

/** HTTP/2 in the negotiation of TLS (RFC 9113, 3.2). */
const HTTP2 = 'h2';
/** Time for the handshake of a connection, in milliseconds. */
const HANDSHAKE_MS = 20_000;

/** Decrypts connections, and passes them on. */
export class TlsServer {
  readonly #server: Server;

  /**
   * @param secured takes over a connection whose client has the certificate that it needs
   * @param refused ends any other, with the reason
   * @throws InvalidArgumentError if a file cannot be used
   */
  constructor(
    private readonly files: TlsFiles,
    secured: (socket: TLSSocket) => void,
    refused: (socket: TLSSocket, why: string) => void,
  ) {
    const { clientCa } = files;
    // A client without the right certificate is refused once it can read the reason.
    const clients = { requestCert: clientCa !== undefined, rejectUnauthorized: false };
    this.#server = createServer({ ...contextOf(files), ...clients, ALPNProtocols: [HTTP2], handshakeTimeout: HANDSHAKE_MS }, (socket) => {
      socket.on('error', () => {});
      const why = refusalOf(socket, clientCa !== undefined);
      if (why === undefined) secured(socket);
      else refused(socket, why);
    });
    // A handshake that failed; its connection is closed.
    this.#server.on('tlsClientError', () => {});
  }

  /** Takes over a connection that has sent its first bytes. */
  inject(socket: Socket): void {
    this.#server.emit('connection', socket);
  }

  /** Reads the files again, for new connections. @throws InvalidArgumentError if one cannot be used: then everything stays as it is */
  reload(): void {
    this.#server.setSecureContext(contextOf(this.files));
  }
}

/** Returns the reason to refuse a connection; undefined if there is none. @param certified true if the client needs a certificate */
function refusalOf(socket: TLSSocket, certified: boolean): string | undefined {
  if (socket.alpnProtocol !== HTTP2) return 'only HTTP/2 is spoken here: offer "h2" by ALPN';
  // A resumed session of TLS 1.3 would count as authorized, although no certificate was ever shown.
  if (!certified || (socket.authorized && !socket.isSessionReused())) return undefined;
  return `a client certificate is needed of an authority in --tls-client-ca (${String(socket.authorizationError)})`;
}

function contextOf({ cert, key, clientCa }: TlsFiles): SecureContextOptions {
  const context = { cert: read(cert), key: read(key), ca: clientCa === undefined ? undefined : read(clientCa) };
  const { ca, ...own } = context;
  assertUsable(own, `${cert} and ${key}`);
  assertUsable({ ca }, clientCa ?? '');
  return { ...context, minVersion: 'TLSv1.2', secureOptions: clientCa === undefined ? undefined : constants.SSL_OP_NO_TICKET };
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new InvalidArgumentError(`cannot read a file of TLS: ${(cause as Error).message}`, { cause });
  }
}
