import { constants } from 'node:http2';
import type { Socket } from 'node:net';

/** Time in which the client has to read why it was refused, in milliseconds. */
const READING_MS = 1_000;
/** Type of the frame that ends a connection (RFC 9113, 6.8). */
const GOAWAY = 7;
/** The manager's first frame: no settings. */
const SETTINGS = Buffer.from('000000040000000000', 'hex');

/**
 * Ends a connection that cannot have a stream, with a frame of HTTP/2 that says why: gRPC libraries show the text.
 * @param code error code of HTTP/2; by default, that something of its security is wrong
 */
export function refuse(socket: Socket, why: string, code: number = constants.NGHTTP2_INADEQUATE_SECURITY): void {
  const text = Buffer.from(why);
  const goaway = Buffer.alloc(17);
  goaway.writeUIntBE(8 + text.length, 0, 3);
  goaway[3] = GOAWAY;
  goaway.writeUInt32BE(code, 13);
  const timer = setTimeout(() => socket.destroy(), READING_MS);
  socket.once('close', () => clearTimeout(timer));
  socket.end(Buffer.concat([SETTINGS, goaway, text]));
  // Bytes left unread would reset the connection before the client has read the frame.
  socket.resume();
}
