import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { create, toBinary } from '@bufbuild/protobuf';
import { Manager } from 'commonhold';
import {
  DictServiceAddRequestSchema,
  DictServiceGetRequestSchema,
  LockServiceAcquireRequestSchema,
  QueueServiceGetRequestSchema,
  type Welcome,
} from 'commonhold/proto';
import { fresh, present } from '../conformance/support.js';
import { Daemon } from '../support/daemon.js';
import { RawSession } from '../support/raw-session.js';
import { until } from '../support/until.js';

// Frames of sessions that are resumed, by hand.

const ABORTED = 10;
/** Longer than any test. */
const LEASE_MS = 3_600_000;
const MIB = 1024 * 1024;

let daemon: Daemon;
let witness: Manager;

beforeAll(async () => {
  daemon = await Daemon.serve();
  witness = await Manager.connect(daemon.address);
});

afterAll(async () => {
  await witness.close();
  await daemon[Symbol.asyncDispose]();
});

type Opened = Awaited<ReturnType<typeof RawSession.open>>;

const add = (name: string): Uint8Array =>
  toBinary(
    DictServiceAddRequestSchema,
    create(DictServiceAddRequestSchema, {
      name,
      key: { kind: { case: 'text', value: 'sum' } },
      delta: { kind: { case: 'number', value: 1 } },
    }),
  );
const get = (name: string): Uint8Array => toBinary(QueueServiceGetRequestSchema, create(QueueServiceGetRequestSchema, { name }));
const valueOf = (name: string): Uint8Array =>
  toBinary(DictServiceGetRequestSchema, create(DictServiceGetRequestSchema, { name, key: { kind: { case: 'text', value: 'large' } } }));
const acquire = (name: string): Uint8Array => toBinary(LockServiceAcquireRequestSchema, create(LockServiceAcquireRequestSchema, { name }));

describe.each([
  ['any gRPC client', 'grpc'],
  ['the SDK', 'sdk'],
] as const)('a session of %s', (_, face) => {
  const open = (leaseMs = LEASE_MS, heartbeats = false): Promise<Opened> =>
    RawSession.open(daemon.address, { face, hello: { leaseMs, heartbeats } });

  /** Resumes a session over another stream. */
  const resume = ({ sessionId, secret }: Welcome, received: number): Promise<Opened> =>
    RawSession.open(daemon.address, { face, hello: { leaseMs: LEASE_MS, resume: { sessionId, secret, received: BigInt(received) } } });

  /** The end of a stream that wants to resume a session, and may not. */
  async function refusal(welcome: Welcome, received = 0): Promise<unknown> {
    const { sessionId, secret } = welcome;
    await using raw = RawSession.silent(daemon.address, { face });
    raw.send({ hello: { protocol: 1, host: 'raw', pid: 1, label: 'raw', resume: { sessionId, secret, received: BigInt(received) } } });
    expect(await raw.receive()).toBeUndefined();
    return await raw.ended;
  }

  /** Takes a lock by a session, and returns once the manager knows that the session has it. */
  async function hold(raw: RawSession, name: string): Promise<void> {
    raw.send({ calls: [{ id: 1, method: raw.index('LockService/Acquire'), request: acquire(name) }] });
    await raw.answer(1);
    raw.send({ taken: [{ id: 1 }], calls: [{ id: 2, method: raw.index('DictService/Add'), request: add(fresh('dict')) }] });
    await raw.answer(2);
  }

  /** Ends a session in order. */
  async function leave(raw: RawSession): Promise<void> {
    raw.send({ goodbye: true });
    await raw.ended;
    await raw[Symbol.asyncDispose]();
  }

  test('has a secret and a lease; one that asks for none has neither', async () => {
    const [with_, without] = [await open(), await open(0)];
    expect(with_.welcome).toMatchObject({ leaseMs: LEASE_MS, secret: expect.stringMatching(/^[0-9a-f]{32}$/) });
    expect(with_.welcome.resumed).toBeUndefined();
    expect(without.welcome).toMatchObject({ leaseMs: 0, secret: '' });
    await leave(with_);
    await leave(without);
  });

  test('is resumed by its secret alone: the wrong one, or an unknown session, is ABORTED and changes nothing', async () => {
    const first = await open();
    const { welcome } = first;
    await using other = await open();
    const refused = { status: ABORTED };
    expect(await refusal({ ...welcome, secret: 'f'.repeat(32) })).toMatchObject(refused);
    expect(await refusal({ ...welcome, secret: '' })).toMatchObject(refused);
    expect(await refusal({ ...welcome, secret: other.welcome.secret })).toMatchObject(refused);
    expect(await refusal({ ...welcome, sessionId: 'unknown' })).toMatchObject(refused);
    first.send({ calls: [{ id: 1, method: first.index('DictService/Add'), request: add(fresh('dict')) }] });
    await first.answer(1);
    await leave(first);
    await leave(other);
    expect(await refusal(welcome)).toMatchObject(refused);
  });

  test('without a lease ends with its stream', async () => {
    const first = await open(0);
    const lock = witness.lock(fresh('lock'));
    await hold(first, lock.name);
    first.connection.destroy();
    expect((await lock.acquire()).abandoned).toBe(true);
    expect(await refusal(first.welcome)).toMatchObject({ status: ABORTED });
  });

  test('abandons a lock whose arrival it did not acknowledge: it may have begun to use it', async () => {
    const lock = witness.lock(fresh('lock'));
    const raw = await open(0);
    raw.send({ calls: [{ id: 1, method: raw.index('LockService/Acquire'), request: acquire(lock.name) }] });
    await raw.answer(1);
    raw.connection.destroy();
    const next = await lock.acquire();
    expect(next.abandoned).toBe(true);
    await next.release();
  });

  test('gives back a lock that it cancels, as if it had never had it', async () => {
    const lock = witness.lock(fresh('lock'));
    const raw = await open(0);
    raw.send({ calls: [{ id: 1, method: raw.index('LockService/Acquire'), request: acquire(lock.name) }] });
    await raw.answer(1);
    raw.send({ cancels: [1] });
    const next = await lock.acquire();
    expect(next.abandoned).toBe(false);
    await next.release();
    await leave(raw);
  });

  test('gets again the frames that it has not received, exactly those, and says how many frames have arrived', async () => {
    const dict = witness.dict<string, number>(fresh('dict'));
    const first = await open();
    const method = first.index('DictService/Add');
    // One frame for each answer, since each call is made after the answer before.
    for (const id of [1, 2, 3]) {
      first.send({ calls: [{ id, method, request: add(dict.name) }] });
      await first.answer(id);
    }
    first.connection.destroy();
    const second = await resume(first.welcome, 1);
    expect(second.welcome).toMatchObject({ resumed: 3n, sessionId: first.welcome.sessionId, secret: first.welcome.secret });
    expect((await second.receive())?.answers.map(({ id }) => id)).toEqual([2]);
    expect((await second.receive())?.answers.map(({ id }) => id)).toEqual([3]);
    second.send({ received: 2n, calls: [{ id: 4, method, request: add(dict.name) }] });
    expect((await second.receive())?.answers.map(({ id }) => id)).toEqual([4]);
    second.connection.destroy();
    const third = await resume(first.welcome, 2);
    expect(third.welcome.resumed).toBe(4n);
    expect((await third.receive())?.answers.map(({ id }) => id)).toEqual([3]);
    expect((await third.receive())?.answers.map(({ id }) => id)).toEqual([4]);
    await leave(third);
    expect(await dict.get('sum')).toBe(4);
  });

  test('has its answers kept, and counted in the statistics, until it says that they have arrived', async () => {
    const dict = fresh('dict');
    const kept = async (): Promise<number> => (await witness.stats()).keptAnswers;
    const raw = await open();
    const method = raw.index('DictService/Add');
    const before = await kept();
    raw.send({ calls: [1, 2, 3].map((id) => ({ id, method, request: add(dict) })) });
    await raw.answer(3);
    expect((await kept()) - before).toBe(3);
    raw.send({ received: 1n, calls: [{ id: 4, method, request: add(dict) }] });
    await raw.answer(4);
    expect((await kept()) - before).toBe(1);
    await leave(raw);
  });

  test('says how many frames of its client have arrived, of a partial frame nothing', async () => {
    const dict = witness.dict<string, number>(fresh('dict'));
    const first = await open();
    const method = first.index('DictService/Add');
    first.send({ calls: [{ id: 1, method, request: add(dict.name) }] });
    await first.answer(1);
    first.sendBytes(Buffer.from([0, 0, 0, 0, 90, 18]));
    first.connection.close();
    first.connection.destroy();
    const second = await resume(first.welcome, 1);
    expect(second.welcome.resumed).toBe(1n);
    await leave(second);
  });

  test('that says that it has received frames which were never sent ends', async () => {
    const lock = witness.lock(fresh('lock'));
    const first = await open();
    await hold(first, lock.name);
    first.connection.destroy();
    expect(await refusal(first.welcome, 3)).toMatchObject({ status: ABORTED });
    expect((await lock.acquire()).abandoned).toBe(true);
    expect(await refusal(first.welcome, 1)).toMatchObject({ status: ABORTED });
  });

  test('that says so in a frame ends as well', async () => {
    const first = await open();
    first.send({ received: 1n });
    expect(await first.ended).toMatchObject({ status: 3, message: expect.stringContaining('frames received') });
    expect(await refusal(first.welcome)).toMatchObject({ status: ABORTED });
  });

  test('is not taken from a later stream by an attempt that comes late', async () => {
    const first = await open();
    const { sessionId, secret } = first.welcome;
    const hello = (attempt: number): object => ({ leaseMs: LEASE_MS, resume: { sessionId, secret, received: 0n, attempt } });
    const later = await RawSession.open(daemon.address, { face, hello: hello(2) });
    await using late = RawSession.silent(daemon.address, { face });
    late.send({ hello: { protocol: 1, host: 'raw', pid: 1, label: 'raw', ...hello(1) } });
    expect(await late.ended).toMatchObject({ status: ABORTED });
    later.send({ calls: [{ id: 1, method: first.index('DictService/Add'), request: add(fresh('dict')) }] });
    await later.answer(1);
    await leave(later);
  });

  test('goes over to a second stream, which ends the first; frames of the first count no more', async () => {
    const dict = witness.dict<string, number>(fresh('dict'));
    const queue = witness.queue<string>(fresh('queue'));
    const first = await open();
    first.send({ calls: [{ id: 1, method: first.index('QueueService/Get'), request: get(queue.name) }] });
    await until('it waits', async () => (await witness.stats()).callsInFlight === 1);
    const second = await resume(first.welcome, 0);
    await first.ended;
    first.send({ calls: [{ id: 2, method: first.index('DictService/Add'), request: add(dict.name) }] });
    await queue.put('it');
    expect((await second.answer(1)).outcome.case).toBe('response');
    second.send({ taken: [{ id: 1 }] });
    first.connection.destroy();
    await leave(second);
    expect(await dict.exists()).toBe(false);
    expect(await queue.size()).toBe(0);
  });

  test('goes on with calls that were not begun because answers were unread', async () => {
    const [large, dict] = [witness.dict<string, Uint8Array>(fresh('dict')), witness.dict<string, number>(fresh('dict'))];
    await large.set('large', new Uint8Array(20 * MIB));
    const first = await open();
    first.stream.pause();
    const frame = {
      calls: [
        { id: 1, method: first.index('DictService/Get'), request: valueOf(large.name) },
        { id: 2, method: first.index('DictService/Add'), request: add(dict.name) },
      ],
    };
    first.send(frame);
    await new Promise((resolve) => first.connection.ping(resolve));
    // It has the answer after all. The frame was not read to its end.
    const second = await resume(first.welcome, 1);
    expect(second.welcome.resumed).toBe(0n);
    second.send(frame);
    expect((await second.answer(2)).outcome.case).toBe('response');
    first.connection.destroy();
    await leave(second);
    await large.destroy();
  });

  test('ends at once with a goodbye, and frees what it held', async () => {
    const lock = witness.lock(fresh('lock'));
    const first = await open();
    first.send({ calls: [{ id: 1, method: first.index('LockService/Acquire'), request: acquire(lock.name) }], goodbye: true });
    await first.ended;
    await (await lock.acquire()).release();
    expect(await refusal(first.welcome)).toMatchObject({ status: ABORTED });
  });

  test('ends after its lease without a stream', async () => {
    const lock = witness.lock(fresh('lock'));
    const first = await open(100);
    await hold(first, lock.name);
    first.connection.destroy();
    expect((await lock.acquire()).abandoned).toBe(true);
    expect(await refusal(first.welcome)).toMatchObject({ status: ABORTED });
  });

  test('with heartbeats ends with ABORTED if it never beats, although its stream is open', async () => {
    const silent = await open(200, true);
    expect(await silent.ended).toMatchObject({ status: ABORTED });
    expect(await refusal(silent.welcome)).toMatchObject({ status: ABORTED });
    await silent[Symbol.asyncDispose]();
  });

  test('keeps its secret out of statistics, objects, holders and the log of the manager', async () => {
    const lock = witness.lock(fresh('lock'));
    const first = await open();
    await hold(first, lock.name);
    const waiting = lock.acquire();
    const objects = [];
    for await (const object of witness.objects()) objects.push(object);
    const shown = JSON.stringify(
      [await witness.stats(), objects, await lock.holder(), await witness.locks(), first.welcome.sessionId],
      (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value),
    );
    expect(shown).not.toContain(present(first.welcome.secret));
    await leave(first);
    await (await waiting).release();
  });
});

test('a manager writes no secrets', async () => {
  await using other = await Daemon.serve();
  const raw = await RawSession.open(other.address, { hello: { leaseMs: 100 } });
  raw.connection.destroy();
  const { stdout, stderr } = await other.stop();
  expect(stdout + stderr).not.toContain(raw.welcome.secret);
});
