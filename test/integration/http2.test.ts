import { once } from 'node:events';
import { constants } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Manager } from 'commonhold';
import { parseAddress } from '../../proto/address.js';
import { range } from '../conformance/support.js';
import { Daemon } from '../support/daemon.js';
import { connectHttp2, RawCall, type Face } from '../support/grpc.js';
import { greeting } from '../support/hostile.js';
import { frame, FrameType, headers, reset } from '../support/http2-bytes.js';

// Clients that only cost the manager something, by means of HTTP/2, are refused early or cut off.

const TOKEN = 'the token of this test';
const UNAUTHENTICATED = 16;
const FACES: readonly Face[] = ['grpc', 'sdk'];
const ALLOWED = { authorization: `Bearer ${TOKEN}` };
/** A header that takes many frames. */
const LONG = ['x', 'y'.repeat(8_000)] as const;
/** The beginning of a message of 16 MiB. */
const MESSAGE = Buffer.of(0, 1, 0, 0, 0);

let daemon: Daemon;
let witness: Manager;
/** Connections without a call that is allowed. They are opened first, and looked at last. */
let useless: Promise<unknown>[];

beforeAll(async () => {
  daemon = await Daemon.serve(['--listen', '127.0.0.1:0'], { COMMONHOLD_TOKEN: TOKEN });
  witness = await Manager.connect(daemon.address, { token: TOKEN });
  useless = FACES.flatMap((face) => [[], [headers(1, fields({}))]].map((frames) => ended(open([greeting(face), ...frames]))));
});

afterAll(async () => {
  await witness.close();
  await daemon[Symbol.asyncDispose]();
});

function open(bytes: readonly Buffer[]): Socket {
  const socket = connect(parseAddress(daemon.address) as { host: string; port: number });
  socket.on('error', () => {});
  socket.write(Buffer.concat(bytes));
  return socket;
}

/** Resolves once a connection has closed, also with an error. */
function closed(socket: Socket): Promise<unknown> {
  return new Promise((resolve) => socket.once('close', resolve));
}

/** Resolves with everything that a connection received, once it has ended. */
async function ended(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await closed(socket);
  return Buffer.concat(chunks);
}

function fields(more: Record<string, string>, path = 'commonhold.v1.ManagerService/Info'): [string, string][] {
  return Object.entries({
    ':method': 'POST',
    ':scheme': 'http',
    ':path': `/${path}`,
    ':authority': 'a',
    'content-type': 'application/grpc',
    ...more,
  });
}

async function expectService(): Promise<void> {
  expect(await witness.dict<string, number>('scores').add('alice', 1)).toBeGreaterThan(0);
}

describe.each(FACES)('a client (%s)', (face) => {
  const path = face === 'sdk' ? 'commonhold.v1.SessionService/Connect' : 'commonhold.v1.DictService/Set';

  test('without the token is answered before it sends a byte of its message', async () => {
    const session = connectHttp2(daemon.address, face);
    expect(await new RawCall(session, path).ended).toMatchObject({ status: UNAUTHENTICATED });
    session.destroy();
  });

  test.each(['origin', 'sec-fetch-site'])('that is a page in a browser, by the header %s, is refused', async (name) => {
    const session = connectHttp2(daemon.address, face);
    const { stream } = new RawCall(session, path, TOKEN, { [name]: 'https://example.com' });
    const [response] = (await once(stream, 'response')) as [{ ':status': number }];
    expect(response[':status']).toBe(403);
    session.destroy();
  });

  test.each([undefined, TOKEN])('that resets its streams (token: %s) is cut off', async (token) => {
    const access = token === undefined ? {} : ALLOWED;
    const frames = range(0, 5_000).flatMap((n) => [headers(2 * n + 1, fields(access)), reset(2 * n + 1)]);
    const received = await ended(open([greeting(face), ...frames]));
    // The code follows the type, the flags, the stream, and the last stream (RFC 9113, 6.8).
    const goaway = received.lastIndexOf(Buffer.from([FrameType.GOAWAY, 0, 0, 0, 0, 0]));
    expect(received.readUInt32BE(goaway + 10)).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    await expectService();
  });

  test.each([
    ['settings', [], [frame(FrameType.SETTINGS, 0, 0)]],
    ['pings', [], [frame(FrameType.PING, 0, 0, Buffer.alloc(8))]],
    ['headers without an end', [headers(1, [LONG], 0)], [frame(FrameType.CONTINUATION, 0, 1, headers(1, [LONG], 0).subarray(9))]],
    [
      'a message in pieces of one byte',
      [headers(1, fields(ALLOWED, path)), frame(FrameType.DATA, 0, 1, MESSAGE)],
      [frame(FrameType.DATA, 0, 1, Buffer.alloc(1))],
    ],
  ])('that floods it with %s, and reads no answers, is cut off', async (_, first, again) => {
    const socket = open([greeting(face), ...first]);
    const end = closed(socket);
    const flood = Buffer.concat(range(0, 1_000).flatMap(() => again));
    while (!socket.destroyed) if (!socket.write(flood)) await Promise.race([end, once(socket, 'drain').catch(() => {})]);
    await expectService();
  });
});

test('a connection without a call that is allowed ends', async () => {
  await Promise.all(useless);
  await expectService();
});
