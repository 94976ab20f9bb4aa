import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { create, toBinary } from '@bufbuild/protobuf';
import { Manager, OutOfMemoryError, type LimitUse } from 'commonhold';
import { DictServiceGetRequestSchema, DictServiceSetRequestSchema, EventServiceWaitRequestSchema } from 'commonhold/proto';
import { queued, range } from '../conformance/support.js';
import { Daemon } from '../support/daemon.js';
import { connectHttp2, RawCall, unaryCall } from '../support/grpc.js';
import { RawSession } from '../support/raw-session.js';
import { until } from '../support/until.js';

// Everything that a manager holds is bounded. At each limit it refuses with an error that names the option, counts that, and goes on.

const RESOURCE_EXHAUSTED = 8;

async function useOf(manager: Manager, name: string): Promise<LimitUse> {
  const { limits } = await manager.stats();
  return limits.find((limit) => limit.name === name)!;
}

describe('memory', () => {
  let daemon: Daemon;
  let manager: Manager;
  beforeAll(async () => {
    daemon = await Daemon.serve(['--listen', '127.0.0.1:0', '--max-memory', '1000000']);
    manager = await Manager.connect(daemon.address);
  });
  afterAll(async () => {
    await manager.close();
    await daemon[Symbol.asyncDispose]();
  });

  test('is never above its limit, whatever is stored', async () => {
    const dict = manager.dict<number, string>('texts');
    const list = manager.list<string>('rows');
    const queue = manager.queue<string>('jobs');
    const text = 'x'.repeat(10_000);
    const results = await Promise.allSettled(range(0, 50).flatMap((n) => [dict.set(n, text), list.push(text), queue.put(text)]));
    const refused = results.filter((result) => result.status === 'rejected');
    expect(refused.length).toBeGreaterThan(40);
    for (const { reason } of refused) expect(reason).toBeInstanceOf(OutOfMemoryError);
    expect(refused[0]!.reason).toMatchObject({ code: 'OUT_OF_MEMORY', message: expect.stringContaining('--max-memory') });
    const { used, most, refused: counted } = await useOf(manager, 'memory');
    expect(most).toBe(1_000_000);
    expect(used).toBeLessThanOrEqual(most);
    expect(used).toBeGreaterThan(most - 20_000);
    expect(counted).toBe(refused.length);
  });

  test('that is full refuses new objects and plain unary calls too', async () => {
    await manager
      .dict<string, string>('rest')
      .set('rest', 'x'.repeat(5_000))
      .catch(() => {});
    for (const text of ['x'.repeat(900), 'x'.repeat(9)]) {
      for (;;)
        if (
          !(await manager
            .list('crumbs')
            .push(text)
            .then(
              () => true,
              () => false,
            ))
        )
          break;
    }
    await expect(manager.lock('another').acquire()).rejects.toBeInstanceOf(OutOfMemoryError);
    const value = { kind: { case: 'text', value: 'x'.repeat(20_000) } } as const;
    const request = create(DictServiceSetRequestSchema, { name: 'texts', key: { kind: { case: 'text', value: 'b' } }, value });
    expect(await unaryCall(daemon.address, 'commonhold.v1.DictService/Set', toBinary(DictServiceSetRequestSchema, request))).toMatchObject({
      status: RESOURCE_EXHAUSTED,
      message: expect.stringContaining('--max-memory'),
    });
  });

  test('that is full is read and freed as before, and then takes changes again', async () => {
    const queue = manager.queue<string>('jobs');
    expect(await manager.dict<number, string>('texts').get(0)).toHaveLength(10_000);
    expect(await manager.list('rows').length()).toBeGreaterThan(0);
    const size = await queue.size();
    await queue.get();
    expect(await queue.size()).toBe(size - 1);
    await queue.put('x'.repeat(5_000));
    expect(await manager.dict('texts').delete(0)).toBe(true);
    for (const object of [manager.dict('texts'), manager.list('rows'), manager.list('crumbs'), queue]) await object.destroy();
    await manager.dict<string, string>('texts').set('a', 'x'.repeat(900_000));
    expect((await useOf(manager, 'memory')).used).toBeLessThan(1_000_000);
  });

  test('is counted for calls that wait, until they end', async () => {
    const before = (await useOf(manager, 'memory')).used;
    const queue = manager.queue<string>('full', { capacity: 1 });
    await queue.put('');
    const empty = (await useOf(manager, 'memory')).used;
    const controller = new AbortController();
    const waiting = await queued(manager, queue.put('x'.repeat(20_000), { signal: controller.signal }));
    expect((await useOf(manager, 'memory')).used).toBeGreaterThan(empty + 20_000);
    controller.abort(new Error('no longer'));
    await expect(waiting.promise).rejects.toThrow('no longer');
    expect((await useOf(manager, 'memory')).used).toBe(empty);
    await queue.destroy();
    expect((await useOf(manager, 'memory')).used).toBe(before);
  });
});

test('memory that is full still gives holds, for a tenth of it', async () => {
  await using daemon = await Daemon.serve(['--listen', '127.0.0.1:0', '--max-memory', '1000000']);
  await using manager = await Manager.connect(daemon.address);
  const semaphore = manager.semaphore('permits', 1_000);
  await semaphore.create();
  await manager.dict<string, string>('texts').set('text', 'x'.repeat(990_000));
  const results = await Promise.allSettled(range(0, 300).map(() => semaphore.acquire()));
  const held = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  expect(held.length).toBeGreaterThan(50);
  const refused = results.filter((result) => result.status === 'rejected');
  expect(refused.length).toBeGreaterThan(50);
  for (const { reason } of refused) expect(reason).toBeInstanceOf(OutOfMemoryError);
  expect(await semaphore.available()).toBe(1_000 - held.length);
  const { used, most } = await useOf(manager, 'memory');
  expect(used).toBeLessThanOrEqual(1.1 * most);
  await held[0]!.release();
  await semaphore.acquire();
});

test('objects are limited in number', async () => {
  await using daemon = await Daemon.serve(['--listen', '127.0.0.1:0', '--max-objects', '2']);
  await using manager = await Manager.connect(daemon.address);
  await Promise.all(['a', 'b'].map((name) => manager.dict(name).create()));
  await expect(manager.lock('c').acquire()).rejects.toMatchObject({
    code: 'LIMIT_EXCEEDED',
    message: expect.stringContaining('--max-objects'),
  });
  expect(await useOf(manager, 'objects')).toMatchObject({ used: 2, most: 2, refused: 1 });
  await manager.dict('a').destroy();
  await using _held = await manager.lock('c').acquire();
});

test('a queue of dead letters is made beyond the number of objects, so that no item is lost', async () => {
  await using daemon = await Daemon.serve(['--listen', '127.0.0.1:0', '--max-objects', '1']);
  await using manager = await Manager.connect(daemon.address);
  const jobs = manager.queue<string>('jobs', { deadLetter: { queue: 'dead', maxDeliveries: 1 } });
  await jobs.put('a');
  const delivery = await jobs.get({ ack: true });
  await delivery.nak();
  expect(await manager.queue<string>('dead').get({ timeout: 0 })).toBe('a');
});

test('calls that wait are limited over all clients, plain unary ones included', async () => {
  await using daemon = await Daemon.serve(['--listen', '127.0.0.1:0', '--max-waiting', '2']);
  await using one = await Manager.connect(daemon.address);
  await using other = await Manager.connect(daemon.address);
  const waiting = [await queued(one, one.event('event').wait()), await queued(other, other.event('event').wait())];
  await expect(one.event('event').wait()).rejects.toMatchObject({
    code: 'LIMIT_EXCEEDED',
    message: expect.stringContaining('--max-waiting'),
  });
  const request = toBinary(EventServiceWaitRequestSchema, create(EventServiceWaitRequestSchema, { name: 'event' }));
  expect((await unaryCall(daemon.address, 'commonhold.v1.EventService/Wait', request)).status).toBe(RESOURCE_EXHAUSTED);
  expect(await useOf(one, 'waiting')).toMatchObject({ used: 2, refused: 2 });
  await one.queue('queue').put('item');
  expect(await one.queue('queue').get()).toBe('item');
  await one.event('event').set();
  await Promise.all(waiting.map(({ promise }) => promise));
  await one.event('event').wait();
});

test('a call that may not wait leaves everything as it was', async () => {
  await using daemon = await Daemon.serve(['--listen', '127.0.0.1:0', '--max-waiting', '1']);
  await using manager = await Manager.connect(daemon.address);
  const waiting = await queued(manager, manager.event('event').wait());
  const refused = { code: 'LIMIT_EXCEEDED' };
  const barrier = manager.barrier('barrier', 2);
  await expect(barrier.wait()).rejects.toMatchObject(refused);
  expect(await barrier.broken()).toBe(false);
  const condition = manager.condition('condition');
  const held = await condition.acquire();
  await expect(condition.wait(held)).rejects.toMatchObject(refused);
  expect(await condition.holder()).toMatchObject({ token: held.token });
  const queue = manager.queue<string>('queue');
  await expect(queue.get()).rejects.toMatchObject(refused);
  await queue.put('item');
  expect(await queue.size()).toBe(1);
  await manager.event('event').set();
  await waiting.promise;
});

test('sessions are limited in number, and one that ends makes room', async () => {
  await using daemon = await Daemon.serve(['--listen', '127.0.0.1:0', '--max-sessions', '2']);
  await using one = await Manager.connect(daemon.address);
  const two = await Manager.connect(daemon.address);
  await expect(Manager.connect(daemon.address)).rejects.toMatchObject({
    code: 'LIMIT_EXCEEDED',
    message: expect.stringContaining('--max-sessions'),
  });
  await using raw = RawSession.silent(daemon.address);
  raw.send({ hello: { protocol: 1 } });
  expect(await raw.ended).toMatchObject({ status: RESOURCE_EXHAUSTED });
  expect(await useOf(one, 'sessions')).toMatchObject({ used: 2, refused: 2 });
  await two.close();
  await using _three = await Manager.connect(daemon.address);
});

test('connections are limited in number, and one that closes makes room', async () => {
  await using daemon = await Daemon.serve(['--listen', '127.0.0.1:0', '--max-connections', '2']);
  await using one = await Manager.connect(daemon.address);
  const two = connectHttp2(daemon.address);
  await until('both are counted', async () => (await useOf(one, 'connections')).used === 2);
  await expect(Manager.connect(daemon.address)).rejects.toMatchObject({
    code: 'LIMIT_EXCEEDED',
    message: expect.stringContaining('--max-connections'),
  });
  two.destroy();
  await until('one is left', async () => (await useOf(one, 'connections')).used === 1);
  await using _three = await Manager.connect(daemon.address);
});

describe('bytes on their way', () => {
  const ITEM_BYTES = 1_000_000;
  const MOST = 20_000_000;

  test.each(['sdk', 'grpc'] as const)('are limited: clients (%s) that do not read are cut off, and others go on', async (face) => {
    await using daemon = await Daemon.serve(['--listen', '127.0.0.1:0', '--max-in-flight', String(MOST)]);
    await using manager = await Manager.connect(daemon.address);
    const texts = manager.dict<string, string>('large');
    await texts.set('text', 'x'.repeat(ITEM_BYTES));
    const key = { kind: { case: 'text', value: 'text' } } as const;
    const request = toBinary(DictServiceGetRequestSchema, create(DictServiceGetRequestSchema, { name: 'large', key }));
    const slow = await Promise.all(range(0, 4).map(() => RawSession.open(daemon.address, { face })));
    for (const raw of slow) {
      raw.stream.pause();
      const method = raw.index('DictService/Get');
      raw.send({ calls: range(0, 14).map((id) => ({ id: id + 1, method, request })) });
    }
    await until('some were cut off', async () => {
      expect(await texts.get('text')).toHaveLength(ITEM_BYTES);
      return (await useOf(manager, 'in flight')).refused > 0;
    });
    expect((await useOf(manager, 'in flight')).used).toBeLessThanOrEqual(MOST + ITEM_BYTES);
    for (const raw of slow) raw.connection.destroy();
  });

  test('are limited: plain unary calls that never end are cut off', async () => {
    await using daemon = await Daemon.serve(['--listen', '127.0.0.1:0', '--max-in-flight', String(MOST)]);
    await using manager = await Manager.connect(daemon.address);
    const connections = range(0, 4).map(() => connectHttp2(daemon.address));
    const calls = connections.map((connection) => new RawCall(connection, 'commonhold.v1.DictService/Set'));
    for (const { stream } of calls) {
      stream.write(Buffer.from('0003000000', 'hex'));
      for (let sent = 0; sent < 16; sent++) stream.write(Buffer.alloc(ITEM_BYTES));
    }
    await Promise.race(calls.map(({ ended }) => ended));
    const { used, refused } = await useOf(manager, 'in flight');
    expect(refused).toBeGreaterThan(0);
    expect(used).toBeLessThanOrEqual(MOST + ITEM_BYTES);
    for (const connection of connections) connection.destroy();
  });
});

test('a limit that is no number is refused', async () => {
  await expect(Manager.start({ maxMemory: 0 })).rejects.toThrow('maxMemory is 0');
});
