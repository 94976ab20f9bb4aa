import assert from 'node:assert/strict';
import {
  BrokenBarrierError,
  Manager,
  NotOwnerError,
  type Barrier,
  type Condition,
  type Event,
  type Lock,
  type Namespace,
  type PipeEnd,
  type RLock,
  type Semaphore,
  type SharedArray,
  type SharedDict,
  type SharedList,
  type SharedQueue,
  type SharedSet,
  type SharedValue,
} from 'commonhold';

/** Numbers, text and a record, which the child doubles. */
export interface Doubled {
  readonly whole: SharedValue<number>;
  readonly fraction: SharedValue<number>;
  readonly large: SharedValue<bigint>;
  readonly point: SharedValue<{ x: number; y: number }>;
  readonly array: SharedArray<'f64'>;
  readonly text: SharedValue<string>;
}

/** Tasks of a child on an object of its parent: each checks the state it finds, and leaves another for the parent to check. */
const tasks = {
  async event(event: Event) {
    assert.equal(await event.isSet(), true);
    assert.equal(await event.wait(), true);
    await event.clear();
    assert.equal(await event.wait({ timeout: 1 }), false);
  },

  /** Ends while it holds the lock. */
  async lock(lock: Lock) {
    await lock.acquire();
    assert.equal(await lock.locked(), true);
  },

  async rlock(rlock: RLock) {
    const outer = await rlock.acquire();
    const inner = await rlock.acquire({ owner: outer });
    await inner.release();
    await outer.release();
    await assert.rejects(outer.release(), NotOwnerError);
  },

  /** Ends while it holds a permit. */
  async semaphore(semaphore: Semaphore) {
    await semaphore.acquire();
    assert.equal(await semaphore.available(), 1);
  },

  async condition(condition: Condition) {
    await using held = await condition.acquire();
    await condition.notify(held);
  },

  async barrier(barrier: Barrier) {
    const waiting = barrier.wait();
    while ((await barrier.waiting()) < 1);
    assert.equal(barrier.parties, 5);
    await barrier.reset();
    await assert.rejects(waiting, BrokenBarrierError);
  },

  async queue(queue: SharedQueue<number>) {
    assert.equal(await queue.size(), 2);
    assert.equal(await queue.tryPut(7), false);
    assert.deepEqual([await queue.get(), await queue.get()], [5, 6]);
    assert.equal(await queue.size(), 0);
    assert.equal(await queue.tryGet(), undefined);
    await queue.taskDone(2);
  },

  async list(list: SharedList<number>) {
    assert.deepEqual([await list.at(0), await list.count(5), await list.indexOf(5)], [5, 1, 0]);
    await list.extend([3, 4]);
    await list.sort();
    await list.reverse();
    assert.equal(await list.length(), 3);
    const seen: number[] = [];
    for await (const item of list) seen.push(item);
    assert.deepEqual(seen, [5, 4, 3]);
    assert.equal(await list.pop(0), 5);
  },

  async dict(dict: SharedDict<string, number>) {
    assert.deepEqual([await dict.size(), await dict.get('foo'), await dict.has('foo')], [1, 5, true]);
    const seen: [string, number][] = [];
    for await (const entry of dict) seen.push(entry);
    for await (const key of dict.keys()) assert.equal(key, 'foo');
    for await (const value of dict.values()) assert.equal(value, 5);
    assert.deepEqual(seen, [['foo', 5]]);
    assert.deepEqual(await dict.toMap(), new Map([['foo', 5]]));
    assert.deepEqual(await dict.popItem(), ['foo', 5]);
    await dict.set('bar', 6);
  },

  async set(set: SharedSet<string>) {
    assert.deepEqual(await set.toSet(), new Set(['a', 'b']));
    await set.add('c');
    await set.delete('a');
    assert.equal(await set.has('b'), true);
  },

  async value(value: SharedValue<number>) {
    assert.equal(await value.get(), 1);
    await value.set(2);
  },

  async array(array: SharedArray<'i32'>) {
    assert.equal(await array.length(), 2);
    assert.deepEqual([await array.get(0), await array.get(1)], [0, 1]);
    assert.deepEqual(await array.read(), Int32Array.of(0, 1));
    await array.write(0, [2, 3]);
  },

  async namespace(namespace: Namespace<{ x: number; y: number; z?: number }>) {
    assert.equal(await namespace.get('x'), 0);
    await namespace.set('x', 1);
    await namespace.set('z', 3);
    await namespace.delete('y');
  },

  /** Doubles all its arguments, each under its lock. */
  async double({ whole, fraction, large, point, array, text }: Doubled) {
    for (const number of [whole, fraction]) {
      await using held = await number.lock();
      held.value *= 2;
    }
    await using held = await large.lock();
    held.value *= 2n;
    await using place = await point.lock();
    place.value = { x: place.value.x * 2, y: place.value.y * 2 };
    await using words = await text.lock();
    words.value += words.value;
    await using locked = await array.lock();
    await array.write(
      0,
      (await array.read()).map((element) => element * 2),
      { held: locked },
    );
  },

  /** Makes an anonymous list, passes it to the parent, and ends: no other client knew it. */
  async handOver(queue: SharedQueue<SharedList<string>>) {
    await using manager = await Manager.connect();
    const list = manager.list<string>();
    await list.push('made by the child');
    await manager.queue<SharedList<string>>(queue.name).put(list);
  },

  /** Waits for a message through at least one signal; answers it, with the number of signals. */
  async interrupted(end: PipeEnd<string, string>) {
    let signals = 0;
    const signalled = new Promise<void>((resolve) =>
      process.on('SIGUSR2', () => {
        signals++;
        resolve();
      }),
    );
    await end.send('ready');
    const message = await end.receive();
    await signalled;
    return [message, signals] as const;
  },
} as const;

export type Tasks = typeof tasks;

export default async function (task: keyof Tasks, ...args: unknown[]): Promise<unknown> {
  return (tasks[task] as (...args: unknown[]) => Promise<unknown>)(...args);
}
