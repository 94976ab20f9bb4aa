import { expect, it } from '@jest/globals';
import {
  InvalidArgumentError,
  KindMismatchError,
  NotFoundError,
  OptionsConflictError,
  OutOfRangeError,
  QueueFullError,
  QueueShutDownError,
  TimeoutError,
  type SharedValue,
} from '../../client/index.js';
import { fresh, range, suite } from './support.js';
import type { Target } from './target.js';

/** Batches of operations on several objects. */
export function atomicSuite(target: Target): void {
  suite(target, 'atomic: batches', (clients) => {
    const objects = () => ({
      dict: clients.one.dict<string, number>(fresh('dict')),
      list: clients.one.list<number>(fresh('list')),
      queue: clients.one.queue<string>(fresh('queue'), { capacity: 2 }),
      value: clients.one.value(fresh('value'), 10, { type: 'u8' }),
    });

    it('do all of their operations in order, and return the result of each', async () => {
      const { dict, list, queue, value } = objects();
      await queue.size();
      await value.get();
      const batch = clients.one.atomic().set(dict, 'a', 1).add(dict, 'a', 2).delete(dict, 'a').delete(dict, 'b').push(list, 1, 2);
      const { ok, results } = await batch.put(queue, 'x').set(value, 20).add(value, 5).commit();
      expect(ok).toBe(true);
      expect(results).toEqual([undefined, 3, true, false, 2, true, undefined, 25]);
      expect([await dict.size(), await list.toArray(), await queue.get(), await value.get()]).toEqual([0, [1, 2], 'x', 25]);
    });

    it('add to many keys at once, or change nothing', async () => {
      const { dict } = objects();
      await dict.set('a', 1);
      const batch = clients.one.atomic().add(dict, 'a', 1).addMany(dict, { a: 2, b: 3 });
      expect(await batch.add(dict, 'b').commit()).toEqual({ ok: true, results: [2, undefined, 4] });
      await dict.set('text', 'x' as never);
      const refused = clients.one.atomic().set(dict, 'c', 1).addMany(dict, { a: 1, text: 1 });
      await expect(refused.commit()).rejects.toBeInstanceOf(InvalidArgumentError);
      expect(Object.fromEntries(await dict.toMap())).toEqual({ a: 4, b: 4, text: 'x' });
    });

    it('give keys ends, and read them', async () => {
      const { dict } = objects();
      const batch = clients.one.atomic().set(dict, 'a', 1).ttl(dict, 'a').touch(dict, 'a', 60_000).ttl(dict, 'a').ttl(dict, 'missing');
      const { results } = await batch.commit();
      expect(results).toEqual([undefined, Infinity, true, 60_000, undefined]);
      const other = clients.two.dict<string, number>(dict.name);
      const left = await other.ttl('a');
      expect(left).toBeLessThanOrEqual(60_000);
      expect(await clients.two.atomic().touch(other, 'a', null).ttl(other, 'a').commit()).toMatchObject({ results: [true, Infinity] });
    });

    it('add after the sets and deletes of the same batch, also to a key that occurs twice', async () => {
      const { dict } = objects();
      await dict.setMany({ a: 1, b: 'text' as never });
      const twice: [string, number][] = [['a', 1], ['b', 2], ['c', 3], ['c', 4]]; // prettier-ignore
      const batch = clients.one.atomic().set(dict, 'a', 10).delete(dict, 'b').addMany(dict, twice).delete(dict, 'a').addMany(dict, twice);
      expect(await batch.commit()).toMatchObject({ ok: true });
      expect(Object.fromEntries(await dict.toMap())).toEqual({ a: 1, b: 4, c: 14 });
    });

    it('make missing objects, with the options of their proxies', async () => {
      const { dict, list, queue, value } = objects();
      const anonymous = clients.one.list<number>();
      const batch = clients.one.atomic().check(value, 10).add(value, 5).set(dict, 'a', 1).push(list, 1).push(anonymous, 2);
      expect(await batch.put(queue, 'x').put(queue, 'y').commit()).toMatchObject({ ok: true });
      expect(await value.get()).toBe(15);
      await expect(value.set(256)).rejects.toBeInstanceOf(OutOfRangeError);
      expect(await queue.tryPut('z')).toBe(false);
      expect(await anonymous.toArray()).toEqual([2]);
    });

    it('leave none of the objects that they made when they fail', async () => {
      const { dict, list, queue, value } = objects();
      expect(await clients.one.atomic().check(value, 9).push(list, 1).commit()).toEqual({ ok: false });
      await expect(clients.one.atomic().set(dict, 'a', 1).put(queue, 'x').add(value, 300).commit()).rejects.toBeInstanceOf(OutOfRangeError);
      for (const object of [dict, list, queue, value]) expect(await object.exists()).toBe(false);
      expect(await value.get()).toBe(10);
    });

    it('refuse an object with other options, and do nothing', async () => {
      const { list, queue } = objects();
      await queue.put('x');
      const other = clients.two.queue<string>(queue.name, { capacity: 5 });
      await expect(clients.two.atomic().push(list, 1).put(other, 'y').commit()).rejects.toBeInstanceOf(OptionsConflictError);
      expect(await list.exists()).toBe(false);
      expect(await queue.size()).toBe(1);
    });

    it('do nothing to an ended anonymous object: NotFoundError', async () => {
      const { dict } = objects();
      const list = clients.one.list<number>();
      await list.push(1);
      await clients.two.list(list.name).destroy();
      await expect(clients.one.atomic().set(dict, 'a', 1).push(list, 2).commit()).rejects.toBeInstanceOf(NotFoundError);
      expect(await dict.exists()).toBe(false);
    });

    it('do nothing when a check fails, at any position in the batch', async () => {
      const { dict, value } = objects();
      await value.get();
      await dict.set('a', 1);
      expect(await clients.one.atomic().set(dict, 'b', 2).check(dict, 'a', 9).commit()).toEqual({ ok: false });
      expect(await clients.one.atomic().set(dict, 'b', 2).check(value, 11).commit()).toEqual({ ok: false });
      expect(await dict.toMap()).toEqual(new Map([['a', 1]]));
    });

    it('check by deep equality, and the absence of a key by undefined', async () => {
      const dict = clients.one.dict<string, object>(fresh('dict'));
      await dict.set('a', { x: 1, y: [2] });
      const batch = clients.one
        .atomic()
        .check(dict, 'a', { y: [2], x: 1 })
        .check(dict, 'b', undefined);
      expect((await batch.set(dict, 'b', {}).commit()).ok).toBe(true);
      expect((await clients.one.atomic().check(dict, 'b', undefined).set(dict, 'c', {}).commit()).ok).toBe(false);
    });

    it.each<
      [
        string,
        (made: ReturnType<typeof objects>, manager: typeof clients.one) => Promise<unknown>,
        abstract new (...args: never[]) => Error,
      ]
    >([
      [
        'a number out of the range of its value',
        ({ dict, value }, manager) => manager.atomic().set(dict, 'a', 1).add(value, 250).commit(),
        OutOfRangeError,
      ],
      [
        'an addition to what is no number',
        ({ dict }, manager) => manager.atomic().set(dict, 'a', 1).add(dict, 'text').commit(),
        InvalidArgumentError,
      ],
      [
        'a full queue',
        ({ dict, queue }, manager) => manager.atomic().set(dict, 'a', 1).put(queue, '1').put(queue, '2').put(queue, '3').commit(),
        QueueFullError,
      ],
      [
        'a value that does not exist',
        ({ dict }, manager) =>
          manager
            .atomic()
            .set(dict, 'a', 1)
            .set(manager.open({ kind: 'value', name: fresh('value'), address: '' }) as SharedValue<number>, 1)
            .commit(),
        NotFoundError,
      ],
      [
        'another kind',
        ({ dict, list }, manager) => manager.atomic().set(dict, 'a', 1).set(manager.dict<string, number>(list.name), 'a', 1).commit(),
        KindMismatchError,
      ],
      [
        'two kinds of one name that it would make',
        ({ dict }, manager) => {
          const name = fresh('name');
          const batch = manager.atomic().set(dict, 'a', 1).set(manager.dict<string, number>(name), 'a', 1);
          return batch.push(manager.list<number>(name), 1).commit();
        },
        KindMismatchError,
      ],
      [
        'a key that cannot travel',
        ({ dict }, manager) =>
          manager
            .atomic()
            .set(dict, 'a', 1)
            .set(dict, {} as never, 1)
            .commit(),
        InvalidArgumentError,
      ],
      [
        'undefined',
        ({ dict }, manager) =>
          manager
            .atomic()
            .set(dict, 'a', 1)
            .set(dict, 'b', undefined as never)
            .commit(),
        InvalidArgumentError,
      ],
    ])('with %s fail with its error, and nothing is applied', async (_, commit, type) => {
      const made = objects();
      await Promise.all([made.queue.size(), made.value.get(), made.list.push(1)]);
      await (made.dict as unknown as { set(key: string, value: string): Promise<void> }).set('text', 'no number');
      await expect(commit(made, clients.one)).rejects.toBeInstanceOf(type);
      expect([...(await made.dict.toMap()).keys()]).toEqual(['text']);
      expect([await made.queue.size(), await made.value.get(), await made.list.length()]).toEqual([0, 10, 1]);
    });

    it('do not wait for a locked value, nor put into a queue that was shut down', async () => {
      const { dict, queue, value } = objects();
      await queue.shutdown();
      const held = await value.lock();
      await expect(clients.two.atomic().set(dict, 'a', 1).set(value, 1).commit()).rejects.toBeInstanceOf(TimeoutError);
      await held.release();
      await expect(clients.one.atomic().set(dict, 'a', 1).put(queue, 'x').commit()).rejects.toBeInstanceOf(QueueShutDownError);
      expect(await dict.size()).toBe(0);
    });

    it('give an item to a consumer that waits for it', async () => {
      const { dict, queue } = objects();
      const waiting = clients.two.queue<string>(queue.name, { capacity: 2 }).get();
      await clients.one.atomic().put(queue, 'x').set(dict, 'a', 1).commit();
      expect(await waiting).toBe('x');
    });

    it('without anything to do are done', async () => {
      expect(await clients.one.atomic().commit()).toEqual({ ok: true, results: [] });
    });

    it('move money between accounts without making or losing any, while other batches run', async () => {
      const accounts = clients.one.dict<number, number>(fresh('accounts'));
      await accounts.setMany(range(0, 5).map((account) => [account, 100]));
      const transfer = async (manager: typeof clients.one, turn: number): Promise<boolean> => {
        const [from, to] = [turn % 5, (turn * 3 + 1) % 5];
        if (from === to) return true;
        const [mine, theirs] = [(await accounts.get(from))!, (await accounts.get(to))!];
        const batch = manager.atomic().check(accounts, from, mine).check(accounts, to, theirs);
        return (
          await batch
            .set(accounts, from, mine - 7)
            .set(accounts, to, theirs + 7)
            .commit()
        ).ok;
      };
      const done = await Promise.all(range(0, 200).map((turn) => transfer(turn % 2 === 0 ? clients.one : clients.two, turn)));
      expect(done).toContain(true);
      const balances = [...(await accounts.toMap()).values()];
      expect(balances.reduce((sum, balance) => sum + balance, 0)).toBe(500);
    });
  });
}
