import { expect, it } from '@jest/globals';
import { QueueEmptyError, QueueFullError, TimeoutError, type ManagerError } from '../../client/index.js';
import { fresh, suite } from './support.js';
import type { Target } from './target.js';

/** Returns the error of a call that ends by its timeout. */
async function late(call: Promise<unknown>): Promise<ManagerError> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(TimeoutError);
  return error as ManagerError;
}

/** The errors of waits that end by their timeouts. */
export function timeoutSuite(target: Target): void {
  suite(target, 'lock: timeouts', (clients) => {
    it('name the lock, the limit and the holder', async () => {
      for (const kind of ['lock', 'rlock'] as const) {
        const name = fresh(kind);
        const held = await clients.one[kind](name).acquire();
        const { message, object } = await late(clients.two[kind](name).acquire({ timeout: 12 }));
        expect(object).toBe(name);
        expect(message).toContain(`"${name}"`);
        expect(message).toMatch(/(holds|has held) .*; it was not free within 12 ms/);
        await held.release();
      }
    });

    it('name locked values and arrays as well', async () => {
      const [value, array] = [fresh('value'), fresh('array')];
      const held = [await clients.one.value(value, 1).lock(), await clients.one.array(array, 'i32', 1).lock()];
      const errors = [
        await late(clients.two.value(value, 1).set(2, { timeout: 12 })),
        await late(clients.two.value(value, 1).lock({ timeout: 12 })),
        await late(clients.two.array(array, 'i32', 1).set(0, 2, { timeout: 12 })),
      ];
      for (const { message } of errors) expect(message).toMatch(/".*"( for .*)?; it was not free within 12 ms/);
      await Promise.all(held.map((each) => each.release()));
    });
  });

  suite(target, 'semaphore: timeouts', (clients) => {
    it('name the semaphore, the limit, the number of free permits and the holders of the rest', async () => {
      const name = fresh('semaphore');
      const held = await clients.one.semaphore(name, 3).acquire({ permits: 2 });
      const { message, object } = await late(clients.two.semaphore(name, 3).acquire({ permits: 2, timeout: 12 }));
      expect(object).toBe(name);
      expect(message).toContain(`"${name}" has 1 permits free, 2 are wanted: `);
      expect(message).toMatch(/(holds|has held) some.*; they were not free within 12 ms/);
      await held.release();
    });
  });

  suite(target, 'queue: timeouts', (clients) => {
    it('name the queue and the limit', async () => {
      const queue = clients.one.queue(fresh('queue'), { capacity: 1 });
      const empty = await late(queue.get({ timeout: 12 }));
      expect(empty).toBeInstanceOf(QueueEmptyError);
      expect(empty.message).toBe(`"${queue.name}" is empty; no item came within 12 ms`);
      await queue.put(1);
      const full = await late(queue.put(2, { timeout: 12 }));
      expect(full).toBeInstanceOf(QueueFullError);
      expect(full.message).toBe(`"${queue.name}" is full: it holds 1; there was no room within 12 ms`);
      const { message } = await late(queue.join({ timeout: 12 }));
      expect(message).toBe(`1 items of "${queue.name}" are unfinished; they were not done within 12 ms`);
      expect((await late(queue.put(2, { timeout: 0 }))).message).toBe(`"${queue.name}" is full: it holds 1`);
    });
  });

  suite(target, 'pipe: timeouts', (clients) => {
    it('name the pipe and the limit', async () => {
      const [left, right] = clients.one.pipe(fresh('pipe'), { capacity: 1 });
      await Promise.all([left.open(), right.open()]);
      const none = await late(left.receive({ timeout: 12 }));
      expect(none.object).toBe(left.name);
      expect(none.message).toMatch(/; none came within 12 ms$/);
      await left.send(1);
      const { message } = await late(left.send(2, { timeout: 12 }));
      expect(message).toMatch(/; there was no room within 12 ms$/);
    });
  });
}
