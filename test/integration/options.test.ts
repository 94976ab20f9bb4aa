import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Arena, InvalidArgumentError, LimitExceededError, Manager, type Pool, type WorkerModule } from 'commonhold';
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

beforeAll(async () => {
  arena = Arena.create();
  manager = await Manager.start();
  pool = manager.pool(module, { threads: 1 });
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

describe('an option that a call does not know', () => {
  it.each<[string, string, () => unknown]>([
    ['Manager.start', 'maxPayload', () => Manager.start(wrong({ maxpayload: 1 }))],
    ['Manager.embed', 'watchHistory', () => Manager.embed(wrong({ history: 1 }))],
    ['startServer', 'maxPayload', () => startServer(wrong({ maxPaylod: 5 }))],
    ['SessionStore', 'ttl', () => new SessionStore(manager.dict('sessions'), wrong({ tll: 5 }))],
    ['unstorageDriver', 'ttl', () => unstorageDriver(manager.dict('files'), wrong({ tll: 5 }))],
    ['LockManager', 'prefix', () => new LockManager(manager, wrong({ prefx: 'x' }))],
    ['Manager.connect', 'callTimeout', () => Manager.connect(manager.address, wrong({ timeout: 5 }))],
    ['dict', 'ttl', () => manager.dict('d', wrong({ TTL: 5 }))],
    ['list', 'schema', () => manager.list('l', wrong({ shema: 5 }))],
    ['set', 'home', () => manager.set('s', wrong({ hom: 'process' }))],
    ['queue', 'capacity', () => manager.queue('q', wrong({ maxsize: 5 }))],
    ['deadLetter', 'maxDeliveries', () => manager.queue('q', { deadLetter: wrong({ queue: 'x', maxDelivery: 5 }) })],
    ['value', 'type', () => manager.value('v', 1, wrong({ typ: 'i32' }))],
    ['array', 'ttl', () => manager.array('a', 'i32', 1, wrong({ ttL: 1 }))],
    ['namespace', 'backup', () => manager.namespace('n', {}, wrong({ backUp: 1 }))],
    ['pipe', 'duplex', () => manager.pipe('p', wrong({ dupleks: false }))],
    ['lock', 'ttl', () => manager.lock('x', wrong({ tl: 1 }))],
    ['rlock', 'ttl', () => manager.rlock('x', wrong({ tl: 1 }))],
    ['condition', 'ttl', () => manager.condition('c', undefined, wrong({ tl: 1 }))],
    ['semaphore', 'ttl', () => manager.semaphore('s', 1, wrong({ tl: 1 }))],
    ['boundedSemaphore', 'ttl', () => manager.boundedSemaphore('s', 1, wrong({ tl: 1 }))],
    ['event', 'ttl', () => manager.event('e', wrong({ tl: 1 }))],
    ['barrier', 'action', () => manager.barrier('b', 1, wrong({ acton: () => {} }))],
    ['objects', 'match', () => manager.objects(wrong({ matches: '*' })).next()],
    ['worker', 'daemonic', () => manager.worker(wrong({ daemon: true }))],
    ['pool', 'processes', () => manager.pool(module, wrong({ process: 1 }))],
    ['pool.submit', 'timeout', () => pool.submit([] as never, wrong({ timeOut: 1 }))],
    ['pool.map', 'chunkSize', () => pool.map([] as never, wrong({ chunksize: 1 }))],
    ['pool.imap', 'chunkSize', () => pool.imap([] as never, wrong({ chunksize: 1 }))],
    ['dict.set', 'ttl', () => dict().set('a', 1, wrong({ TTL: 5 }))],
    ['dict.watch', 'from', () => dict().watch(wrong({ form: 1 }))],
    ['dict.cached', 'maxEntries', () => dict().cached(wrong({ maxentries: 1 }))],
    [
      'batch.set',
      'ttl',
      () =>
        manager
          .atomic()
          .set(dict(), 'a', 1, wrong({ TTL: 5 }))
          .commit(),
    ],
    ['list.sort', 'descending', () => list().sort(wrong({ descend: true }))],
    ['list.watch', 'from', () => list().watch(wrong({ form: 1 }))],
    ['queue.put', 'priority', () => queue().put(1, wrong({ prio: 1 }))],
    ['queue.putMany', 'delay', () => queue().putMany([1], wrong({ delays: 1 }))],
    ['queue.get', 'timeout', () => queue().get(wrong({ timeot: 1 }))],
    ['queue.getMany', 'timeout', () => queue().getMany(1, wrong({ timeot: 1 }))],
    ['queue.join', 'timeout', () => queue().join(wrong({ timeot: 1 }))],
    ['queue.shutdown', 'immediate', () => queue().shutdown(wrong({ immediately: true }))],
    ['queue.deliveries', 'prefetch', () => queue().deliveries(wrong({ prefetsh: 1 }))],
    ['queue.watch', 'timeout', () => queue().watch(wrong({ timeot: 1 }))],
    ['value.set', 'timeout', () => value().set(1, wrong({ timeot: 1 }))],
    ['value.add', 'timeout', () => value().add(1, wrong({ timeot: 1 }))],
    ['value.update', 'timeout', () => value().update((now) => now, wrong({ timeot: 1 }))],
    ['value.lock', 'lease', () => value().lock(wrong({ leas: 1 }))],
    ['array.write', 'held', () => array().write(0, [1], wrong({ hold: 1 }))],
    ['array.lock', 'lease', () => array().lock(wrong({ leas: 1 }))],
    ['lock.acquire', 'owner', () => lock().acquire(wrong({ owners: 1 }))],
    ['lock.tryAcquire', 'owner', () => lock().tryAcquire(wrong({ owners: 1 }))],
    ['lock.run', 'timeout', () => lock().run(() => {}, wrong({ timeot: 1 }))],
    ['semaphore.acquire', 'permits', () => semaphore().acquire(wrong({ permit: 1 }))],
    ['event.wait', 'timeout', () => manager.event('event').wait(wrong({ timeot: 1 }))],
    ['barrier.wait', 'timeout', () => manager.barrier('barrier', 2).wait(wrong({ timeot: 1 }))],
    ['pipe.send', 'timeout', () => end().send(1, wrong({ timeot: 1 }))],
    ['pipe.receive', 'timeout', () => end().receive(wrong({ timeot: 1 }))],
    ['Arena.create', 'maxSize', () => Arena.create(wrong({ maxsize: 1 }))],
    ['sync queue.get', 'timeout', () => arena.queue().sync.get(wrong({ timeot: 1 }))],
    ['sync value.add', 'timeout', () => arena.value(undefined, 1).sync.add(1, wrong({ timeot: 1 }))],
    ['sync lock.acquire', 'timeout', () => arena.lock().sync.acquire(wrong({ timeot: 1 }))],
    ['sync semaphore.acquire', 'permits', () => arena.semaphore(undefined, 1).sync.acquire(wrong({ permit: 1 }))],
    ['sync list.sort', 'descending', () => arena.list().sync.sort(wrong({ descend: true }))],
  ])('is refused, and the error names the nearest known one: %s', async (_, nearest, call) => {
    const error = await failure(call);
    expect(error).toBeInstanceOf(InvalidArgumentError);
    expect((error as Error).message).toMatch(new RegExp(`there is no option ".*": did you mean "${nearest}"\\?`));
  });

  it.each<[string, () => unknown]>([
    ['dict.set', () => arena.dict().sync.set('k', 1, wrong({ ttl: 5 }))],
    ['dict.setMany', () => arena.dict().sync.setMany({ k: 1 }, wrong({ ttl: 5 }))],
    ['dict.add', () => arena.dict().sync.add('k', 1, wrong({ ttl: 5 }))],
    ['dict.addMany', () => arena.dict().sync.addMany({ k: 1 }, wrong({ ttl: 5 }))],
    ['dict.getOrInsert', () => arena.dict().sync.getOrInsert('k', 1, wrong({ ttl: 5 }))],
    ['dict.compareAndSet', () => arena.dict().sync.compareAndSet('k', undefined, 1, wrong({ ttl: 5 }))],
    ['dict.update', () => arena.dict().sync.update('k', () => 1, wrong({ ttl: 5 }))],
    ['queue.tryPut', () => arena.queue().sync.tryPut(1, wrong({ delay: 5 }))],
    ['lock.tryAcquire', () => arena.lock().sync.tryAcquire(wrong({ lease: 5 }))],
    ['condition.tryAcquire', () => arena.condition().sync.tryAcquire(wrong({ lease: 5 }))],
  ])('is refused by a method of sync that takes none, as %s', async (_, call) => {
    const error = await failure(call);
    expect(error).toBeInstanceOf(InvalidArgumentError);
    expect((error as Error).message).toMatch(/there is no option ".*" here: this method takes none/);
  });

  it('leaves nothing done', async () => {
    await expect(manager.dict('untouched').set('a', 1, wrong({ TTL: 5 }))).rejects.toThrow(InvalidArgumentError);
    expect(await manager.dict('untouched').exists()).toBe(false);
  });

  it('is refused also if every object has that name; options that are no object are refused too', async () => {
    expect(await failure(() => dict().set('a', 1, wrong({ constructor: 1 })))).toBeInstanceOf(InvalidArgumentError);
    expect(await failure(() => manager.queue('q', 5 as never))).toBeInstanceOf(InvalidArgumentError);
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
