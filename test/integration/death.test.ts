import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';
import { Manager, type SharedQueue, type WorkerHandle } from 'commonhold';
import { fresh, queued, range } from '../conformance/support.js';
import { until } from '../support/until.js';
import { stress } from '../support/stress.js';
import type consumer from './programs/consumer.js';
import type holder from './programs/holder.js';

// The effects of a client that is killed, or that gives up a call.

const CONSUMER = new URL('./programs/consumer.js', import.meta.url);
const HOLDER = new URL('./programs/holder.js', import.meta.url);

let manager: Manager;
let other: Manager;

beforeAll(async () => {
  manager = await Manager.start();
  other = await Manager.connect(manager.address);
});

afterAll(async () => {
  await other.close();
  await manager.close();
});

/** Waits until that many calls wait on an object. */
async function untilWaiting(name: string, waiters: number): Promise<void> {
  await until(`${waiters} wait on ${name}`, async () => {
    for await (const object of manager.objects({ match: name })) return object.waiters === waiters;
    return false;
  });
}

describe('a consumer killed with SIGKILL', () => {
  let items: SharedQueue<number>;
  let reports: SharedQueue<number>;

  const consume = (how: 'get' | 'getMany' | 'iterate', most: number): WorkerHandle<void> => {
    return manager.fork<{ default: typeof consumer }>(CONSUMER, how, items, reports, most);
  };
  const everything = (): Promise<number[]> => items.peek(10_000);

  for (const [how, most] of [
    ['get', 1],
    ['getMany', 5],
    ['iterate', 1],
  ] as const) {
    test(`while blocked (${how}) takes no item`, async () => {
      [items, reports] = [manager.queue(fresh('items')), manager.queue(fresh('reports'))];
      const worker = consume(how, most);
      await untilWaiting(items.name, 1);
      await worker.kill();
      await untilWaiting(items.name, 0);
      await items.putMany(range(0, 10));
      expect(await everything()).toEqual(range(0, 10));
      expect(await reports.size()).toBe(0);
    });
  }

  test('while blocked, at the moment its item comes, loses none', async () => {
    [items, reports] = [manager.queue(fresh('items')), manager.queue(fresh('reports'))];
    const workers = range(0, 6).map((index) => consume((['get', 'getMany', 'iterate'] as const)[index % 3]!, 2));
    await untilWaiting(items.name, workers.length);
    const dying = workers.map((worker) => worker.kill());
    // The manager may not know of the deaths yet: it gives items to the dead.
    await items.putMany(range(0, 20));
    await Promise.all(dying);
    await until('all items are back', async () => (await items.size()) === 20);
    expect((await everything()).sort((a, b) => a - b)).toEqual(range(0, 20));
  });

  test('with items on the way to its loop gives back the ones it did not reach, in order and to the head', async () => {
    [items, reports] = [manager.queue(fresh('items')), manager.queue(fresh('reports'))];
    await items.putMany(range(0, 5_000));
    const worker = consume('iterate', 1_000);
    const reached = await reports.getMany(5_000);
    expect(reached).toEqual(range(0, 1_000));
    // It had fetched more than it reached.
    expect(await items.size()).toBeLessThan(4_000);
    await worker.kill();
    await until('the rest is back', async () => (await items.size()) === 4_000);
    expect(await everything()).toEqual(range(1_000, 5_000));
  });

  test('leaves its items to a waiting consumer', async () => {
    [items, reports] = [manager.queue(fresh('items')), manager.queue(fresh('reports'))];
    await items.putMany(range(0, 200));
    const worker = consume('iterate', 100);
    await reports.getMany(200);
    const others: number[] = [];
    while ((await items.size()) > 0) others.push(await other.queue<number>(items.name).get());
    const next = other.queue<number>(items.name).get();
    await worker.kill();
    others.push(await next);
    await until('the rest is back', async () => (await items.size()) + others.length === 100);
    expect([...others, ...(await everything())].sort((a, b) => a - b)).toEqual(range(100, 200));
  });
});

describe('a holder killed with SIGKILL', () => {
  const hold = async (object: Parameters<typeof holder>[0]): Promise<WorkerHandle<void>> => {
    const reports = manager.queue<string>();
    const worker = manager.fork<{ default: typeof holder }>(HOLDER, object, reports);
    expect(await reports.get()).toBe('held');
    return worker;
  };

  test('frees its lock, and the next holder is told (a gap in Python)', async () => {
    const lock = manager.lock(fresh('lock'));
    const worker = await hold(lock);
    expect(await lock.holder()).toMatchObject({ pid: worker.pid });
    const next = lock.acquire();
    await worker.kill();
    const held = await next;
    expect(held.abandoned).toBe(true);
    await held.release();
    expect((await lock.acquire()).abandoned).toBe(false);
  });

  test('frees its rlock, and the next holder is told (a gap in Python: no one can ever release it)', async () => {
    const rlock = manager.rlock(fresh('rlock'));
    const worker = await hold(rlock);
    const next = rlock.acquire();
    await worker.kill();
    expect((await next).abandoned).toBe(true);
  });

  test('gives its permit of a semaphore to the waiter (a gap in Python)', async () => {
    const semaphore = manager.semaphore(fresh('semaphore'), 1);
    const worker = await hold(semaphore);
    const next = semaphore.acquire();
    await worker.kill();
    await (await next).release();
    expect(await semaphore.available()).toBe(1);
  });

  test('frees its locked value, which keeps the value from before', async () => {
    const value = manager.value(fresh('value'), 1);
    await value.set(7);
    const worker = await hold(value);
    const [next, write] = [value.lock(), value.add(1)];
    await worker.kill();
    const held = await next;
    expect(held).toMatchObject({ abandoned: true, value: 7 });
    await held.release();
    expect(await write).toBe(8);
  });

  test('frees everything it held', async () => {
    const [one, two] = [manager.lock(fresh('lock')), manager.value(fresh('value'), 0)];
    const workers = [await hold(one), await hold(two)];
    const before = (await manager.stats()).heldLocks;
    await Promise.all(workers.map((worker) => worker.kill()));
    await until('nothing is held', async () => (await manager.stats()).heldLocks === before - 2);
  });

  test('while it waits is skipped', async () => {
    const lock = manager.lock(fresh('lock'));
    const first = await lock.acquire();
    const workers = range(0, 2).map(() => manager.fork<{ default: typeof holder }>(HOLDER, lock, manager.queue<string>()));
    await untilWaiting(lock.name, 2);
    const last = await queued(other, other.lock(lock.name).acquire());
    // The manager knows of the death of one, and may still give the lock to the other.
    await workers[0]!.kill();
    await untilWaiting(lock.name, 2);
    const dying = workers[1]!.kill();
    await first.release();
    // Abandoned if it was given to the other, which did not say whether it began to use it.
    const held = await last.promise;
    await dying;
    await held.release();
  });
});

test('the session of a killed client is gone from the statistics', async () => {
  const sessions = 2;
  await until('the killed ones are gone', async () => (await manager.stats()).sessions === sessions);
  const items = manager.queue<number>(fresh('items'));
  const worker = manager.fork<{ default: typeof consumer }>(CONSUMER, 'get', items, manager.queue<number>(), 1);
  await untilWaiting(items.name, 1);
  expect((await manager.stats()).sessions).toBe(sessions + 1);
  await worker.kill();
  await until('the session is gone', async () => (await manager.stats()).sessions === sessions);
});

describe('a call that its AbortSignal gives up', () => {
  const reason = new Error('no longer wanted');

  /** Aborts at one of four moments: at once, on the way, at the awaited event, never. */
  async function abortAt(moment: number, controller: AbortController, event: () => Promise<unknown>): Promise<void> {
    if (moment === 0) controller.abort(reason);
    const happened = event();
    if (moment === 1) await turn();
    if (moment === 2) await happened;
    if (moment < 3) controller.abort(reason);
    await happened;
  }

  test('takes no item', async () => {
    const items = manager.queue<number>(fresh('items'));
    const controller = new AbortController();
    const calls: Promise<unknown>[] = [items.get({ signal: controller.signal }), items.getMany(3, { signal: controller.signal })];
    await Promise.all(calls.map((call) => queued(manager, call)));
    controller.abort(reason);
    for (const call of calls) await expect(call).rejects.toBe(reason);
    await items.putMany([1, 2, 3]);
    expect(await items.peek(9)).toEqual([1, 2, 3]);
  });

  test('takes no lock', async () => {
    const lock = manager.lock(fresh('lock'));
    const held = await lock.acquire();
    const controller = new AbortController();
    const call = await queued(manager, lock.acquire({ signal: controller.signal }));
    controller.abort(reason);
    await expect(call.promise).rejects.toBe(reason);
    await held.release();
    expect(await lock.locked()).toBe(false);
  });

  test('races of abort and put lose and duplicate no item', async () => {
    const items = manager.queue<number>(fresh('items'));
    const producer = other.queue<number>(items.name);
    const taken: number[] = [];
    let aborted = 0;
    const races = stress(400, 2_000);
    for (const round of range(0, races)) {
      const controller = new AbortController();
      const call = items.get({ signal: controller.signal }).then(
        (item) => taken.push(item),
        (error: unknown) => {
          expect(error).toBe(reason);
          aborted++;
        },
      );
      await abortAt(round % 4, controller, () => producer.put(round));
      await call;
    }
    expect(aborted).toBeGreaterThanOrEqual(races / 4);
    expect(taken.length).toBeGreaterThanOrEqual(races / 4);
    const left = await items.peek(10_000);
    expect([...taken, ...left].sort((a, b) => a - b)).toEqual(range(0, races));
  });

  test('races of abort and release leave the lock free', async () => {
    const lock = manager.lock(fresh('lock'));
    const rival = other.lock(lock.name);
    for (const round of range(0, stress(200, 1_000))) {
      const first = await rival.acquire();
      const controller = new AbortController();
      const call = lock.acquire({ signal: controller.signal }).then(
        (held) => held.release(),
        (error: unknown) => expect(error).toBe(reason),
      );
      await abortAt(round % 4, controller, () => first.release());
      await call;
    }
    const last = await rival.acquire({ timeout: 120_000 });
    expect(last.abandoned).toBe(false);
    await last.release();
    await untilWaiting(lock.name, 0);
  });
});
