import { constants } from 'node:http2';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { formatAddress, type Address } from '../proto/address.js';
import { AlreadyExistsError, type LimitExceededError } from '../proto/errors.js';
import { SDK_SETTING } from '../proto/session-stream.js';
import { refuse } from './traffic/refusal.js';
import { claimSocket } from './socket.js';
import { TLS_HANDSHAKE, type TlsServer } from './access/tls.js';

/** Takes over connections once their client is known. */
export interface Receivers {
  /** Takes over a connection of our SDK. */
  sdk(socket: Socket): void;
  /** Takes over a connection of any other gRPC client. */
  grpc(socket: Socket): void;
  /** Ends a connection that asks for something else, with the reason. */
  refused(socket: Socket, why: string): void;
  /** A connection could not be accepted, for example for lack of a file descriptor. The listener goes on. */
  failed(error: Error): void;
}

/** Time within which a new connection must send its first frame, in milliseconds. */
const SILENCE_MS = 20_000;
/** Size of the client's preface (RFC 9113, 3.4), and of the header of its first frame, which is SETTINGS. */
const PREFACE_BYTES = 24;
const FRAME_HEADER_BYTES = 9;

/** A listening socket. Its address has the real port. */
export interface Listener {
  readonly address: string;
  close(): void;
}

/**
 * Listens on an address, and passes each connection to the receiver that its first bytes ask for.
 * @param admit counts a connection, or returns the error that refuses it
 * @param tls decrypts the connections of a TCP port, and passes them to {@link receive}; undefined if they are plain. A unix socket always is.
 */
export async function listen(
  address: Address,
  receivers: Receivers,
  admit: (socket: Socket) => LimitExceededError | undefined,
  tls?: TlsServer,
): Promise<Listener> {
  const server = createServer({ noDelay: true }, (socket) => {
    const decrypting = 'port' in address ? tls : undefined;
    const refusal = admit(socket);
    if (refusal === undefined) {
      if (decrypting === undefined) receive(socket, receivers);
      else receiveEncrypted(socket, decrypting, receivers);
    } else if (decrypting === undefined) {
      refuse(socket, refusal.message, constants.NGHTTP2_ENHANCE_YOUR_CALM);
    } else {
      // Its client would take the reason for an answer without TLS, and try no more.
      socket.destroy();
    }
  });
  server.once('listening', () => server.on('error', (error) => receivers.failed(error)));
  if ('path' in address) {
    const claimed = await claimSocket(address.path, (path) => bind(server, { path })).catch((error: unknown) => {
      server.close();
      throw error;
    });
    const close = (): void => {
      claimed.remove();
      server.close();
    };
    return { address: formatAddress(address), close };
  }
  await bind(server, address);
  const { port } = server.address() as AddressInfo;
  return { address: formatAddress({ host: address.host, port }), close: () => server.close() };
}

function bind(server: Server, address: Address): Promise<void> {
  return new Promise((resolve, reject) => {
    server.on('error', (error) => reject(notBound(error, address)));
    server.listen(address, resolve);
  });
}

function notBound(error: NodeJS.ErrnoException, address: Address): Error {
  if (error.code !== 'EADDRINUSE') return error;
  const look = 'port' in address ? ` (ss -ltnp 'sport = :${address.port}' shows its process)` : '';
  const text = `${formatAddress(address)} is in use (EADDRINUSE), perhaps by another manager (commonhold serve)${look}: stop that, or listen elsewhere`;
  return new AlreadyExistsError(text, { cause: error });
}

function receiveEncrypted(socket: Socket, tls: TlsServer, receivers: Receivers): void {
  peek(
    socket,
    () => 1,
    ([first]) => {
      if (first === TLS_HANDSHAKE) tls.inject(socket);
      else receivers.refused(socket, 'this address speaks TLS');
    },
  );
}

/** Passes a connection that is plain, or decrypted, to the receiver that its first bytes ask for. */
export function receive(socket: Socket, receivers: Receivers): void {
  peek(socket, settingsEnd, (head) => {
    if (head[0] === TLS_HANDSHAKE) receivers.refused(socket, 'this address speaks no TLS');
    else if (marked(head)) receivers.sdk(socket);
    else receivers.grpc(socket);
  });
}

/**
 * Looks at the first bytes of a connection, which stay in it.
 * @param end returns the number of bytes that are needed, as far as the bytes so far show it
 */
function peek(socket: Socket, end: (head: Buffer) => number, then: (head: Buffer) => void): void {
  const timer = setTimeout(() => socket.destroy(), SILENCE_MS);
  const drop = (): void => clearTimeout(timer);
  socket.on('error', drop);
  socket.once('close', drop);
  let head = Buffer.alloc(0);
  const look = (): void => {
    const chunk = socket.read() as Buffer | null;
    if (chunk !== null) head = Buffer.concat([head, chunk]);
    if (chunk === null || head.length < end(head)) {
      socket.once('readable', look);
      return;
    }
    socket.unshift(head);
    clearTimeout(timer);
    socket.off('close', drop);
    then(head);
  };
  socket.once('readable', look);
}

/** Returns the end of the first frame in the bytes, as far as they show it; 0 if they are not HTTP/2. */
function settingsEnd(head: Buffer): number {
  if (!looksLikeHttp2(head)) return 0;
  const begin = PREFACE_BYTES + FRAME_HEADER_BYTES;
  if (head.length < begin) return begin;
  return Math.min(begin + head.readUIntBE(PREFACE_BYTES, 3), 4096);
}

function looksLikeHttp2(head: Buffer): boolean {
  return 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'.startsWith(head.toString('latin1', 0, PREFACE_BYTES));
}

/** Returns true if the first SETTINGS frame has the mark of the SDK. */
function marked(head: Buffer): boolean {
  const begin = PREFACE_BYTES + FRAME_HEADER_BYTES;
  const end = Math.min(settingsEnd(head), head.length);
  for (let at = begin; at + 6 <= end; at += 6) if (head.readUInt16BE(at) === SDK_SETTING) return true;
  return false;
}
