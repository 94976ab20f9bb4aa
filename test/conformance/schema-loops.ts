import { expect, it } from '@jest/globals';
import { QueueEmptyError, type PipeEnd, type SchemaError } from '../../client/index.js';
import { refused, refusedAtOnce, small } from './schema-support.js';
import { collect, fresh, suite, itWith } from './support.js';
import type { Target } from './target.js';

/** Effects of a schema on loops, and on a locked value. */
export function schemaLoopSuite(target: Target): void {
  suite(target, 'schema: iteration', (clients) => {
    it('of a queue: one next() rejects with the item, and the next one continues after it', async () => {
      const queue = clients.two.queue(fresh('queue'));
      await queue.putMany([1, 2, 'x', 3, 'y', 4]);
      await queue.shutdown();
      const items = clients.one.queue(queue.name, { schema: small })[Symbol.asyncIterator]();
      const seen: unknown[] = [];
      for (let turn = 0; turn < 6; turn++) {
        seen.push(
          await items.next().then(
            ({ value }): unknown => value,
            (error: unknown) => (error as SchemaError).value,
          ),
        );
      }
      expect(seen).toEqual([1, 2, 'x', 3, 'y', 4]);
      expect(await items.next()).toEqual({ done: true, value: undefined });
    });

    it('of a queue: a fast loop that is left by an item has taken that item and no more', async () => {
      const queue = clients.two.queue(fresh('queue'));
      await queue.putMany([...Array.from({ length: 300 }, () => 1), 'x', ...Array.from({ length: 300 }, () => 2)]);
      const error = await refused(collect(clients.one.queue(queue.name, { schema: small })));
      expect(error.value).toBe('x');
      expect(await clients.one.queue(queue.name).getMany(512)).toEqual(Array.from({ length: 300 }, () => 2));
      await expect(queue.get({ timeout: 0 })).rejects.toBeInstanceOf(QueueEmptyError);
    });

    itWith(target, 'pipe')('of a pipe: as of a queue', async () => {
      const [far] = clients.two.pipe(fresh('pipe'));
      for (const message of [1, 'x', 2]) await far.send(message);
      await far.close();
      const [, near] = clients.one.pipe(far.name, { schema: small }) as [unknown, PipeEnd<number>];
      const messages = near[Symbol.asyncIterator]();
      expect(await messages.next()).toEqual({ done: false, value: 1 });
      expect((await refused(messages.next())).value).toBe('x');
      expect(await messages.next()).toEqual({ done: false, value: 2 });
      expect((await messages.next()).done).toBe(true);
    });

    itWith(target, 'queue: deliveries')('of deliveries: all come, and one whose item is refused says so when it is read', async () => {
      const dead = clients.two.queue(fresh('dead'));
      const queue = clients.one.queue(fresh('queue'), { schema: small, deadLetter: { queue: dead, maxDeliveries: 1 } });
      await queue.create();
      await clients.two.queue(queue.name).putMany([1, 'x', 2]);
      await queue.shutdown();
      const seen: number[] = [];
      for await (const delivery of queue.deliveries()) {
        try {
          seen.push(delivery.value);
          await delivery.ack();
        } catch (error) {
          expect(error).toMatchObject({ code: 'SCHEMA', value: 'x' });
          await delivery.nak();
        }
      }
      expect(seen).toEqual([1, 2]);
      expect(await dead.get()).toBe('x');
    });

    itWith(target, 'queue: delivery')('of one delivery: it is there, to be acknowledged', async () => {
      const queue = clients.one.queue(fresh('queue'), { schema: small });
      await clients.two.queue(queue.name).put('x');
      const delivery = await queue.get({ ack: true });
      expect(refusedAtOnce(() => delivery.value).value).toBe('x');
      await delivery.ack();
      await queue.join({ timeout: 0 });
    });
  });

  suite(target, 'schema: a value under its lock', (clients) => {
    it('is locked though the schema refuses it, and can be corrected', async () => {
      const plain = clients.two.value<unknown>(fresh('value'), 'x');
      await plain.create();
      const value = clients.one.value(plain.name, 0, { schema: small });
      {
        await using held = await value.lock();
        expect(refusedAtOnce(() => held.value).value).toBe('x');
        held.value = 7;
      }
      expect(await plain.get()).toBe(7);
    });

    it('is free again if update() could not read it', async () => {
      const plain = clients.two.value<unknown>(fresh('value'), 'x');
      await plain.create();
      await refused(clients.one.value(plain.name, 0, { schema: small }).update((present) => present));
      await plain.set('y', { timeout: 0 });
    });
  });
}
