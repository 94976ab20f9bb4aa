import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { BrokenBarrierError, Manager, QueueEmptyError, type SharedList } from 'commonhold';
import { fresh, queued } from '../conformance/support.js';
import { until } from '../support/until.js';
import type { Doubled, Tasks } from './programs/child.js';

// An object made here and used in a child process: Python's TestSyncManagerTypes, kind by kind. The child checks what it finds; its errors
// are in its result.

const CHILD = new URL('./programs/child.js', import.meta.url);

let manager: Manager;

beforeAll(async () => {
  manager = await Manager.start();
});

afterAll(() => manager.close());

const child = <T extends keyof Tasks>(task: T, ...args: Parameters<Tasks[T]>) =>
  manager.fork<typeof import('./programs/child.js')>(CHILD, task, ...args);

/** Runs a task in a child process until it exits. */
async function run<T extends keyof Tasks>(task: T, ...args: Parameters<Tasks[T]>): Promise<unknown> {
  const worker = child(task, ...args);
  const result = await worker.result;
  await worker.join();
  expect(worker.exitCode).toBe(0);
  return result;
}

describe('a child process', () => {
  test('finds an event set, and clears it (Python: test_event of SyncManager)', async () => {
    const event = manager.event();
    await event.set();
    await run('event', event);
    expect(await event.isSet()).toBe(false);
    expect(await event.wait({ timeout: 1 })).toBe(false);
  });

  test('that ends while it holds a lock frees it (Python: test_lock of SyncManager, where it stays held)', async () => {
    const lock = manager.lock();
    await run('lock', lock);
    const held = await lock.acquire({ timeout: 120_000 });
    expect(held.abandoned).toBe(true);
    await held.release();
  });

  test('takes an rlock twice, and releases it twice (Python: test_rlock of SyncManager)', async () => {
    const rlock = manager.rlock();
    await run('rlock', rlock);
    expect((await rlock.acquire({ timeout: 0 })).abandoned).toBe(false);
  });

  test.each(['semaphore', 'boundedSemaphore'] as const)(
    'that ends while it holds a permit of a %s gives it back (Python: test_semaphore, test_bounded_semaphore of SyncManager)',
    async (kind) => {
      const semaphore = manager[kind](undefined, 2);
      await run('semaphore', semaphore);
      await until('the permit is back', async () => (await semaphore.available()) === 2);
    },
  );

  test('notifies a waiter of a condition (Python: test_condition of SyncManager)', async () => {
    const condition = manager.condition();
    await using held = await condition.acquire();
    const notified = await queued(manager, condition.wait(held));
    await run('condition', condition);
    expect(await notified.promise).toBe(true);
  });

  test('knows the parties of a barrier, and resets it (Python: test_barrier of SyncManager)', async () => {
    const barrier = manager.barrier(undefined, 5);
    const waiting = await queued(manager, barrier.wait());
    await Promise.all([run('barrier', barrier), expect(waiting.promise).rejects.toBeInstanceOf(BrokenBarrierError)]);
    expect([await barrier.waiting(), await barrier.broken()]).toEqual([0, false]);
  });

  test('finds a queue full, and empties it (Python: test_queue, test_joinable_queue of SyncManager)', async () => {
    const queue = manager.queue<number>(undefined, { capacity: 2 });
    await queue.putMany([5, 6]);
    const done = await queued(manager, queue.join());
    await run('queue', queue);
    await done.promise;
    await expect(queue.get({ timeout: 0 })).rejects.toBeInstanceOf(QueueEmptyError);
    expect(await queue.tryPut(1)).toBe(true);
  });

  test('searches, extends, sorts, iterates over and shortens a list (Python: test_list of SyncManager)', async () => {
    const list = manager.list<number>();
    await list.push(5);
    await run('list', list);
    expect(await list.toArray()).toEqual([4, 3]);
  });

  test('reads, iterates over and changes a dict (Python: test_dict of SyncManager; a gap in Python: iteration in a child)', async () => {
    const dict = manager.dict<string, number>();
    await dict.set('foo', 5);
    await run('dict', dict);
    expect(await dict.toMap()).toEqual(new Map([['bar', 6]]));
  });

  test('reads and changes a set (Python: test_set of SyncManager)', async () => {
    const set = manager.set<string>();
    await set.add('a', 'b');
    await run('set', set);
    expect(await set.toSet()).toEqual(new Set(['b', 'c']));
  });

  test('reads and changes a value (Python: test_value of SyncManager)', async () => {
    const value = manager.value(undefined, 1, { type: 'i32' });
    await run('value', value);
    expect(await value.get()).toBe(2);
  });

  test('reads and changes an array (Python: test_array of SyncManager)', async () => {
    const array = manager.array(undefined, 'i32', [0, 1]);
    await run('array', array);
    expect(await array.read()).toEqual(Int32Array.of(2, 3));
  });

  test('reads, sets and deletes properties of a namespace (Python: test_namespace of SyncManager)', async () => {
    const namespace = manager.namespace<{ x: number; y: number; z?: number }>(undefined, { x: 0, y: 1 });
    await run('namespace', namespace);
    expect(await namespace.toObject()).toEqual({ x: 1, z: 3 });
  });

  test('doubles numbers, a record, an array and a text, each under its lock (Python: test_sharedctypes, test_synchronize)', async () => {
    const doubled: Doubled = {
      whole: manager.value(undefined, 7, { type: 'i32' }),
      fraction: manager.value(undefined, 1 / 3, { type: 'f64' }),
      large: manager.value(undefined, 2n ** 33n, { type: 'i64' }),
      point: manager.value(undefined, { x: 3, y: 2 }),
      array: manager.array(undefined, 'f64', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
      text: manager.value<string>(undefined, 'hello'),
    };
    await run('double', doubled);
    const { whole, fraction, large, point, array, text } = doubled;
    expect(await Promise.all([whole, fraction, large, point, text].map((value) => value.get()))).toEqual([
      14,
      2 / 3,
      2n ** 34n,
      { x: 6, y: 4 },
      'hellohello',
    ]);
    expect(await array.read()).toEqual(Float64Array.of(0, 2, 4, 6, 8, 10, 12, 14, 16, 18));
  });

  test('that ended leaves the proxy that it put into a queue working (a gap in Python)', async () => {
    const queue = manager.queue<SharedList<string>>();
    await run('handOver', queue);
    const list = await queue.get();
    await list.push('and by its parent');
    expect(await list.toArray()).toEqual(['made by the child', 'and by its parent']);
  });

  test('keeps waiting for a message when a signal comes (Python: TestIgnoreEINTR, test_connection_recv)', async () => {
    const [here, there] = manager.pipe<string>();
    const worker = child('interrupted', there);
    expect(await here.receive()).toBe('ready');
    for (let signal = 0; signal < 3; signal++) process.kill(worker.pid!, 'SIGUSR2');
    // A large message, which arrives in several pieces.
    await here.send('x'.repeat(1_000_000));
    const [message, signals] = (await worker.result) as Awaited<ReturnType<Tasks['interrupted']>>;
    expect(message.length).toBe(1_000_000);
    expect(signals).toBeGreaterThan(0);
  });
});

test('a module that uses a queue while it is imported gets its item (Python: test_no_import_lock_contention)', async () => {
  const module = new URL('./programs/on-import.js', import.meta.url);
  expect(await manager.fork<typeof import('./programs/on-import.js')>(module).result).toBe('item');
});

test('150 clients at once keep a count exact, and leave none behind (a gap in Python: 100+ clients, leak counts)', async () => {
  await until('the children are gone', async () => (await manager.stats()).sessions === 1);
  const { sessions, objects } = await manager.stats();
  const clients = await Promise.all(Array.from({ length: 150 }, () => Manager.connect(manager.address)));
  const name = fresh('value');
  await Promise.all(clients.flatMap((client) => Array.from({ length: 10 }, () => client.value(name, 0).add(1))));
  expect(await manager.value(name, 0).get()).toBe(1500);
  expect((await manager.stats()).sessions).toBe(sessions + 150);
  await Promise.all(clients.map((client) => client.close()));
  await until('all sessions are over', async () => (await manager.stats()).sessions === sessions);
  await manager.value(name, 0).destroy();
  expect((await manager.stats()).objects).toBeLessThanOrEqual(objects);
});
