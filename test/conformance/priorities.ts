import { expect, it } from '@jest/globals';
import { InvalidArgumentError, type AcquireOptions, type Held, type Manager } from '../../client/index.js';
import { expectWaiting, fresh, queued, suite } from './support.js';
import type { Target } from './target.js';

type Acquire = (options: AcquireOptions) => Promise<Held>;

/** An acquisition of each kind that one owner at a time has. */
const KINDS: Readonly<Record<string, (manager: Manager, name: string) => Acquire>> = {
  lock: (manager, name) => (options) => manager.lock(name).acquire(options),
  rlock: (manager, name) => (options) => manager.rlock(name).acquire(options),
  rwlock: (manager, name) => (options) => manager.rwlock(name).write.acquire(options),
  condition: (manager, name) => (options) => manager.condition(name).acquire(options),
  value: (manager, name) => (options) => manager.value(name, 0).lock(options),
  array: (manager, name) => (options) => manager.array(name, 'i8', 1).lock(options),
  semaphore: (manager, name) => (options) => manager.semaphore(name, 1).acquire(options),
};

/** Waits for locks and permits with priorities. */
export function prioritySuite(target: Target): void {
  suite(target, 'locks: priorities', (clients) => {
    it.each(Object.keys(KINDS))('the lowest priority is served first, and equal ones first come, first served (%s)', async (kind) => {
      const name = fresh(kind);
      const [one, two] = [KINDS[kind]!(clients.one, name), KINDS[kind]!(clients.two, name)];
      let held = await one({});
      const order: string[] = [];
      const waits = [];
      for (const [label, acquire, priority] of [
        ['late', one, 1.5],
        ['usual', two, undefined],
        ['usual too', one, 0],
        ['urgent', two, -Infinity],
        ['late too', two, 1.5],
      ] as const) {
        const wait = acquire({ priority }).then((next) => {
          order.push(label);
          return next;
        });
        waits.push(await queued(acquire === one ? clients.one : clients.two, wait));
      }
      for (const wait of [waits[3], waits[1], waits[2], waits[0], waits[4]]) {
        await held.release();
        held = await wait!.promise;
      }
      await held.release();
      expect(order).toEqual(['urgent', 'usual', 'usual too', 'late', 'late too']);
    });

    it.each(Object.keys(KINDS))('a priority that is no number is refused (%s)', async (kind) => {
      const acquire = KINDS[kind]!(clients.one, fresh(kind));
      for (const priority of [NaN, '1' as never]) await expect(acquire({ priority })).rejects.toBeInstanceOf(InvalidArgumentError);
      await (await acquire({ timeout: 0 })).release();
    });

    it('an urgent request for few permits is served before a large one that waits', async () => {
      const one = clients.one.semaphore(fresh('semaphore'), 3);
      const held = await one.acquire({ permits: 2 });
      const large = await queued(clients.two, clients.two.semaphore(one.name, 3).acquire({ permits: 3 }));
      expect(await one.tryAcquire()).toBeUndefined();
      await (await one.acquire({ priority: -1, timeout: 0 })).release();
      await one.consume(1, { priority: -1, timeout: 0 });
      await one.release();
      await expectWaiting(large, clients.one, clients.two);
      await held.release();
      await (await large.promise).release();
    });

    it('an urgent reader overtakes a writer that waits', async () => {
      const lock = clients.one.rwlock(fresh('rwlock'));
      const reading = await lock.read.acquire();
      const writer = await queued(clients.two, clients.two.rwlock(lock.name).write.acquire());
      expect(await lock.read.tryAcquire()).toBeUndefined();
      await (await lock.read.acquire({ priority: -1, timeout: 0 })).release();
      await reading.release();
      await (await writer.promise).release();
    });
  });
}
