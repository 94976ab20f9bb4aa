import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  Arena,
  InvalidArgumentError,
  LimitExceededError,
  Manager,
  type Delivery,
  type Held,
  type Pool,
  type WorkerModule,
} from 'commonhold';
import { SessionStore } from 'commonhold/express-session';
import { startServer } from 'commonhold/server';
import { unstorageDriver } from 'commonhold/unstorage';
import { LockManager } from 'commonhold/web-locks';
import { Daemon } from '../support/daemon.js';

// Options that a program in JavaScript may give: misspelt, of an older version, of another library.

const module = new URL('./programs/counting.js', import.meta.url);

let manager: Manager;
let arena: Arena;
let pool: Pool<WorkerModule>;
let closed: Pool<WorkerModule>;

beforeAll(async () => {
  arena = Arena.create();
  manager = await Manager.start();
  pool = manager.pool(module, { threads: 1 });
  closed = manager.pool(module, { threads: 1 });
  await closed.terminate();
});
afterAll(async () => {
  await arena.close();
  await pool.terminate();
  await manager.close();
});

const wrong = (options: object): never => options as never;

/** Returns the error of a call that throws or rejects. */
async function failure(call: () => unknown): Promise<unknown> {
  try {
    await call();
    return undefined;
  } catch (error) {
    return error;
  }
}

const dict = () => manager.dict<string, number>('dict');
const list = () => manager.list<number>('list');
const queue = () => manager.queue<number>('queue');
const value = () => manager.value('value', 1);
const array = () => manager.array('array', 'i32', 4);
const lock = () => manager.lock('lock');
const semaphore = () => manager.semaphore('semaphore', 1);
const end = () => manager.pipe('pipe')[0];
const condition = () => manager.condition('condition');
const underCondition = async (task: (held: Held) => unknown) => condition().run((_signal, held) => task(held));

/** Runs a task with a delivery, which it leaves. */
async function delivered(task: (delivery: Delivery<number>) => unknown): Promise<unknown> {
  await queue().put(1);
  const delivery = await queue().get({ ack: true });
  try {
    return await task(delivery);
  } finally {
    await delivery.ack();
  }
}

/** Calls that take options: their names, an option that each does not know, and the one that it takes it for. */
const CALLS: [name: string, nearest: string, unknown: object, call: (options: never) => unknown][] = [
  ['Manager.start', 'maxPayload', { maxpayload: 1 }, (options) => Manager.start(options)],
  ['Manager.embed', 'watchHistory', { history: 1 }, (options) => Manager.embed(options)],
  ['startServer', 'maxPayload', { maxPaylod: 5 }, (options) => startServer(options)],
  ['SessionStore', 'ttl', { tll: 5 }, (options) => new SessionStore(manager.dict('sessions'), options)],
  ['unstorageDriver', 'ttl', { tll: 5 }, (options) => unstorageDriver(manager.dict('files'), options)],
  ['LockManager', 'prefix', { prefx: 'x' }, (options) => new LockManager(manager, options)],
  ['Manager.connect', 'callTimeout', { timeout: 5 }, (options) => Manager.connect(manager.address, options)],
  ['dict', 'ttl', { TTL: 5 }, (options) => manager.dict('d', options)],
  ['list', 'schema', { shema: 5 }, (options) => manager.list('l', options)],
  ['set', 'home', { hom: 'process' }, (options) => manager.set('s', options)],
  ['queue', 'capacity', { maxsize: 5 }, (options) => manager.queue('q', options)],
  ['deadLetter', 'maxDeliveries', { queue: 'x', maxDelivery: 5 }, (options) => manager.queue('q', { deadLetter: options })],
  ['value', 'type', { typ: 'i32' }, (options) => manager.value('v', 1, options)],
  ['array', 'ttl', { ttL: 1 }, (options) => manager.array('a', 'i32', 1, options)],
  ['namespace', 'backup', { backUp: 1 }, (options) => manager.namespace('n', {}, options)],
  ['pipe', 'duplex', { dupleks: false }, (options) => manager.pipe('p', options)],
  ['lock', 'ttl', { tl: 1 }, (options) => manager.lock('x', options)],
  ['rlock', 'ttl', { tl: 1 }, (options) => manager.rlock('x', options)],
  ['condition', 'ttl', { tl: 1 }, (options) => manager.condition('c', undefined, options)],
  ['semaphore', 'ttl', { tl: 1 }, (options) => manager.semaphore('s', 1, options)],
  ['boundedSemaphore', 'ttl', { tl: 1 }, (options) => manager.boundedSemaphore('s', 1, options)],
  ['event', 'ttl', { tl: 1 }, (options) => manager.event('e', options)],
  ['barrier', 'action', { acton: () => {} }, (options) => manager.barrier('b', 1, options)],
  ['objects', 'match', { matches: '*' }, (options) => manager.objects(options).next()],
  ['worker', 'daemonic', { daemon: true }, (options) => manager.worker(options)],
  ['pool', 'processes', { process: 1 }, (options) => manager.pool(module, options)],
  ['pool.submit', 'timeout', { timeOut: 1 }, (options) => pool.submit([] as never, options)],
  ['pool.map', 'chunkSize', { chunksize: 1 }, (options) => pool.map([] as never, options)],
  ['pool.imap', 'chunkSize', { chunksize: 1 }, (options) => pool.imap([] as never, options)],
  ['pool.mapSettled', 'chunkSize', { chunksize: 1 }, (options) => pool.mapSettled([] as never, options)],
  ['pool.starmap', 'chunkSize', { chunksize: 1 }, (options) => pool.starmap([] as never, options)],
  ['pool.imapUnordered', 'chunkSize', { chunksize: 1 }, (options) => pool.imapUnordered([] as never, options)],
  ['pool.join', 'timeout', { timeot: 1 }, (options) => closed.join(options)],
  ['dict.set', 'ttl', { TTL: 5 }, (options) => dict().set('a', 1, options)],
  ['dict.setMany', 'ttl', { TTL: 5 }, (options) => dict().setMany({ a: 1 }, options)],
  ['dict.add', 'ttl', { TTL: 5 }, (options) => dict().add('a', 1, options)],
  ['dict.addMany', 'refresh', { refrsh: 5 }, (options) => dict().addMany({ a: 1 }, options)],
  ['dict.getOrInsert', 'ttl', { TTL: 5 }, (options) => dict().getOrInsert('a', 1, options)],
  ['dict.compareAndSet', 'ttl', { TTL: 5 }, (options) => dict().compareAndSet('a', undefined, 1, options)],
  ['dict.update', 'ttl', { TTL: 5 }, (options) => dict().update('a', () => 1, options)],
  ['dict.keys', 'prefix', { prefx: 5 }, (options) => dict().keys(options).next()],
  ['dict.values', 'prefix', { prefx: 5 }, (options) => dict().values(options).next()],
  ['dict.entries', 'prefix', { prefx: 5 }, (options) => dict().entries(options).next()],
  ['dict.watch', 'from', { form: 1 }, (options) => dict().watch(options)],
  ['dict.cached', 'maxEntries', { maxentries: 1 }, (options) => dict().cached(options)],
  ['batch.set', 'ttl', { TTL: 5 }, (options) => manager.atomic().set(dict(), 'a', 1, options).commit()],
  ['batch.add', 'ttl', { TTL: 5 }, (options) => manager.atomic().add(dict(), 'a', 1, options).commit()],
  ['batch.addMany', 'ttl', { TTL: 5 }, (options) => manager.atomic().addMany(dict(), { a: 1 }, options).commit()],
  ['batch.put', 'delay', { delays: 5 }, (options) => manager.atomic().put(queue(), 1, options).commit()],
  ['cached dict.set', 'ttl', { TTL: 5 }, (options) => dict().cached().set('a', 1, options)],
  ['list.sort', 'descending', { descend: true }, (options) => list().sort(options)],
  ['list.watch', 'from', { form: 1 }, (options) => list().watch(options)],
  ['queue.put', 'priority', { prio: 1 }, (options) => queue().put(1, options)],
  ['queue.tryPut', 'priority', { prio: 1 }, (options) => queue().tryPut(1, options)],
  ['queue.putMany', 'delay', { delays: 1 }, (options) => queue().putMany([1], options)],
  ['queue.get', 'timeout', { timeot: 1 }, (options) => queue().get(options)],
  ['queue.getMany', 'timeout', { timeot: 1 }, (options) => queue().getMany(1, options)],
  ['queue.get for a delivery', 'lease', { ack: true, leas: 1 }, (options) => queue().get(options)],
  ['queue.items', 'state', { stat: 1 }, (options) => queue().items(options)],
  ['queue.move', 'delay', { delays: 1 }, (options) => queue().move('id', options)],
  ['queue.requeue', 'max', { maxx: 1 }, (options) => queue().requeue(options)],
  ['queue.join', 'timeout', { timeot: 1 }, (options) => queue().join(options)],
  ['queue.shutdown', 'immediate', { immediately: true }, (options) => queue().shutdown(options)],
  ['queue.deliveries', 'prefetch', { prefetsh: 1 }, (options) => queue().deliveries(options)],
  ['queue.watch', 'timeout', { timeot: 1 }, (options) => queue().watch(options)],
  ['value.set', 'timeout', { timeot: 1 }, (options) => value().set(1, options)],
  ['value.compareAndSet', 'timeout', { timeot: 1 }, (options) => value().compareAndSet(1, 2, options)],
  ['value.watch', 'follow', { folow: true }, (options) => value().watch(options)],
  ['value.add', 'timeout', { timeot: 1 }, (options) => value().add(1, options)],
  ['value.update', 'timeout', { timeot: 1 }, (options) => value().update((now) => now, options)],
  ['value.lock', 'lease', { leas: 1 }, (options) => value().lock(options)],
  ['array.write', 'held', { hold: 1 }, (options) => array().write(0, [1], options)],
  ['array.set', 'held', { hold: 1 }, (options) => array().set(0, 1, options)],
  ['array.add', 'held', { hold: 1 }, (options) => array().add(0, 1, options)],
  ['array.compareAndSet', 'held', { hold: 1 }, (options) => array().compareAndSet(0, 1, 2, options)],
  ['array.fill', 'held', { hold: 1 }, (options) => array().fill(1, 0, 1, options)],
  ['array.lock', 'lease', { leas: 1 }, (options) => array().lock(options)],
  ['lock.acquire', 'owner', { owners: 1 }, (options) => lock().acquire(options)],
  ['lock.tryAcquire', 'owner', { owners: 1 }, (options) => lock().tryAcquire(options)],
  ['lock.run', 'timeout', { timeot: 1 }, (options) => lock().run(() => {}, options)],
  ['rwlock', 'ttl', { tl: 1 }, (options) => manager.rwlock('x', options)],
  ['read.acquire', 'owner', { owners: 1 }, (options) => manager.rwlock('rw').read.acquire(options)],
  ['write.tryAcquire', 'owner', { owners: 1 }, (options) => manager.rwlock('rw').write.tryAcquire(options)],
  ['write.run', 'timeout', { timeot: 1 }, (options) => manager.rwlock('rw').write.run(() => {}, options)],
  ['semaphore.acquire', 'permits', { permit: 1 }, (options) => semaphore().acquire(options)],
  ['semaphore.tryAcquire', 'permits', { permit: 1 }, (options) => semaphore().tryAcquire(options)],
  ['semaphore.consume', 'timeout', { timeot: 1 }, (options) => semaphore().consume(1, options)],
  ['condition.wait', 'timeout', { timeot: 1 }, (options) => underCondition((held) => condition().wait(held, options))],
  ['condition.waitFor', 'timeout', { timeot: 1 }, (options) => underCondition((held) => condition().waitFor(held, () => true, options))],
  ['event.wait', 'timeout', { timeot: 1 }, (options) => manager.event('event').wait(options)],
  ['barrier.wait', 'timeout', { timeot: 1 }, (options) => manager.barrier('barrier', 2).wait(options)],
  ['pipe.send', 'timeout', { timeot: 1 }, (options) => end().send(1, options)],
  ['pipe.receive', 'timeout', { timeot: 1 }, (options) => end().receive(options)],
  ['pipe.poll', 'timeout', { timeot: 1 }, (options) => end().poll(options)],
  ['schedule', 'priority', { prio: 1 }, (options) => manager.schedule('s', { every: 60_000 }, queue(), 1, options)],
  ['delivery.nak', 'backoff', { backof: 1 }, (options) => delivered((delivery) => delivery.nak(options))],
  ['a rate', 'max', { maxx: 1, per: 1000 }, (options) => manager.queue('q', { rate: options })],
  ['a backoff', 'delay', { type: 'fixed', dely: 1 }, (options) => delivered((delivery) => delivery.nak({ backoff: options }))],
  ['a lease', 'tiedTo', { ms: 1000, tiedT: 'event-loop' }, (options) => Manager.connect(manager.address, { lease: options })],
  ['tls', 'ca', { caa: 'x' }, (options) => Manager.connect(manager.address, { tls: options })],
  ['Arena.create', 'maxSize', { maxsize: 1 }, (options) => Arena.create(options)],
  ['sync queue.get', 'timeout', { timeot: 1 }, (options) => arena.queue().sync.get(options)],
  ['sync queue.put', 'timeout', { timeot: 1 }, (options) => arena.queue().sync.put(1, options)],
  ['sync queue.join', 'timeout', { timeot: 1 }, (options) => arena.queue().sync.join(options)],
  ['sync queue.shutdown', 'immediate', { immediately: true }, (options) => arena.queue().sync.shutdown(options)],
  ['sync value.set', 'timeout', { timeot: 1 }, (options) => arena.value(undefined, 1).sync.set(1, options)],
  ['sync value.update', 'timeout', { timeot: 1 }, (options) => arena.value(undefined, 1).sync.update((now) => now, options)],
  ['sync value.compareAndSet', 'timeout', { timeot: 1 }, (options) => arena.value(undefined, 1).sync.compareAndSet(1, 2, options)],
  ['sync value.lock', 'timeout', { timeot: 1 }, (options) => arena.value(undefined, 1).sync.lock(options)],
  ['sync array.set', 'held', { hold: 1 }, (options) => arena.array(undefined, 'i32', 1).sync.set(0, 1, options)],
  ['sync array.add', 'held', { hold: 1 }, (options) => arena.array(undefined, 'i32', 1).sync.add(0, 1, options)],
  ['sync array.write', 'held', { hold: 1 }, (options) => arena.array(undefined, 'i32', 1).sync.write(0, [1], options)],
  ['sync array.fill', 'held', { hold: 1 }, (options) => arena.array(undefined, 'i32', 1).sync.fill(1, 0, 1, options)],
  ['sync dict.keys', 'prefix', { prefx: 1 }, (options) => arena.dict<string>().sync.keys(options).next()],
  ['sync dict.entries', 'prefix', { prefx: 1 }, (options) => arena.dict<string>().sync.entries(options).next()],
  ['sync event.wait', 'timeout', { timeot: 1 }, (options) => arena.event().sync.wait(options)],
  ['sync barrier.wait', 'timeout', { timeot: 1 }, (options) => arena.barrier(undefined, 2).sync.wait(options)],
  ['arena.dict', 'ttl', { TTL: 1 }, (options) => arena.dict('d', options)],
  ['arena.worker', 'name', { nam: 1 }, (options) => arena.worker(options)],
  ['sync value.add', 'timeout', { timeot: 1 }, (options) => arena.value(undefined, 1).sync.add(1, options)],
  ['sync lock.acquire', 'timeout', { timeot: 1 }, (options) => arena.lock().sync.acquire(options)],
  ['sync lock.run', 'timeout', { timeot: 1 }, (options) => arena.lock().sync.run(() => {}, options)],
  [
    'sync condition.wait',
    'timeout',
    { timeot: 1 },
    (options) => arena.condition('c').sync.run((held) => arena.condition('c').sync.wait(held, options), { timeout: 5000 }),
  ],
  ['sync semaphore.acquire', 'permits', { permit: 1 }, (options) => arena.semaphore(undefined, 1).sync.acquire(options)],
  ['sync semaphore.consume', 'timeout', { timeot: 1 }, (options) => arena.semaphore(undefined, 1).sync.consume(1, options)],
  ['sync list.sort', 'descending', { descend: true }, (options) => arena.list().sync.sort(options)],
];

/** Calls of `sync` that take no options. */
const WITHOUT: [name: string, unknown: object, call: (options: never) => unknown][] = [
  ['dict.set', { ttl: 5 }, (options) => arena.dict().sync.set('k', 1, options)],
  ['dict.setMany', { ttl: 5 }, (options) => arena.dict().sync.setMany({ k: 1 }, options)],
  ['dict.add', { ttl: 5 }, (options) => arena.dict().sync.add('k', 1, options)],
  ['dict.addMany', { ttl: 5 }, (options) => arena.dict().sync.addMany({ k: 1 }, options)],
  ['dict.getOrInsert', { ttl: 5 }, (options) => arena.dict().sync.getOrInsert('k', 1, options)],
  ['dict.compareAndSet', { ttl: 5 }, (options) => arena.dict().sync.compareAndSet('k', undefined, 1, options)],
  ['dict.update', { ttl: 5 }, (options) => arena.dict().sync.update('k', () => 1, options)],
  ['queue.tryPut', { delay: 5 }, (options) => arena.queue().sync.tryPut(1, options)],
  ['lock.tryAcquire', { lease: 5 }, (options) => arena.lock().sync.tryAcquire(options)],
  ['condition.tryAcquire', { lease: 5 }, (options) => arena.condition().sync.tryAcquire(options)],
];

describe('an option that a call does not know', () => {
  it.each(CALLS)('is refused, and the error names the nearest known one: %s', async (_name, nearest, unknown, call) => {
    const error = await failure(() => call(unknown as never));
    expect(error).toBeInstanceOf(InvalidArgumentError);
    expect((error as Error).message).toMatch(new RegExp(`there is no option ".*": did you mean "${nearest}"\\?`));
  });

  it.each(WITHOUT)('is refused by a method of sync that takes none, as %s', async (_name, unknown, call) => {
    const error = await failure(() => call(unknown as never));
    expect(error).toBeInstanceOf(InvalidArgumentError);
    expect((error as Error).message).toMatch(/there is no option ".*" here: this method takes none/);
  });

  it('leaves nothing done', async () => {
    await expect(manager.dict('untouched').set('a', 1, wrong({ TTL: 5 }))).rejects.toThrow(InvalidArgumentError);
    expect(await manager.dict('untouched').exists()).toBe(false);
  });

  it('is refused also if every object has that name', async () => {
    expect(await failure(() => dict().set('a', 1, wrong({ constructor: 1 })))).toBeInstanceOf(InvalidArgumentError);
  });
});

describe('options that are no object', () => {
  const calls = [...CALLS, ...WITHOUT].map((row): [string, (options: never) => unknown] => [row[0], row.at(-1) as () => unknown]);

  it.each(calls)('are refused: %s', async (_name, call) => {
    for (const [options, shown] of [
      [null, 'null'],
      ['text', "'text'"],
    ] as [never, string][]) {
      const error = await failure(() => call(options));
      expect(error).toBeInstanceOf(InvalidArgumentError);
      expect((error as Error).message).toContain(`options are ${shown}: give`);
    }
  });
});

describe('a time', () => {
  it('may be 2^53 milliseconds, as the error says', async () => {
    await dict().set('long', 1, { ttl: 2 ** 53 });
    expect(await dict().get('long')).toBe(1);
    await expect(dict().set('long', 1, { ttl: 2 ** 53 + 2 })).rejects.toThrow('at most 2^53');
  });
});

describe('a value of the wrong type', () => {
  // As text, each of these would look right, say nothing, or throw.
  it.each<[shown: string, given: unknown]>([
    ["'5'", '5'],
    ['{ ms: 5 }', { ms: 5 }],
    ['Symbol(five)', Symbol('five')],
    ['[Object: null prototype] {}', Object.create(null)],
    ['-1n', -1n],
  ])('is shown in the error as it was given: %s', async (shown, given) => {
    const number = given as number;
    const expected = (name: string): object => ({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining(`${name} is ${shown}: give `),
    });
    expect(await failure(() => dict().set('a', 1, { ttl: number }))).toMatchObject(expected('ttl'));
    expect(await failure(() => lock().acquire({ timeout: number }))).toMatchObject(expected('timeout'));
    expect(await failure(() => queue().put(1, { priority: number }))).toMatchObject(expected('priority'));
    expect(await failure(() => manager.queue('q', { capacity: number }))).toMatchObject(expected('capacity'));
    expect(await failure(() => list().at(number))).toMatchObject(expected('index'));
    expect(await failure(() => manager.pool(module, { threads: number }))).toMatchObject(expected('threads'));
    expect(await failure(() => dict().cached({ maxEntries: number }))).toMatchObject(expected('maxEntries'));
    expect(await failure(() => manager.dict('limited', { maxEntries: number }))).toMatchObject(expected('maxEntries'));
    expect(await failure(() => manager.schedule('s', { every: number }, queue(), 1))).toMatchObject(expected('every'));
    expect(await failure(() => Manager.connect(manager.address, { callTimeout: number }))).toMatchObject(expected('callTimeout'));
    expect(await failure(() => Manager.connect(manager.address, { lease: { ms: number } }))).toMatchObject(expected('lease'));
    expect(await failure(() => startServer({ maxCalls: number }))).toMatchObject(expected('maxCalls'));
    expect(await failure(() => startServer({ slowCall: number }))).toMatchObject(expected('slowCall'));
    await queue().put(1);
    const delivery = await queue().get({ ack: true });
    expect(await failure(() => delivery.nak({ backoff: { type: 'fixed', delay: 1, jitter: number } }))).toMatchObject(expected('jitter'));
    expect(await failure(() => delivery.nak({ backoff: { type: 'fixed', delay: 1, max: number } }))).toMatchObject(expected('max'));
    expect(await failure(() => delivery.nak({ backoff: { type: given as 'fixed', delay: 1 } }))).toMatchObject(
      expected('type of the backoff'),
    );
    await delivery.ack();
  });

  it('is shown as given where a text is wanted', async () => {
    for (const [shown, given] of [
      ['5n', 5n],
      ["'x'", 'x'],
      ['{}', Object.create({})],
    ] as [string, never][]) {
      expect(await failure(() => manager.queue('q', { order: given }))).toMatchObject({
        message: expect.stringContaining(`order is ${shown}: give `),
      });
      expect(await failure(() => Manager.connect(manager.address, { owner: given }))).toMatchObject({
        message: expect.stringContaining(`owner is ${shown}: give `),
      });
    }
  });
});

describe('an index beyond 32 bits', () => {
  it('is named in the error as it was given', async () => {
    for (const index of [2 ** 32, -(2 ** 40)]) {
      await expect(array().get(index)).rejects.toThrow(`no index ${index}`);
      await expect(list().set(index, 1)).rejects.toThrow(`no index ${index}`);
      await expect(list().update(index, () => 1)).rejects.toThrow(`no index ${index}`);
      expect(() => arena.list().sync.set(index, 1)).toThrow(`no index ${index}`);
      expect(() => arena.array('far', 'i32', 1).sync.get(index)).toThrow(`no index ${index}`);
      expect(() => arena.array('far', 'i32', 1).sync.add(index, 1)).toThrow(`no index ${index}`);
    }
  });
});

describe('maxCalls', () => {
  it('limits the waiting calls of a client of a manager that was started, embedded or served', async () => {
    await using served = await Daemon.serve(['--listen', '127.0.0.1:0', '--max-calls', '1']);
    await using started = await Manager.start({ maxCalls: 1 });
    await using embedded = await Manager.embed({ maxCalls: 1 });
    await using client = await Manager.connect(served.address);
    for (const each of [started, embedded, client]) {
      const event = each.event('event');
      const waiting = event.wait();
      await expect(event.wait()).rejects.toBeInstanceOf(LimitExceededError);
      // A call that need not wait is none of them.
      await each.queue('queue').put('item');
      expect(await each.queue('queue').get()).toBe('item');
      await event.set();
      await waiting;
    }
  });

  it('is refused if it is no number of calls', async () => {
    expect(await failure(() => Manager.start({ maxCalls: 0 }))).toMatchObject({ message: expect.stringContaining('maxCalls is 0') });
  });
});
