import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { TLSSocket } from 'node:tls';
import fc from 'fast-check';
import { SDK_SETTING } from '../../proto/session-stream.js';
import { END_HEADERS, END_STREAM, frame, FrameType, headers, PREFACE, reset, settings } from './http2-bytes.js';
import type { Face } from './grpc.js';

/** Bytes that a hostile client writes, piece by piece, and how it ends. */
export interface Attack {
  readonly pieces: readonly Buffer[];
  readonly end: 'reset' | 'end' | 'destroy';
}

const CONNECT = '/commonhold.v1.SessionService/Connect';
const PATHS = [CONNECT, '/commonhold.v1.ManagerService/Info', '/grpc.health.v1.Health/Watch', '/unknown', '/%ff%', '/\xff\xfe', '*', ''];
const METHODS = ['POST', 'POST', 'POST', 'GET', 'HEAD', 'CONNECT', 'OPTIONS', 'FLY'];
const TYPES = ['application/grpc', 'application/grpc', 'application/grpc+proto', 'text/html', ''];
const ODD_FIELDS: readonly (readonly [string, string])[] = [
  ['expect', '100-continue'],
  ['grpc-timeout', '1n'],
  ['grpc-timeout', '99999999H'],
  ['grpc-timeout', 'soon'],
  ['grpc-encoding', 'gzip'],
  ['grpc-encoding', 'unknown'],
  ['details-bin', '!!!'],
  ['authorization', '\xff'],
  ['connection', 'close'],
  ['content-length', '99999'],
  [':protocol', 'websocket'],
];
/** gRPC messages: empty, compressed, too long, malformed; the hello of a session; no message. */
const MESSAGES = ['0000000000', '010000000301020304', 'ffffffffff', '00000000080affffffffffff01', '00000000040a020801', '07'];

const bytes = (maxLength: number): fc.Arbitrary<Buffer> => fc.uint8Array({ maxLength }).map((array) => Buffer.from(array));
const streamId = fc.constantFrom(1, 1, 1, 3, 5);

const opening = fc
  .record({
    id: streamId,
    method: fc.constantFrom(...METHODS),
    path: fc.constantFrom(...PATHS),
    type: fc.constantFrom(...TYPES),
    odd: fc.subarray([...ODD_FIELDS], { maxLength: 2 }),
    flags: fc.constantFrom(END_HEADERS, END_HEADERS, END_HEADERS, END_HEADERS | END_STREAM, 0),
  })
  .map(({ id, method, path, type, odd, flags }) => {
    const target = method === 'CONNECT' ? [] : ([[':scheme', 'http'] as const, [':path', path] as const] as const);
    return headers(id, [[':method', method], ...target, [':authority', 'a'], ['te', 'trailers'], ['content-type', type], ...odd], flags);
  });

const message = fc.oneof(
  fc.constantFrom(...MESSAGES).map((hex) => Buffer.from(hex, 'hex')),
  bytes(300),
);
const anyFrame = fc.oneof(
  { arbitrary: opening, weight: 5 },
  { arbitrary: fc.tuple(streamId, fc.constantFrom(0, 2, 8)).map(([id, code]) => reset(id, code)), weight: 4 },
  {
    arbitrary: fc
      .tuple(fc.constantFrom(0, END_STREAM, 8), streamId, message)
      .map(([flags, id, data]) => frame(FrameType.DATA, flags, id, data)),
    weight: 3,
  },
  { arbitrary: fc.constantFrom(settings(), settings([[4, 0]]), settings([[4, 2 ** 31 - 1]]), settings([[5, 1]])), weight: 1 },
  {
    arbitrary: fc.tuple(fc.nat(10), fc.nat(255), streamId, bytes(20)).map(([type, flags, id, payload]) => frame(type, flags, id, payload)),
    weight: 2,
  },
  { arbitrary: bytes(30), weight: 1 },
);

/** Writes each piece when the one before has left, and ends as the attack says. */
export async function attack(socket: Socket, { pieces, end }: Attack): Promise<void> {
  socket.on('error', () => {}).resume();
  const closed = once(socket, 'close');
  await Promise.race([once(socket, socket instanceof TLSSocket ? 'secureConnect' : 'connect'), closed]);
  for (const piece of pieces) {
    await new Promise<void>((resolve) => socket.write(piece, () => resolve()));
    await turn();
  }
  if (end === 'reset' && !(socket instanceof TLSSocket)) socket.resetAndDestroy();
  else if (end === 'end') socket.destroySoon();
  else socket.destroy();
  await closed;
}

/** The first bytes of a connection, which select the server that serves it. */
export function greeting(face: Face): Buffer {
  return Buffer.concat([PREFACE, settings(face === 'sdk' ? [[SDK_SETTING, 1]] : [])]);
}

/** Attacks on one of the servers, the same ones for the same seed. */
export function attacks(face: Face, count: number, seed: number): readonly Attack[] {
  const attack = fc
    .record({
      frames: fc.array(anyFrame, { minLength: 1, maxLength: 12 }),
      cuts: fc.array(fc.nat(2000), { maxLength: 3 }),
      end: fc.constantFrom('reset' as const, 'end' as const, 'destroy' as const),
    })
    .map(({ frames, cuts, end }) => ({ pieces: cut(Buffer.concat([greeting(face), ...frames]), cuts), end }));
  return fc.sample(attack, { numRuns: count, seed });
}

/** Cuts bytes into pieces at some places. */
export function cut(whole: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...cuts.filter((place) => place < whole.length).sort((a, b) => a - b), whole.length];
  return places.slice(1).map((place, index) => whole.subarray(places[index], place));
}
