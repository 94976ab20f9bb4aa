import { describe, expect, test } from '@jest/globals';
import { AlreadyExistsError, Manager, ManagerError, NotFoundError, TimeoutError, type SharedValue } from 'commonhold';
import { collect, expectWaiting, fresh, queued, range } from '../conformance/support.js';
import {
  atHomeHere,
  daemon,
  Hand,
  hand,
  HomeProcess,
  info,
  manager,
  untilWaiting,
  WORK_ON,
  type Work,
  type WorkOn,
} from '../support/at-home.js';
import { bufCurl } from '../support/buf.js';
import { stress } from '../support/stress.js';
import { until } from '../support/until.js';
import type hammer from './programs/hammer.js';
import type holder from './programs/holder.js';

// Objects in the shared memory of a process, whose threads work on them; other processes reach them through the manager.

const HAMMER = new URL('./programs/hammer.js', import.meta.url);
const HOLDER = new URL('./programs/holder.js', import.meta.url);

atHomeHere();

/** Calls a method as a plain unary call with JSON, and returns the JSON answer. */
async function curl(method: string, request: object): Promise<unknown> {
  const { stdout, stderr } = await bufCurl(['-d', JSON.stringify(request)], `http://${daemon.address}/commonhold.v1.${method}`);
  return JSON.parse(stdout === '' ? stderr : stdout) as unknown;
}

describe('create() of an object that sync made', () => {
  const made = (name: string): SharedValue<number> => {
    const hits = manager.value(name, 0, { type: 'i32', home: 'process' });
    hits.sync.add(1);
    return hits;
  };

  test('publishes it, once', async () => {
    const hits = made(fresh('hits'));
    expect(await hits.create()).toBe(hits);
    await using other = await Manager.connect(daemon.address);
    expect(await other.value(hits.name, 0).get()).toBe(1);
    await expect(hits.create()).rejects.toBeInstanceOf(AlreadyExistsError);
  });

  test('fails if its name belongs to an object of the manager', async () => {
    const name = fresh('hits');
    await manager.list<number>(name).push(1);
    await expect(made(name).create()).rejects.toBeInstanceOf(ManagerError);
    expect(await manager.list(name).toArray()).toEqual([1]);
  });
});

describe('an object at home in this process', () => {
  test.each<[kind: string, here: Work, thread: Work, answers: unknown, other: Work, also: unknown, look: Work, inTheEnd: unknown]>([
    ['dict', ['set', 'a', 1], ['add', 'a', 2], 3, ['add', 'a', 4], 7, ['get', 'a'], 7],
    ['list', ['push', 'x'], ['push', 'y'], 2, ['push', 'z'], 3, ['toArray'], ['x', 'y', 'z']],
    ['queue', ['putMany', [1, 2], { timeout: 1000 }], ['get'], 1, ['get'], 2, ['size'], 0],
    ['typed value', ['add', 1], ['add', 2], 3, ['add', 4], 7, ['get'], 7],
    ['value', ['set', { a: 1 }], ['compareAndSet', { a: 1 }, ['b']], true, ['compareAndSet', ['b'], 'c'], true, ['get'], 'c'],
    ['array', ['set', 0, 1.5], ['add', 0, 1], 2.5, ['add', 0, 1], 3.5, ['get', 0], 3.5],
    ['lock', ['acquire', { timeout: 1000 }], ['locked'], true, ['locked'], true, ['locked'], true],
    ['rlock', ['acquire', { timeout: 1000 }], ['locked'], true, ['locked'], true, ['locked'], true],
    ['semaphore', ['acquire', { timeout: 1000, permits: 2 }], ['available'], 1, ['release', 4], undefined, ['available'], 5],
    ['event', ['set'], ['wait'], true, ['clear'], undefined, ['isSet'], false],
    ['condition', ['acquire', { timeout: 1000 }], ['locked'], true, ['exists'], true, ['locked'], true],
    ['barrier', ['waiting'], ['abort'], undefined, ['broken'], true, ['broken'], true],
  ])(
    '%s: is one for its main thread, its other threads, and other processes',
    async (kind, here, thread, answers, other, also, look, inTheEnd) => {
      const object = hand(kind);
      object.here(...here);
      expect(await object.inThread(...thread)).toEqual(answers);
      expect(await object.elsewhere(...other)).toEqual(also);
      expect(object.here(...look)).toEqual(inTheEnd);
      expect(await info(object.proxy.name)).toMatchObject({ home: { pid: process.pid } });
    },
  );

  test('a barrier meets a thread, another process, and a promise here', async () => {
    const barrier = manager.barrier(fresh('barrier'), 3, { home: 'process' });
    const met = await Promise.all([barrier.wait(), new Hand(barrier).inThread('wait'), new Hand(barrier).elsewhere('wait')]);
    expect(met.sort()).toEqual([0, 1, 2]);
  });

  test('a condition carries a notification from a thread to another process', async () => {
    const condition = manager.condition(fresh('condition'), manager.lock(fresh('lock'), { home: 'process' }), { home: 'process' });
    await condition.create();
    const other = await Manager.connect(manager.address);
    const there = other.condition(condition.name);
    const held = await there.acquire();
    const waiting = there.wait(held);
    await untilWaiting(condition.name, 1);
    condition.sync.run((mine) => condition.sync.notify(mine), { timeout: 5000 });
    expect(await waiting).toBe(true);
    await held.release();
    await other.close();
  });

  test('loses no addition of four threads, two other processes and a plain gRPC client', async () => {
    const hits = manager.value(fresh('hits'), 0, { home: 'process', type: 'i32' });
    const counts = manager.dict<string, number>(fresh('counts'), { home: 'process' });
    const [threads, others] = [stress(2_000, 20_000), stress(100, 500)];
    const workers = [
      ...range(0, 4).map(() => manager.thread<{ default: typeof hammer }>(HAMMER, hits, counts, threads, 'sync')),
      ...range(0, 2).map(() => manager.fork<{ default: typeof hammer }>(HAMMER, hits, counts, others, 'await')),
    ];
    await hits.get();
    for (let turn = 0; turn < 3; turn++) {
      expect(await curl('ValueService/Add', { name: hits.name, delta: { number: 1000 } })).toEqual({
        value: { number: expect.any(Number) },
      });
    }
    await Promise.all(workers.map(({ result }) => result));
    expect(hits.sync.get()).toBe(4 * threads + 2 * others + 3000);
    expect([...counts.sync.values()].reduce((sum, count) => sum + count, 0)).toBe(4 * threads + 2 * others);
    expect(await curl('ValueService/Get', { name: hits.name })).toEqual({ value: { number: hits.sync.get() } });
  });

  test('is inspected like any other, and internal objects of its home are hidden', async () => {
    const dict = manager.dict<string, unknown>(fresh('dict'), { home: 'process' });
    await dict.set('a', { b: [1] });
    expect(await curl('DictService/Get', { name: dict.name, key: { text: 'a' } })).toEqual({ value: { json: { b: [1] } } });
    expect(await curl('ManagerService/Describe', { name: dict.name })).toMatchObject({
      object: { kind: 'dict', size: 1, home: { pid: process.pid } },
    });
    for await (const { name } of manager.objects()) expect(name).not.toContain('\0');
    // Objects of homes that were ended before go meanwhile.
    await until('as many are listed as counted', async () => {
      const { objects } = await manager.stats();
      return (await collect(manager.objects())).length === objects;
    });
  });
});

describe('a reference to an object at home', () => {
  test('works in other objects, in threads and in other processes, from the call on that passes it', async () => {
    const dict = manager.dict<string, unknown>(fresh('dict'));
    const hits = manager.value(fresh('hits'), 5, { home: 'process' });
    const events = manager.list<string>(fresh('events'), { home: 'process' });
    // Neither was used before.
    await dict.setMany({ hits, events });
    const other = await Manager.connect(manager.address);
    const there = (await other.dict<string, SharedValue<number>>(dict.name).get('hits'))!;
    expect(await there.add(1)).toBe(6);
    expect((await info(events.name))?.home).toMatchObject({ pid: process.pid });
    const back = (await dict.get('hits')) as SharedValue<number>;
    expect(back.sync.add(1)).toBe(7);
    expect(await new Hand(back).inThread('add', 1)).toBe(8);
    expect(await new Hand(hits).elsewhere('add', 1)).toBe(9);
    await other.close();
  });

  test('needs no name', async () => {
    const hits = manager.value(undefined, 0, { home: 'process', type: 'u32' });
    expect(await Promise.all([new Hand(hits).inThread('add', 1), new Hand(hits).elsewhere('add', 1)])).toEqual(expect.arrayContaining([2]));
    expect(hits.sync.get()).toBe(2);
  });

  test('an anonymous object ends when no client has it any more', async () => {
    const hits = manager.value(undefined, 0, { home: 'process' });
    await hits.add(1);
    expect(await info(hits.name)).toBeDefined();
    await hits[Symbol.asyncDispose]();
    await until('it is gone', async () => (await info(hits.name)) === undefined);
  });

  test('an anonymous object stays while another object refers to it, and then ends', async () => {
    const dict = manager.dict<string, unknown>(fresh('dict'));
    const hits = manager.value(undefined, 3, { home: 'process' });
    await dict.set('hits', hits);
    await hits[Symbol.asyncDispose]();
    const other = await Manager.connect(manager.address);
    expect(await ((await other.dict(dict.name).get('hits')) as SharedValue<number>).get()).toBe(3);
    await other.close();
    await dict.delete('hits');
    await until('it is gone', async () => (await info(hits.name)) === undefined);
  });

  test('goes to a pool of threads, which work on the memory', async () => {
    const hits = manager.value(fresh('hits'), 0, { home: 'process', type: 'i32' });
    await using pool = manager.pool<WorkOn>(WORK_ON, { threads: 3 });
    await pool.starmap(range(0, 100).map(() => [hits, 'sync', 'add', 1] as const));
    expect(hits.sync.get()).toBe(100);
  });

  test('a thread that was started before the memory was made reaches it through the manager', async () => {
    const own = await Manager.connect(daemon.address);
    await using early = await Manager.start();
    const queue = early.queue<SharedValue<number>>('late');
    const answer = early.thread<WorkOn>(WORK_ON, queue, 'await', 'get');
    await until('it waits', async () => {
      for await (const { waiters } of early.objects({ match: 'late' })) return waiters === 1;
      return false;
    });
    const hits = early.value('hits', 1, { home: 'process' });
    await queue.put(hits);
    // The worker returns its argument: the manager counts a reference that the thread cannot know of.
    expect(await ((await answer.result) as SharedValue<number>).add(1)).toBe(2);
    await own.close();
  });
});

describe('a forwarded call', () => {
  test('is not held up by a busy main thread', async () => {
    const home = new HomeProcess();
    const name = await home.make('typed value');
    await home.commands.put({ do: 'busy', name, until: 101 });
    expect(await home.report()).toEqual({ done: 'busy' });
    const value = manager.value(name, 0);
    for (const turn of range(1, 101)) expect(await value.add(1)).toBe(turn);
    expect(await home.reports.size()).toBe(0);
    expect(await value.add(1)).toBe(101);
    expect(await home.report()).toEqual({ done: 'no longer busy' });
  });

  test('waits for a lock that a thread of the home holds, and gets it at its release', async () => {
    const lock = manager.lock(fresh('lock'), { home: 'process' });
    await lock.create();
    const other = await Manager.connect(manager.address);
    const held = lock.sync.acquire({ timeout: 1000 });
    const waiting = await queued(other, other.lock(lock.name).acquire());
    await untilWaiting(lock.name, 1);
    await expectWaiting(waiting, other);
    held.release();
    const theirs = await waiting.promise;
    expect(theirs.abandoned).toBe(false);
    // And in the other direction.
    expect(() => lock.sync.acquire({ timeout: 10 })).toThrow(TimeoutError);
    const thread = new Hand(lock).inThread('run', undefined).catch((error: unknown) => error);
    await untilWaiting(lock.name, 1);
    await theirs.release();
    await thread;
    expect(lock.sync.locked()).toBe(false);
    await other.close();
  });

  test('holds a lock until its process is killed, and the next thread is told', async () => {
    const lock = manager.lock(fresh('lock'), { home: 'process' });
    const reports = manager.queue<string>();
    const worker = manager.fork<{ default: typeof holder }>(HOLDER, lock, reports);
    await reports.get();
    expect(lock.sync.tryAcquire()).toBeUndefined();
    const next = lock.acquire();
    await worker.kill();
    const held = await next;
    expect(held.abandoned).toBe(true);
    await held.release();
  });

  test('gets a lock whose thread was terminated', async () => {
    const lock = manager.lock(fresh('lock'), { home: 'process' });
    const reports = manager.queue<string>();
    const thread = manager.thread<{ default: typeof holder }>(HOLDER, lock, reports);
    await reports.get();
    const other = await Manager.connect(manager.address);
    const waiting = await queued(other, other.lock(lock.name).acquire());
    await untilWaiting(lock.name, 1);
    await thread.terminate();
    expect((await waiting.promise).abandoned).toBe(true);
    await other.close();
  });

  test('that waits ends when the object is destroyed here, and the other way round', async () => {
    const queue = manager.queue<number>(fresh('queue'), { home: 'process' });
    await queue.create();
    const other = await Manager.connect(manager.address);
    const there = other.queue<number>(queue.name);
    const waiting = await queued(other, there.get());
    await untilWaiting(queue.name, 1);
    expect(await queue.destroy()).toBe(true);
    await expect(waiting.promise).rejects.toBeInstanceOf(NotFoundError);
    expect(await there.exists()).toBe(false);

    await queue.put(1);
    expect(await there.get()).toBe(1);
    const mine = queue.get();
    await untilWaiting(queue.name, 1);
    expect(await there.destroy()).toBe(true);
    await expect(mine).rejects.toBeInstanceOf(NotFoundError);
    expect(await info(queue.name)).toBeUndefined();
    await other.close();
  });
});
