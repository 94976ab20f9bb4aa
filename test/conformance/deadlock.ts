import { expect, it } from '@jest/globals';
import { DeadlockError, TimeoutError, type Held, type Manager, type OwnerToken } from '../../client/index.js';
import { expectWaiting, fresh, queued, range, suite, watch } from './support.js';
import type { Target } from './target.js';

/** Returns the error of a call that would close a cycle. */
export async function deadlockOf(call: Promise<unknown>): Promise<DeadlockError> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DeadlockError);
  return error as DeadlockError;
}

/** Expects that no call waits for these objects, as the manager reports. */
export async function expectNoneWaiting(manager: Manager, ...names: string[]): Promise<void> {
  const { locks } = await manager.locks();
  expect(locks.filter(({ name, waiting }) => names.includes(name) && waiting > 0)).toEqual([]);
}

/** Owners that would wait for each other, over every kind of lock. */
export function deadlockSuite(target: Target): void {
  suite(target, 'deadlock: cycles', (clients) => {
    it('two owners and two locks: the call that would close the cycle fails at once, and the other continues', async () => {
      const [a, b] = [fresh('lock'), fresh('lock')];
      const [mine, theirs] = [clients.one.owner('ann'), clients.two.owner('bob')];
      const heldA = await clients.one.lock(a).acquire({ owner: mine });
      const heldB = await clients.two.lock(b).acquire({ owner: theirs });
      const waiting = await queued(clients.one, clients.one.lock(b).acquire({ owner: mine }));
      const error = await deadlockOf(clients.two.lock(a).acquire({ owner: theirs }));
      expect(error).toMatchObject({ code: 'DEADLOCK', object: a, mayHaveExecuted: false, retryable: false });
      await expectWaiting(waiting, clients.one, clients.two);
      expect(await clients.one.lock(b).holder()).toMatchObject({ token: heldB.token });
      await expectNoneWaiting(clients.one, a);
      await heldB.release();
      await (await waiting.promise).release();
      await heldA.release();
      await (await clients.two.lock(a).acquire({ owner: theirs, timeout: 0 })).release();
    });

    it('the error names who waits for what, the caller first, in its cycle and in its message', async () => {
      const names = range(0, 3).map((index) => fresh(`lock${index}`));
      const owners = range(0, 3).map((index) => clients.one.owner(`owner${index}`));
      const held = await Promise.all(names.map((name, index) => clients.one.lock(name).acquire({ owner: owners[index]! })));
      const acquire = (index: number) => clients.one.lock(names[(index + 1) % 3]).acquire({ owner: owners[index]! });
      const first = await queued(clients.one, acquire(0));
      const second = await queued(clients.one, acquire(1));
      const error = await deadlockOf(acquire(2));
      const step = (index: number) => ({
        object: names[(index + 1) % 3],
        sessionId: clients.one.sessionId,
        pid: process.pid,
        label: expect.any(String),
        owner: expect.stringMatching(`owner${index}$`),
      });
      expect(error.cycle).toEqual([step(2), step(0), step(1)]);
      for (const word of [...names, 'owner0', 'owner1', String(process.pid)]) expect(error.message).toContain(word);
      for (const lock of held.slice(1).reverse()) await lock.release();
      await (await second.promise).release();
      await (await first.promise).release();
      await held[0]!.release();
    });

    it('three owners of three clients in a cycle: one fails, two continue', async () => {
      const managers = [clients.one, clients.two, (await clients.more()).manager];
      const names = range(0, 3).map(() => fresh('lock'));
      const barrier = fresh('barrier');
      const order: number[] = [];
      const turn = (manager: Manager, index: number): Promise<unknown> =>
        manager.lock(names[index]).run(async () => {
          await manager.barrier(barrier, 3).wait();
          return manager.lock(names[(index + 1) % 3]).run(() => order.push(index));
        });
      const results = await Promise.allSettled(managers.map(turn));
      const failed = results.filter((result) => result.status === 'rejected');
      expect(failed.map(({ reason }) => reason as unknown)).toEqual([expect.any(DeadlockError)]);
      expect((failed[0]!.reason as DeadlockError).cycle).toHaveLength(3);
      expect(order).toHaveLength(2);
      await expectNoneWaiting(clients.one, ...names);
    });

    it('runs through locks, rlocks, values, arrays and the locks of conditions', async () => {
      const names = range(0, 5).map(() => fresh('thing'));
      const things: ((manager: Manager, owner: OwnerToken) => Promise<Held>)[] = [
        (manager, owner) => manager.lock(names[0]).acquire({ owner }),
        (manager, owner) => manager.rlock(names[1]).acquire({ owner }),
        (manager, owner) => manager.value(names[2], 0).lock({ owner }),
        (manager, owner) => manager.array(names[3], 'i32', 2).lock({ owner }),
        (manager, owner) => manager.condition(names[4]).acquire({ owner }),
      ];
      const managers = things.map((_, index) => (index % 2 ? clients.one : clients.two));
      const owners = managers.map((manager) => manager.owner());
      const held: Held[] = [];
      for (const [index, take] of things.entries()) held.push(await take(managers[index]!, owners[index]!));
      const waiting = [];
      for (const index of range(0, 4)) {
        waiting.push(await queued(managers[index]!, things[index + 1]!(managers[index]!, owners[index]!)));
      }
      const { cycle } = await deadlockOf(things[0]!(managers[4]!, owners[4]!));
      expect(cycle.map(({ object }) => object)).toEqual(names);
      expect(cycle.map(({ sessionId }) => sessionId)).toEqual([4, 0, 1, 2, 3].map((index) => managers[index]!.sessionId));
      for (const index of [4, 3, 2, 1]) {
        await held[index]!.release();
        held[index] = await waiting[index - 1]!.promise;
      }
      for (const lock of held) await lock.release();
    });

    it('an rlock counts in all of its levels', async () => {
      const [a, b] = [clients.one.rlock(fresh('rlock')), clients.two.rlock(fresh('rlock'))];
      const [mine, theirs] = [clients.one.owner(), clients.two.owner()];
      const levels = [await a.acquire({ owner: mine }), await a.acquire({ owner: mine })];
      const other = await b.acquire({ owner: theirs });
      const waiting = await queued(clients.two, clients.two.rlock(a.name).acquire({ owner: theirs }));
      await levels[1]!.release();
      await deadlockOf(clients.one.rlock(b.name).acquire({ owner: mine }));
      await (await a.acquire({ owner: mine, timeout: 0 })).release();
      await levels[0]!.release();
      await (await waiting.promise).release();
      await other.release();
    });

    it('a write that would wait for a locked value or array closes a cycle too', async () => {
      const value = clients.one.value(fresh('value'), 1);
      const array = clients.one.array(fresh('array'), 'i32', 2);
      const lock = clients.one.lock(fresh('lock'));
      const owner = clients.two.owner();
      const heldValue = await clients.two.value(value.name, 1).lock({ owner });
      const heldArray = await clients.two.array(array.name, 'i32', 2).lock({ owner });
      await lock.run(async () => {
        const waiting = await queued(clients.two, clients.two.lock(lock.name).acquire({ owner }));
        const writes = [
          () => value.set(2),
          () => value.add(1),
          () => value.compareAndSet(1, 2),
          () => value.update((old) => old + 1),
          () => array.set(0, 5),
          () => array.add(0, 5),
          () => array.compareAndSet(0, 0, 5),
          () => array.write(0, [5, 5]),
          () => array.fill(5),
        ];
        for (const write of writes) {
          const { cycle } = await deadlockOf(write());
          expect(cycle.map(({ object }) => object)).toEqual([expect.stringMatching(`${value.name}|${array.name}`), lock.name]);
        }
        void waiting.promise.then((held) => held.release());
      });
      await heldArray.release();
      await heldValue.release();
      expect([await value.get(), ...(await array.read())]).toEqual([1, 0, 0]);
      await expectNoneWaiting(clients.one, value.name, array.name);
    });

    it('a write that waits is part of a cycle that another call would close', async () => {
      const value = clients.one.value(fresh('value'), 1);
      const lock = clients.one.lock(fresh('lock'));
      const owner = clients.two.owner();
      const held = await clients.two.value(value.name, 1).lock({ owner });
      await lock.run(async () => {
        const write = await queued(clients.one, value.set(2));
        await deadlockOf(clients.two.lock(lock.name).acquire({ owner }));
        await held.release();
        await write.promise;
      });
      expect(await value.get()).toBe(2);
    });

    it('a timeout does not exempt a call; a timeout of 0 and tryAcquire() do', async () => {
      const [a, b] = [clients.one.lock(fresh('lock')), clients.one.lock(fresh('lock'))];
      const [mine, theirs] = [clients.one.owner(), clients.one.owner()];
      const [heldA, heldB] = [await a.acquire({ owner: mine }), await b.acquire({ owner: theirs })];
      const waiting = await queued(clients.one, b.acquire({ owner: mine, timeout: 60_000 }));
      await deadlockOf(a.acquire({ owner: theirs, timeout: 60_000 }));
      await expect(a.acquire({ owner: theirs, timeout: 0 })).rejects.toBeInstanceOf(TimeoutError);
      expect(await a.tryAcquire({ owner: theirs })).toBeUndefined();
      await heldB.release();
      await (await waiting.promise).release();
      await heldA.release();
    });

    it('run() in run() by two clients: one fails and releases its lock, and both are done in the end', async () => {
      const names = [fresh('lock'), fresh('lock')] as const;
      const sum = clients.one.value(fresh('value'), 0);
      const barrier = fresh('barrier');
      const both = (manager: Manager, first: string, second: string, parties: number): Promise<unknown> =>
        manager.lock(first).run(async () => {
          await manager.barrier(parties === 2 ? barrier : undefined, parties).wait();
          return manager.lock(second).run(() => manager.value(sum.name, 0).add(1));
        });
      const [one, two] = await Promise.allSettled([both(clients.one, names[0], names[1], 2), both(clients.two, names[1], names[0], 2)]);
      expect([one.status, two.status].sort()).toEqual(['fulfilled', 'rejected']);
      await both(clients.one, names[0], names[1], 1);
      expect(await sum.get()).toBe(2);
      for (const name of names) expect(await clients.two.lock(name).locked()).toBe(false);
    });

    it('a hold stands for its owner', async () => {
      const [a, b] = [clients.one.lock(fresh('lock')), clients.two.lock(fresh('lock'))];
      const [heldA, heldB] = [await a.acquire(), await b.acquire()];
      const waiting = await queued(clients.one, clients.one.lock(b.name).acquire({ owner: heldA }));
      const { cycle } = await deadlockOf(clients.two.lock(a.name).acquire({ owner: heldB }));
      expect(cycle.map(({ owner }) => owner)).toEqual([`@${heldB.token}`, `@${heldA.token}`]);
      await heldB.release();
      await (await waiting.promise).release();
      await heldA.release();
    });

    it('is found behind many other waits', async () => {
      const [a, b] = [clients.one.lock(fresh('lock')), clients.two.lock(fresh('lock'))];
      const [mine, theirs] = [clients.one.owner(), clients.two.owner()];
      const [heldA, heldB] = [await a.acquire({ owner: mine }), await b.acquire({ owner: theirs })];
      const crowd = range(0, 40).map((index) => watch((index % 2 ? a : b).acquire({ owner: clients.one.owner() }).catch(() => undefined)));
      const waiting = await queued(clients.one, clients.one.lock(b.name).acquire({ owner: mine }));
      await deadlockOf(clients.two.lock(a.name).acquire({ owner: theirs }));
      await b.destroy();
      await expect(waiting.promise).rejects.toThrow('was destroyed');
      await a.destroy();
      await Promise.all(crowd.map(({ promise }) => promise));
      await Promise.all([heldA, heldB].map((held) => held[Symbol.asyncDispose]()));
    });
  });
}
