import { afterEach, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { until } from '../support/until.js';
import { stress } from '../support/stress.js';
import {
  Arena,
  DeadlockError,
  InvalidArgumentError,
  NotFoundError,
  NotOwnerError,
  share,
  TimeoutError,
  type Event,
  type Lock,
  type SyncHeld,
} from 'commonhold';

const program = (name: string): URL => new URL(`./programs/${name}.js`, import.meta.url);
type Holding = typeof import('./programs/holding.js');

/** Time within which any thread finds a dead one, in milliseconds. */
const LONG = 120_000;

let arena: Arena | undefined;
const make = (): Arena => (arena = Arena.create());
afterEach(() => arena?.close());

describe('threads at a lock and a value in shared memory', () => {
  it.each([2, 4, 8, 16].filter((threads) => threads <= stress(4, 16)))('%i of them lose no count', async (threads) => {
    const { value, guarded, lock } = counters(make());
    const workers = Array.from({ length: threads }, () =>
      arena!.thread<typeof import('./programs/counting.js')>(program('counting'), value, lock, guarded, stress(300, 2_000)),
    );
    const sums = await Promise.all(workers.map(({ result }) => result));
    expect((await value.get()) + (await guarded.get())).toBe(sums.reduce((sum, more) => sum + more, 0));
    expect(await lock.locked()).toBe(false);
  });

  it('find each other by one arena, however the proxies reach them', async () => {
    const value = make().value('count', 0, { type: 'f64' });
    const code = `import('commonhold').then(({ receive }) => {
      const { value } = receive(require('node:worker_threads').workerData);
      require('node:worker_threads').parentPort.postMessage(value.sync.add(0.5));
    })`;
    const worker = new Worker(code, { eval: true, workerData: share({ value }) });
    expect(await new Promise((resolve) => worker.once('message', resolve))).toBe(0.5);
    await worker.terminate();
    expect(await value.get()).toBe(0.5);
  });

  it('take the places of ended threads, any number of times', async () => {
    const value = make().value('count', 0, { type: 'i32' });
    const rounds = stress(2, 33);
    for (let round = 0; round < rounds; round++) {
      const workers = Array.from({ length: 8 }, () => arena!.thread<typeof import('./programs/nothing.js')>(program('nothing'), value));
      await Promise.all(workers.map((worker) => worker.join()));
    }
    expect(await value.get()).toBe(8 * rounds);
    expect(arena!.stats().threads).toBe(1);
  });
});

describe('a thread that ends while it holds a lock', () => {
  const hold = async (lock: Parameters<Holding['default']>[0], end: Parameters<Holding['default']>[2]) => {
    const taken: Event = arena!.event();
    const worker = arena!.thread<Holding>(program('holding'), lock, taken, end);
    await taken.wait();
    return worker;
  };

  it.each(['return', 'exit', 'throw'] as const)('by "%s" frees it, and tells the next', async (end) => {
    const lock = make().lock('lock');
    await hold(lock, end);
    await using held = await lock.acquire();
    expect(held.abandoned).toBe(true);
  });

  it.each(['stay', 'block'] as const)('because it is terminated, while it would "%s", frees it, and tells the next', async (end) => {
    const lock = make().lock('lock');
    const worker = await hold(lock, end);
    const next = lock.acquire();
    await worker.terminate();
    await using held = await next;
    expect(held.abandoned).toBe(true);
  });

  it('frees it for a thread that blocks at its condition, and tells that thread', async () => {
    const condition = make().condition('condition');
    const [has, taken] = [arena!.event(), arena!.event()];
    const waiter = arena!.thread<typeof import('./programs/noticing.js')>(program('noticing'), condition, has);
    await has.wait();
    const holder = arena!.thread<Holding>(program('holding'), condition, taken, 'stay');
    await taken.wait();
    await holder.terminate();
    expect(await waiter.result).toBe(true);
  });

  it('is found by a thread that blocks, while its parent blocks as well', async () => {
    const lock = make().lock('lock');
    const holder = await hold(lock, 'stay');
    const done = arena!.event('done');
    const waiter = arena!.thread<typeof import('./programs/blocked.js')>(program('blocked'), lock);
    void waiter.result.then(() => done.set());
    void holder.terminate();
    // From here on this thread learns of no end, except by looking itself.
    const held = lock.sync.acquire({ timeout: LONG });
    held.release();
    expect(await waiter.result).toEqual(expect.any(Boolean));
    expect(arena!.stats().threads).toBeLessThanOrEqual(2);
  });

  /** Operations that try and do not wait: undefined if they got nothing. */
  const TRIES: Readonly<Record<string, () => readonly [object: Parameters<Holding['default']>[0], attempt: () => unknown]>> = {
    'lock.sync.tryAcquire': () => {
      const lock = make().lock('lock');
      return [lock, () => lock.sync.tryAcquire()];
    },
    'lock.tryAcquire': () => {
      const lock = make().lock('lock');
      return [lock, () => lock.tryAcquire()];
    },
    'semaphore.sync.tryAcquire': () => {
      const semaphore = make().semaphore('semaphore', 1);
      return [semaphore, () => semaphore.sync.tryAcquire()];
    },
    'semaphore.tryAcquire': () => {
      const semaphore = make().semaphore('semaphore', 1);
      return [semaphore, () => semaphore.tryAcquire()];
    },
    'value.sync.lock': () => {
      const value = make().value('value', 0);
      return [value, () => unlessLate(() => value.sync.lock({ timeout: 0 }))];
    },
    'value.lock': () => {
      const value = make().value('value', 0);
      return [value, () => unlessLate(() => value.lock({ timeout: 0 }))];
    },
  };
  const unlessLate = async (attempt: () => unknown): Promise<unknown> => {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof TimeoutError) return undefined;
      throw error;
    }
  };

  it.each(Object.keys(TRIES))('is found by %s, which only tries, without a turn of its event loop', async (way) => {
    const [object, attempt] = TRIES[way]!();
    const holder = await hold(object, 'stay');
    void holder.terminate();
    const end = Date.now() + LONG;
    let taken = await attempt();
    while (taken === undefined && Date.now() < end) taken = await attempt();
    expect(taken).toBeDefined();
    // A semaphore guards no state that could be half changed.
    if (object.kind !== 'semaphore') expect((taken as { abandoned: boolean }).abandoned).toBe(true);
  });

  it('that it waits for makes way for the next waiter', async () => {
    const lock = make().lock('lock');
    const held = await lock.acquire();
    const waiting = [0, 1, 2].map(() => arena!.thread<typeof import('./programs/blocked.js')>(program('blocked'), lock));
    await until('the line is as long', async () => (await waitersOf(lock)) === 3);
    await waiting[0]!.terminate();
    await until('the line is as long', async () => (await waitersOf(lock)) === 2);
    await held.release();
    expect(await Promise.all(waiting.slice(1).map(({ result }) => result))).toEqual([false, false]);
  });
});

describe('a thread of unknown liveness', () => {
  it('keeps its holds', () => {
    const file = fileURLToPath(program('without-descriptors'));
    const { stdout } = spawnSync('sh', ['-c', 'ulimit -n 256; exec "$0" "$1"', process.execPath, file], { encoding: 'utf8' });
    expect(stdout.trim().split('\n')).toEqual(['EMFILE', 'held', '2']);
  });
});

describe('a lock in sync form', () => {
  it('lets the main thread block only for a limited time', () => {
    const lock = make().lock('lock');
    expect(() => lock.sync.acquire()).toThrow(InvalidArgumentError);
    lock.sync.acquire({ timeout: 0 }).release();
  });

  it('that this thread holds already is a DeadlockError, and TimeoutError without waiting', async () => {
    const lock = make().lock('lock');
    const held = await lock.acquire();
    expect(() => lock.sync.acquire({ timeout: 1000 })).toThrow(DeadlockError);
    expect(() => lock.sync.acquire({ timeout: 0 })).toThrow(TimeoutError);
    expect(lock.sync.tryAcquire()).toBeUndefined();
    await held.release();
    expect(lock.sync.run(() => lock.sync.locked(), { timeout: 0 })).toBe(true);
    expect(lock.sync.locked()).toBe(false);
  });

  it('that only a promise of this thread could release is a DeadlockError, and so are permits of a bounded semaphore', async () => {
    const lock = make().lock('lock');
    const [semaphore, waiting] = [arena!.boundedSemaphore('semaphore', 3), arena!.event('waiting')];
    const held = await lock.acquire();
    type Itself = typeof import('./programs/blocking-itself.js');
    const worker = arena!.thread<Itself>(program('blocking-itself'), lock, semaphore, waiting);
    await waiting.wait();
    await held.release();
    expect(await worker.result).toEqual([true, true]);
  });

  it('re-enters an rlock, and that of a condition, which gives up all levels while it waits', async () => {
    const worker = make().thread<typeof import('./programs/reentering.js')>(
      program('reentering'),
      arena!.rlock('r'),
      arena!.condition('c'),
    );
    expect(await worker.result).toEqual([true, true, false, true, false]);
  });

  it('of a condition is held whenever the predicate of waitFor runs', () => {
    const condition = make().condition('condition');
    const another = arena!.lock('another');
    let runs = 0;
    const waiting = (held: SyncHeld): boolean => condition.sync.waitFor(held, () => ++runs > 0, { timeout: 0 });
    const held = condition.sync.acquire({ timeout: 0 });
    held.release();
    expect(() => waiting(held)).toThrow(NotOwnerError);
    expect(() => another.sync.run(waiting, { timeout: 0 })).toThrow(NotOwnerError);
    expect(runs).toBe(0);
    expect(condition.sync.run(waiting, { timeout: 0 })).toBe(true);
  });

  it('is not abandoned at a further level of an rlock', async () => {
    const rlock = make().rlock('rlock');
    const taken = arena!.event();
    const holder = arena!.thread<Holding>(program('holding'), rlock, taken, 'stay');
    await taken.wait();
    await holder.terminate();
    using held = rlock.sync.acquire({ timeout: 20_000 });
    using level = rlock.sync.acquire({ timeout: 0 });
    expect([held.abandoned, level.abandoned]).toEqual([true, false]);
  });

  it('goes to the next when a waiting promise is aborted', async () => {
    const lock = make().lock('lock');
    const held = await lock.acquire();
    const given = Array.from({ length: 50 }, () => {
      const stop = new AbortController();
      return { stop, call: lock.acquire({ signal: stop.signal }) };
    });
    const last = lock.acquire();
    for (const { stop } of given) stop.abort(new Error('given up'));
    await Promise.all(given.map(({ call }) => expect(call).rejects.toThrow('given up')));
    await held.release();
    await (await last).release();
    expect(await waitersOf(lock)).toBe(0);
  });

  it('tells waiters that it was destroyed', async () => {
    const lock = make().lock('lock');
    lock.sync.acquire({ timeout: 0 });
    const blocked = arena!.thread<typeof import('./programs/blocked.js')>(program('blocked'), lock);
    await until('the line is as long', async () => (await waitersOf(lock)) === 1);
    await lock.destroy();
    await expect(blocked.result).rejects.toBeInstanceOf(NotFoundError);
  });
});

function counters(arena: Arena) {
  return { value: arena.value('value', 0, { type: 'i32' }), guarded: arena.value<number>('guarded', 0), lock: arena.lock('lock') };
}

async function waitersOf(lock: Lock): Promise<number> {
  return lock.local().shared.objects.any(lock.name)!.waiters;
}
