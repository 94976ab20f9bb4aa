import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  BrokenBarrierError,
  ClosedError,
  LimitExceededError,
  Manager,
  ManagerUnavailableError,
  QueueEmptyError,
  QueueFullError,
  TimeoutError,
  type ConnectOptions,
} from 'commonhold';
import { fresh, queued, range, watch } from '../conformance/support.js';
import { Daemon } from '../support/daemon.js';
import { Proxy } from '../support/proxy.js';
import { until } from '../support/until.js';

// Calls that are made while the connection of a session is broken: they wait for the next connection, within their own limits.

const MIB = 1024 * 1024;

let daemon: Daemon;
/** A client whose connection stays. */
let witness: Manager;
let proxy: Proxy;
let client: Manager;

beforeAll(async () => {
  daemon = await Daemon.serve();
  witness = await Manager.connect(daemon.address);
  proxy = await Proxy.to(daemon.address);
});

beforeEach(async () => {
  await connect();
});

afterEach(async () => {
  await client.close();
  proxy.mend();
});

afterAll(async () => {
  await witness.close();
  await proxy[Symbol.asyncDispose]();
  await daemon[Symbol.asyncDispose]();
});

/** Opens the session that will be cut, with a lease longer than any test. */
async function connect(options: ConnectOptions = {}): Promise<void> {
  client = await Manager.connect(proxy.address, { lease: 3_600_000, ...options });
}

/** Cuts the connection until `proxy.mend()`. */
async function cut(): Promise<void> {
  proxy.close();
  await until('the client is cut off', () => client.state === 'reconnecting');
}

describe('calls that are made while the connection is broken', () => {
  test('wait, and are then made in their order', async () => {
    const list = client.list<number>(fresh('list'));
    await list.push(0);
    await cut();
    const calls = range(1, 500).map((number) => watch(list.push(number)));
    const size = watch(list.length());
    await witness.stats();
    expect([...calls, size].some(({ settled }) => settled)).toBe(false);
    proxy.mend();
    expect(await Promise.all(calls.map(({ promise }) => promise))).toEqual(range(2, 501));
    expect(await size.promise).toBe(500);
    expect(await witness.list<number>(list.name).toArray()).toEqual(range(0, 500));
  });

  test('end by their timeout, and take nothing', async () => {
    const [items, full, lock] = [fresh('items'), fresh('full'), fresh('lock')];
    await witness.queue<string>(items).put('it');
    await witness.queue<number>(full, { capacity: 1 }).put(1);
    const waiting = await queued(client, client.queue(fresh('empty')).get({ timeout: 500 }));
    await cut();
    const timeout = 50;
    await expect(client.queue(items).get({ timeout })).rejects.toBeInstanceOf(QueueEmptyError);
    await expect(client.queue(items).getMany(2, { timeout })).rejects.toBeInstanceOf(QueueEmptyError);
    await expect(client.queue(items).get({ ack: true, timeout })).rejects.toMatchObject({ code: 'QUEUE_EMPTY', mayHaveExecuted: false });
    await expect(client.queue<number>(full).put(2, { timeout })).rejects.toBeInstanceOf(QueueFullError);
    await expect(client.lock(lock).acquire({ timeout })).rejects.toBeInstanceOf(TimeoutError);
    await expect(client.barrier(fresh('barrier'), 2).wait({ timeout })).rejects.toBeInstanceOf(BrokenBarrierError);
    expect(await client.event(fresh('event')).wait({ timeout })).toBe(false);
    await expect(waiting.promise).rejects.toBeInstanceOf(QueueEmptyError);
    proxy.mend();
    await client.stats();
    expect(await witness.queue(items).peek(9)).toEqual(['it']);
    expect(await witness.queue(full).peek(9)).toEqual([1]);
    expect(await witness.lock(lock).locked()).toBe(false);
  });

  test('end by their signal, and take nothing', async () => {
    const [items, lock] = [fresh('items'), fresh('lock')];
    const controller = new AbortController();
    const { signal } = controller;
    const early = await queued(client, client.queue(items).get({ signal }));
    await cut();
    await witness.queue<string>(items).put('it');
    const calls = [early.promise, client.queue(items).get({ signal }), client.lock(lock).acquire({ signal })].map(watch);
    const reason = new Error('no longer wanted');
    controller.abort(reason);
    for (const call of calls) await expect(call.promise).rejects.toBe(reason);
    proxy.mend();
    await client.stats();
    await until('the item is back', async () => (await witness.queue(items).size()) === 1);
    expect(await witness.lock(lock).locked()).toBe(false);
  });

  test('end by callTimeout, also if they wait for another client', async () => {
    await client.close();
    await connect({ callTimeout: 2_000 });
    const items = fresh('items');
    await witness.queue<string>(items).put('it');
    const held = await witness.lock(fresh('lock')).acquire();
    const waiting = await queued(client, client.lock(held.object).acquire());
    await cut();
    const calls = [client.dict('d').get('a'), client.queue(items).tryGet(), client.lock(fresh('lock')).tryAcquire(), waiting.promise].map(
      watch,
    );
    for (const { promise } of calls) await expect(promise).rejects.toBeInstanceOf(ManagerUnavailableError);
    proxy.mend();
    await client.stats();
    expect(await witness.queue(items).peek(9)).toEqual(['it']);
    await held.release();
    await until('the lock is free', async () => !(await witness.lock(held.object).locked()));
  });

  test('end by close()', async () => {
    const items = fresh('items');
    const waiting = await queued(client, client.queue(items).get());
    await cut();
    const calls = [waiting.promise, client.queue<number>(items).put(1), client.dict('d').get('a')].map(watch);
    await client.close();
    for (const { promise } of calls) await expect(promise).rejects.toBeInstanceOf(ClosedError);
    expect(client.state).toBe('closed');
    await expect(client.stats()).rejects.toBeInstanceOf(ClosedError);
  });

  test('beyond 64 MiB are refused, and the ones before lose nothing', async () => {
    const dict = client.dict<number, Uint8Array>(fresh('dict'));
    await dict.create();
    await cut();
    const calls = range(0, 70).map((key) => dict.set(key, new Uint8Array(MIB).fill(key)));
    const outcomes = Promise.allSettled(calls);
    await expect(calls.at(-1)).rejects.toBeInstanceOf(LimitExceededError);
    proxy.mend();
    const settled = await outcomes;
    const accepted = settled.filter(({ status }) => status === 'fulfilled').length;
    expect(accepted).toBeGreaterThanOrEqual(64);
    expect(accepted).toBeLessThan(70);
    expect(settled.slice(0, accepted).every(({ status }) => status === 'fulfilled')).toBe(true);
    const there = await witness.dict<number, Uint8Array>(dict.name).size();
    expect(there).toBe(accepted);
    await dict.set(70, new Uint8Array(1));
    await dict.destroy();
  });
});

describe('an answer that is on its way when the connection breaks', () => {
  test('arrives over the next connection: the item is taken once', async () => {
    const items = witness.queue<number>(fresh('items'));
    const taken: number[] = [];
    for (const item of range(0, 20)) {
      const call = await queued(client, client.queue<number>(items.name).get());
      const putting = items.put(item);
      proxy.cut();
      await putting;
      taken.push(await call.promise);
    }
    expect(taken).toEqual(range(0, 20));
    expect(await items.size()).toBe(0);
  });
});

test('a client that reads everything keeps its session, however large the answers are that it waits for', async () => {
  await using own = await Daemon.serve(['--listen', '127.0.0.1:0', '--max-payload', String(2 * MIB)]);
  await using reader = await Manager.connect(own.address, { callTimeout: 500_000 });
  const dict = reader.dict<string, Uint8Array>(fresh('dict'));
  await dict.set('large', new Uint8Array(MIB));
  // More than the manager lets a client leave unread.
  const lengths = await Promise.all(range(0, 300).map(async () => (await dict.get('large'))!.length));
  expect(new Set(lengths)).toEqual(new Set([MIB]));
});

test('close() without a connection takes no item whose arrival the manager cannot hear of', async () => {
  await client.close();
  await connect({ lease: 100 });
  const items = witness.queue<number>(fresh('items'));
  const call = await queued(client, client.queue<number>(items.name).get());
  await cut();
  await items.put(1);
  await client.close();
  // On a busy machine the lease may have ended first.
  await expect(call.promise).rejects.toMatchObject({ code: expect.stringMatching(/^(CLOSED|SESSION_EXPIRED)$/) });
  expect(await items.get()).toBe(1);
});
