import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { formatAddress, type Address } from '../proto/address.js';
import { AlreadyExistsError } from '../proto/errors.js';
import { SDK_SETTING } from '../proto/session-stream.js';
import { claimSocket } from './socket.js';

/** Who takes over a connection, once it is known whose it is. */
export interface Receivers {
  /** A connection of our SDK. */
  sdk(socket: Socket): void;
  /** Any other gRPC connection. */
  grpc(socket: Socket): void;
}

/** How long a new connection may stay silent. */
const SILENCE_MS = 20_000;
/** The client's preface (RFC 9113, 3.4) and the header of its first frame, which is SETTINGS. */
const PREFACE_BYTES = 24;
const FRAME_HEADER_BYTES = 9;

/** An address that is listened on, with the real port. */
export interface Listener {
  readonly address: string;
  close(): void;
}

/** Listens on an address, and hands each connection to whom its first bytes say. */
export async function listen(address: Address, receivers: Receivers): Promise<Listener> {
  const server = createServer({ noDelay: true }, (socket) => receive(socket, receivers));
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
    // Later ones are connections that could not be accepted, as when no descriptor is free: the next one may be.
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

function receive(socket: Socket, receivers: Receivers): void {
  const timer = setTimeout(() => socket.destroy(), SILENCE_MS);
  const drop = (): void => clearTimeout(timer);
  socket.on('error', drop);
  socket.once('close', drop);
  let head = Buffer.alloc(0);
  const look = (): void => {
    const chunk = socket.read() as Buffer | null;
    if (chunk !== null) head = Buffer.concat([head, chunk]);
    if (chunk === null || head.length < settingsEnd(head)) {
      socket.once('readable', look);
      return;
    }
    socket.unshift(head);
    clearTimeout(timer);
    socket.off('close', drop);
    if (marked(head)) receivers.sdk(socket);
    else receivers.grpc(socket);
  };
  socket.once('readable', look);
}

/** Where the first frame ends, as far as the bytes tell. */
function settingsEnd(head: Buffer): number {
  if (!looksLikeHttp2(head)) return 0;
  const begin = PREFACE_BYTES + FRAME_HEADER_BYTES;
  if (head.length < begin) return begin;
  return Math.min(begin + head.readUIntBE(PREFACE_BYTES, 3), 4096);
}

function looksLikeHttp2(head: Buffer): boolean {
  return 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'.startsWith(head.toString('latin1', 0, PREFACE_BYTES));
}

/** Whether the first SETTINGS frame carries the mark of the SDK. */
function marked(head: Buffer): boolean {
  const begin = PREFACE_BYTES + FRAME_HEADER_BYTES;
  const end = Math.min(settingsEnd(head), head.length);
  for (let at = begin; at + 6 <= end; at += 6) if (head.readUInt16BE(at) === SDK_SETTING) return true;
  return false;
}
