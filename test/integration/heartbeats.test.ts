import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { create, toBinary } from '@bufbuild/protobuf';
import type { ClientHttp2Session } from 'node:http2';
import { setTimeout as pause } from 'node:timers/promises';
import { HeartbeatRequestSchema, type Welcome } from 'commonhold/proto';
import { Manager } from 'commonhold';
import { hostId } from '../../proto/host-id.js';
import { Daemon } from '../support/daemon.js';
import { connectHttp2, RawCall, type Face } from '../support/grpc.js';
import { PROTOCOL, RawSession } from '../support/raw-session.js';
import { until } from '../support/until.js';

// Sessions of clients that say they are on another host, by hand: when the manager needs heartbeats, and what it does with them.

const [OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED, ABORTED, UNAUTHENTICATED] = [0, 3, 8, 10, 16];
const TOKEN = 'a token';
const LEASE = 1_000;
/** Longer than any test. */
const HOUR = 3_600_000;

let daemon: Daemon;
/** Counts the sessions. */
let watcher: Manager;
/** A stream on which nothing is sent. */
let silent: RawCall;
const connections: ClientHttp2Session[] = [];

beforeAll(async () => {
  daemon = await Daemon.serve(undefined, { COMMONHOLD_TOKEN: TOKEN });
  watcher = await Manager.connect(daemon.address, { token: TOKEN });
  silent = heartbeats();
  connections.length = 0;
});

afterEach(() => {
  for (const connection of connections.splice(0)) connection.destroy();
});

afterAll(async () => {
  silent.stream.session?.destroy();
  await watcher.close();
  await daemon[Symbol.asyncDispose]();
});

type Opened = RawSession & { welcome: Welcome };

async function open(leaseMs: number, hello: { hostId?: string; heartbeats?: boolean } = { hostId: 'elsewhere' }): Promise<Opened> {
  const session = await RawSession.open(daemon.address, { token: TOKEN, hello: { leaseMs, ...hello } });
  connections.push(session.connection);
  return session;
}

/** A stream of heartbeats. */
function heartbeats(face: Face = 'sdk', token: string | undefined = TOKEN): RawCall {
  const connection = connectHttp2(daemon.address, face);
  connections.push(connection);
  return new RawCall(connection, 'commonhold.v1.SessionService/Heartbeat', token);
}

function beat(stream: RawCall, { welcome }: Opened, secret = welcome.secret): void {
  stream.send(toBinary(HeartbeatRequestSchema, create(HeartbeatRequestSchema, { sessionId: welcome.sessionId, secret })));
}

/** Sends answered heartbeats for a time. */
async function beatFor(ms: number, session: Opened, stream = heartbeats()): Promise<RawCall> {
  for (const end = performance.now() + ms; performance.now() < end;) {
    beat(stream, session);
    expect(await stream.message()).toEqual(Buffer.alloc(0));
    await pause(LEASE / 20);
  }
  return stream;
}

describe('the welcome asks for heartbeats', () => {
  test.each([
    ['no', 'host is not known', ''],
    ['no', 'host is the manager’s', hostId()],
    ['yes', 'host is another', 'elsewhere'],
  ])('%s, if the %s', async (expected, _, id) => {
    expect((await open(HOUR, { hostId: id })).welcome.remote).toBe(expected === 'yes');
  });

  test('no, if the session has no lease', async () => {
    expect((await open(0)).welcome.remote).toBe(false);
  });
});

describe('a session on another host', () => {
  test('ends although its stream is open, if neither a frame nor a heartbeat comes', async () => {
    const session = await open(LEASE);
    expect(await session.ended).toMatchObject({ status: ABORTED, message: expect.stringContaining('no sign of life') });
  });

  test('stays while frames come', async () => {
    const session = await open(LEASE);
    for (const end = performance.now() + 2 * LEASE; performance.now() < end;) {
      session.send({});
      await pause(LEASE / 20);
    }
    session.send({ calls: [{ id: 1, method: session.index('ManagerService/Info') }] });
    expect((await session.answer(1)).outcome.case).toBe('response');
  });

  test.each<Face>(['sdk', 'grpc'])('stays while heartbeats come (%s)', async (face) => {
    const session = await open(LEASE);
    await beatFor(2 * LEASE, session, heartbeats(face));
    session.send({ calls: [{ id: 1, method: session.index('ManagerService/Info') }] });
    expect((await session.answer(1)).outcome.case).toBe('response');
  });

  test('stays while heartbeats come and its own stream is broken, and ends after the last of them', async () => {
    const session = await open(LEASE);
    const { sessions } = await watcher.stats();
    await beatFor(LEASE / 10, session);
    session.connection.destroy();
    const stream = await beatFor(2 * LEASE, session);
    const { secret, sessionId } = session.welcome;
    await using resumed = RawSession.silent(daemon.address, { token: TOKEN });
    const hello = { protocol: PROTOCOL, leaseMs: LEASE, resume: { sessionId, secret, received: 0n, attempt: 1 } };
    resumed.send({ hello });
    expect((await resumed.receive())?.welcome).toMatchObject({ sessionId, remote: true, resumed: 0n });
    resumed.connection.destroy();
    await until('it has ended', async () => (await watcher.stats()).sessions === sessions - 1);
    expect(await stream.ended).toMatchObject({ status: OK });
  });

  test('that is tied to its event loop ends although heartbeats come', async () => {
    const session = await open(LEASE, { hostId: 'elsewhere', heartbeats: true });
    const ended = session.ended;
    const stream = heartbeats();
    const beats = setInterval(() => beat(stream, session), LEASE / 20);
    expect(await ended).toMatchObject({ status: ABORTED });
    clearInterval(beats);
  });
});

describe('a heartbeat', () => {
  test('is answered once', async () => {
    const session = await open(HOUR);
    const stream = heartbeats();
    beat(stream, session);
    beat(stream, session);
    stream.stream.end();
    await stream.ended;
    expect([await stream.message(), await stream.message(), await stream.message()]).toEqual([Buffer.alloc(0), Buffer.alloc(0), undefined]);
  });

  test.each<Face>(['sdk', 'grpc'])('with another secret ends its stream, and proves nothing (%s)', async (face) => {
    const session = await open(HOUR);
    const stream = heartbeats(face);
    beat(stream, session, '0'.repeat(32));
    expect(await stream.ended).toMatchObject({ status: ABORTED, message: 'the session has ended, or its token or secret is another' });
    expect(await stream.message()).toBeUndefined();
  });

  test('of a session that has ended ends its stream', async () => {
    const session = await open(HOUR);
    session.send({ goodbye: true });
    await session.ended;
    const stream = heartbeats();
    beat(stream, session);
    expect(await stream.ended).toMatchObject({ status: ABORTED });
  });

  test('of a session without a lease ends its stream', async () => {
    const session = await open(0);
    const stream = heartbeats();
    beat(stream, session, '');
    expect(await stream.ended).toMatchObject({ status: ABORTED });
  });

  test('that is malformed ends its stream alone', async () => {
    const session = await open(HOUR);
    const stream = heartbeats();
    stream.send(Uint8Array.of(0x0a, 200));
    expect(await stream.ended).toMatchObject({ status: INVALID_ARGUMENT, message: expect.stringContaining('malformed heartbeat') });
    await beatFor(1, session);
  });

  test.each<Face>(['sdk', 'grpc'])('ends its stream alone, if many answers before are not read (%s)', async (face) => {
    const session = await open(HOUR);
    const stream = heartbeats(face);
    stream.stream.pause();
    // More than the windows of the connection and of the stream take.
    for (let beats = 0; beats < 20_000; beats++) beat(stream, session);
    stream.stream.resume();
    expect(await stream.ended).toMatchObject({ status: RESOURCE_EXHAUSTED });
    await beatFor(1, session);
  });

  test.each<Face>(['sdk', 'grpc'])('needs the token (%s)', async (face) => {
    const session = await open(HOUR);
    const stream = heartbeats(face, 'another');
    beat(stream, session);
    expect(await stream.ended).toMatchObject({ status: UNAUTHENTICATED });
  });

  test('over another stream ends the one before', async () => {
    const session = await open(HOUR);
    const before = await beatFor(1, session);
    await beatFor(1, session);
    expect(await before.ended).toMatchObject({ status: OK });
  });
});

test('a stream without a heartbeat ends', async () => {
  expect(await silent.ended).toMatchObject({ status: INVALID_ARGUMENT, message: 'no heartbeat came' });
});

test('a host id that is too long is refused', async () => {
  await using session = RawSession.silent(daemon.address, { token: TOKEN });
  session.send({ hello: { protocol: PROTOCOL, hostId: 'x'.repeat(257) } });
  expect(await session.ended).toMatchObject({ status: INVALID_ARGUMENT, message: expect.stringContaining('host id') });
});
