// A gRPC client of nothing but node:http2: it can send messages that no real client sends.
import { connect, type ClientHttp2Session, type ClientHttp2Stream, type IncomingHttpHeaders } from 'node:http2';
import { connect as connectSocket } from 'node:net';
import { connect as connectTls, type SecureContextOptions } from 'node:tls';
import { parseAddress } from '../../proto/address.js';
import { SDK_SETTING } from '../../proto/session-stream.js';
import { Deframer } from '../../proto/wire/framing.js';

/** End of a call. */
export interface Ending {
  /** The gRPC status; undefined if the stream ended without one. */
  readonly status: number | undefined;
  readonly message: string;
  /** The google.rpc.Status with the error's details. */
  readonly details: Buffer | undefined;
}

/** Identity of a connection: as any gRPC client, or as the SDK, which another server serves. */
export type Face = 'grpc' | 'sdk';

/**
 * Connects to a manager without the knowledge of the SDK.
 * @param tls certificates in PEM; undefined for a plain connection
 */
export function connectHttp2(address: string, face: Face = 'grpc', tls?: SecureContextOptions): ClientHttp2Session {
  const target = parseAddress(address);
  const session = connect(tls === undefined ? 'http://raw' : 'https://raw', {
    ...(face === 'sdk' ? { settings: { customSettings: { [SDK_SETTING]: 1 } } } : {}),
    createConnection: () => {
      if ('path' in target) return connectSocket(target.path);
      return tls === undefined ? connectSocket(target) : connectTls({ ...target, ...tls, ALPNProtocols: ['h2'] });
    },
  });
  // The end of each stream reports the error.
  session.on('error', () => {});
  return session;
}

/** A message with gRPC's prefix. */
export function framed(message: Uint8Array): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/** One call of any gRPC method: messages as bytes. */
export class RawCall {
  readonly stream: ClientHttp2Stream;
  /** Resolves when the call is over, on success and failure. */
  readonly ended: Promise<Ending>;
  readonly #messages: Buffer[] = [];
  readonly #waiting: ((message: Buffer | undefined) => void)[] = [];
  #over = false;

  constructor(session: ClientHttp2Session, method: string, token?: string, headers: Record<string, string> = {}) {
    this.stream = session.request({
      ':method': 'POST',
      ':path': `/${method}`,
      te: 'trailers',
      'content-type': 'application/grpc',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    });
    let found: IncomingHttpHeaders = {};
    this.stream.on('response', (headers) => (found = headers));
    this.stream.on('trailers', (trailers: IncomingHttpHeaders) => (found = trailers));
    this.stream.on('error', () => {});
    const deframer = new Deframer((message) => this.#arrived(message));
    this.stream.on('data', (chunk: Buffer) => deframer.push(chunk));
    this.ended = new Promise((resolve) => {
      const over = (): void => {
        this.#over = true;
        for (const resume of this.#waiting.splice(0)) resume(undefined);
        resolve(ending(found));
      };
      // The end of the other side; the stream closes when this side has ended as well.
      this.stream.on('end', over);
      this.stream.on('close', over);
    });
  }

  /** The next message, or undefined at the end of the stream. */
  message(): Promise<Buffer | undefined> {
    const next = this.#messages.shift();
    if (next !== undefined || this.#over) return Promise.resolve(next);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  send(message: Uint8Array): void {
    this.stream.write(framed(message));
  }

  #arrived(message: Buffer): void {
    const resume = this.#waiting.shift();
    if (resume) resume(message);
    else this.#messages.push(message);
  }
}

function ending(headers: IncomingHttpHeaders): Ending {
  const status = headers['grpc-status'];
  const details = headers['grpc-status-details-bin'];
  return {
    status: status === undefined ? undefined : Number(status),
    message: decodeURIComponent(String(headers['grpc-message'] ?? '')),
    details: details === undefined ? undefined : Buffer.from(String(details), 'base64'),
  };
}

/** Makes a unary call on a connection of its own. */
export async function unaryCall(
  address: string,
  method: string,
  request: Uint8Array,
  token?: string,
  headers?: Record<string, string>,
  tls?: SecureContextOptions,
): Promise<Ending & { response: Buffer | undefined }> {
  const session = connectHttp2(address, 'grpc', tls);
  const call = new RawCall(session, method, token, headers);
  call.stream.end(framed(request));
  const response = await call.message();
  const end = await call.ended;
  session.destroy();
  return { ...end, response };
}
