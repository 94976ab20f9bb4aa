import { expect, it } from '@jest/globals';
import {
  InvalidArgumentError,
  NotFoundError,
  OptionsConflictError,
  PipeEnd,
  type Manager,
  type Reference,
  type SharedDict,
} from '../../client/index.js';
import { stress } from '../support/stress.js';
import { collect, fresh, present, queued, range, roundTrip, suite } from './support.js';
import type { Target } from './target.js';

/** A pipe without waiting: messages, directions, options, ends that are passed on, and destroy(). */
export function pipeSuite(target: Target): void {
  suite(target, 'pipe: messages', (clients) => {
    /** The first end with one client, the second with the other. */
    function make<A = unknown, B = A>(): [PipeEnd<A, B>, PipeEnd<B, A>] {
      const name = fresh('pipe');
      return [clients.one.pipe<A, B>(name)[0], clients.two.pipe<A, B>(name)[1]];
    }

    it('carries objects in both directions (Python: test_connection)', async () => {
      const [one, two] = make();
      const sequence = [1, 2.25, null, { a: ['b', new Map([[1, 2n]])] }];
      await one.send(sequence);
      expect(await two.receive()).toEqual(sequence);
      await two.send('answer');
      expect(await one.receive()).toBe('answer');
    });

    it('carries bytes as bytes (Python: test_connection, test_sendbytes)', async () => {
      const [one, two] = make<Uint8Array>();
      const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
      await one.send(bytes);
      await one.send(bytes.subarray(5, 9));
      expect(await two.receive()).toEqual(bytes);
      expect(await two.receive()).toEqual(Uint8Array.of(5, 6, 7, 8));
    });

    it('carries a message of many MiB whole (Python: test_connection)', async () => {
      const [one, two] = make<Uint8Array>();
      const long = new Uint8Array(stress(4, 16) * 1024 * 1024).fill(88);
      await one.send(long);
      expect(Buffer.from(await two.receive()).equals(long)).toBe(true);
    });

    it('keeps empty messages (Python: test_empty_string)', async () => {
      const [one, two] = make<string | Uint8Array>();
      await one.send('');
      await one.send(new Uint8Array(0));
      expect(await two.poll()).toBe(true);
      expect(await two.poll()).toBe(true);
      expect(await two.receive()).toBe('');
      expect(await two.poll({ timeout: 0 })).toBe(true);
      expect(await two.receive()).toEqual(new Uint8Array(0));
      expect(await two.poll({ timeout: 0 })).toBe(false);
    });

    it('neither joins nor splits messages (Python: test_strings, test_dont_merge)', async () => {
      const [one, two] = make<string>();
      const strings = ['hello', '', 'a', 'b', '', 'bye', 'lop'];
      for (const string of strings) await one.send(string);
      const got: string[] = [];
      while (await two.poll({ timeout: 0 })) got.push(await two.receive());
      expect(got).toEqual(strings);
    });

    it('stays whole while several clients poll the same end (Python: test_boundaries)', async () => {
      const [one, two] = make<number>();
      const polling = clients.one.pipe<number>(two.name)[1];
      for (const number of range(0, 50)) {
        const polls = [polling.poll(), two.poll()];
        await one.send(number);
        expect(await Promise.all(polls)).toEqual([true, true]);
        expect(await two.receive()).toBe(number);
      }
    });

    it('keeps the order of messages sent without waiting', async () => {
      const [one, two] = make<number>();
      const sends = range(0, 500).map((number) => one.send(number));
      const got = await Promise.all(range(0, 500).map(() => two.receive()));
      await Promise.all(sends);
      expect(got).toEqual(range(0, 500));
    });

    it('may have both ends in one process', async () => {
      const [one, two] = clients.one.pipe<string>();
      await one.send('there');
      await two.send('back');
      expect(await one.receive()).toBe('back');
      expect(await two.receive()).toBe('there');
    });

    it('does not return an end its own messages', async () => {
      const [one] = make<number>();
      await one.send(1);
      expect(await one.poll({ timeout: 0 })).toBe(false);
    });

    it('gives each message to one of several clients that receive on the same end', async () => {
      const [one, two] = make<number>();
      const twin = clients.one.pipe<number>(two.name)[1];
      const taken = range(0, 100).map((index) => (index % 2 === 0 ? two : twin).receive());
      await Promise.all(range(0, 100).map((number) => one.send(number)));
      expect((await Promise.all(taken)).sort((a, b) => a - b)).toEqual(range(0, 100));
    });

    it('refuses values that cannot be encoded, and sends nothing', async () => {
      const [one, two] = make();
      for (const wrong of [undefined, () => 1, Symbol('s')]) await expect(one.send(wrong)).rejects.toBeInstanceOf(InvalidArgumentError);
      expect(await two.poll({ timeout: 0 })).toBe(false);
    });

    it('refuses a negative timeout (Python: test_neg_timeout, where it is 0)', async () => {
      const [one] = make<number>();
      for (const timeout of [-1, NaN]) {
        await expect(one.send(1, { timeout })).rejects.toBeInstanceOf(InvalidArgumentError);
        await expect(one.receive({ timeout })).rejects.toBeInstanceOf(InvalidArgumentError);
        await expect(one.poll({ timeout })).rejects.toBeInstanceOf(InvalidArgumentError);
      }
    });

    it('the list of objects shows its messages, direction and closed ends', async () => {
      const [one, two] = make<number>();
      await one.send(1);
      await one.send(2);
      await two.send(3);
      await one.close();
      const found = [];
      for await (const object of clients.two.objects({ match: one.name })) found.push(object);
      expect(found).toMatchObject([{ kind: 'pipe', size: 2, options: { duplex: 'true', capacity: '1000', closed: '0' } }]);
    });
  });

  suite(target, 'pipe: one way', (clients) => {
    it('the first end receives and the second sends (Python: test_duplex_false)', async () => {
      const [receiver, sender] = clients.one.pipe<number>(fresh('pipe'), { duplex: false });
      await sender.send(1);
      expect(await receiver.poll()).toBe(true);
      expect(await receiver.receive()).toBe(1);
    });

    it('the wrong direction is an InvalidArgumentError, and nothing happens (Python: test_duplex_false)', async () => {
      const name = fresh('pipe');
      const [receiver, sender] = clients.one.pipe<number>(name, { duplex: false });
      await receiver.create();
      // The types of the ends exclude the wrong direction; the type of a proxy by name does not.
      const [wrongReceiver, wrongSender] = clients.two.pipe<number>(name);
      await expect(wrongReceiver.send(1)).rejects.toBeInstanceOf(InvalidArgumentError);
      await expect(wrongSender.receive({ timeout: 0 })).rejects.toBeInstanceOf(InvalidArgumentError);
      await expect(wrongSender.poll({ timeout: 0 })).rejects.toBeInstanceOf(InvalidArgumentError);
      await expect(collect(wrongSender)).rejects.toBeInstanceOf(InvalidArgumentError);
      await sender.send(7);
      expect(await receiver.receive()).toBe(7);
    });
  });

  suite(target, 'pipe: passed on', (clients) => {
    it('ends that travel through a pipe work (Python: test_access, test_pickling)', async () => {
      const [one, two] = clients.one.pipe<PipeEnd<string>>();
      const there = clients.two.open(two.toJSON()) as PipeEnd<never, PipeEnd<string>>;
      const [receiver, sender] = clients.one.pipe<string>();
      await one.send(sender);
      await one.send(receiver);
      await (await there.receive()).send('hello');
      expect(await receiver.receive()).toBe('hello');
      await sender.send('again');
      expect(await (await there.receive()).receive()).toBe('again');
    });

    it('an end stays that end in another object, also at depth', async () => {
      const ends = clients.one.pipe<string>();
      const dict = clients.one.dict<string, { ends: PipeEnd<string>[] }>(fresh('dict'));
      await dict.set('both', { ends });
      const found = present(await clients.two.dict<string, { ends: PipeEnd<string>[] }>(dict.name).get('both')).ends;
      expect(found.map(({ end, name }) => ({ end, name }))).toEqual([0, 1].map((end) => ({ end, name: ends[0].name })));
      expect(found[0]).toBeInstanceOf(PipeEnd);
      await present(found[0]).send('to the second');
      expect(await ends[1].receive()).toBe('to the second');
    });

    it('one end is not equal to the other', async () => {
      const [one, two] = clients.one.pipe();
      const list = clients.one.list<PipeEnd>(fresh('list'));
      await list.push(one, two);
      expect(await list.indexOf(two)).toBe(1);
      expect(await list.indexOf(one)).toBe(0);
    });

    it('an end that is stored before its first use stands for a pipe with its options', async () => {
      const [receiver, sender] = clients.one.pipe<number>(undefined, { duplex: false, capacity: 1 });
      const dict: SharedDict<string, typeof receiver | typeof sender> = clients.one.dict(fresh('dict'));
      await dict.set('sender', sender);
      const found = (await clients.two.dict(dict.name).get('sender')) as typeof sender;
      await found.send(1);
      const options: unknown[] = [];
      for await (const object of clients.two.objects({ match: receiver.name })) options.push(object.options);
      expect(options).toMatchObject([{ duplex: 'false', capacity: '1' }]);
    });

    it('becomes kind, name, address and end as JSON, by which it is found', async () => {
      const [one, two] = clients.one.pipe<string>(fresh('pipe'));
      const { address } = clients.one;
      expect(JSON.parse(JSON.stringify([one, two]))).toEqual([0, 1].map((end) => ({ kind: 'pipe', name: one.name, address, end })));
      await two.send('for the first');
      const reference = JSON.parse(JSON.stringify(one)) as Reference;
      expect(await (clients.two.open(reference) as PipeEnd).receive()).toBe('for the first');
    });

    it('a reference to a third end is refused', () => {
      const reference = { kind: 'pipe', name: fresh('pipe'), address: '', end: 2 };
      expect(() => clients.one.open(reference)).toThrow(InvalidArgumentError);
    });
  });

  suite(target, 'pipe: options', (clients) => {
    const touch = (manager: Manager, name: string, options: { duplex?: true; capacity?: number }): Promise<boolean> =>
      manager.pipe(name, options)[0].poll({ timeout: 0 });

    it('refuses another capacity or direction than the pipe has', async () => {
      const name = fresh('pipe');
      await clients.one.pipe(name, { capacity: 2 })[0].create();
      for (const capacity of [0, 1, 3]) await expect(touch(clients.two, name, { capacity })).rejects.toBeInstanceOf(OptionsConflictError);
      const [receiver] = clients.two.pipe(name, { duplex: false });
      await expect(receiver.poll({ timeout: 0 })).rejects.toBeInstanceOf(OptionsConflictError);
    });

    it('takes the same options, and omitted ones, for no conflict', async () => {
      const name = fresh('pipe');
      await clients.one.pipe(name, { duplex: true, capacity: 2 })[1].create();
      expect(await touch(clients.two, name, { duplex: true, capacity: 2 })).toBe(false);
      expect(await touch(clients.two, name, {})).toBe(false);
    });

    it('without options goes both ways and holds 1,000 messages', async () => {
      const name = fresh('pipe');
      await clients.one.pipe(name)[0].create();
      expect(await touch(clients.two, name, { duplex: true, capacity: 1000 })).toBe(false);
    });

    it('refuses a capacity that is no whole number', () => {
      for (const capacity of [-1, 0.5, NaN, Infinity, '2' as never]) {
        expect(() => clients.one.pipe(undefined, { capacity })).toThrow(InvalidArgumentError);
      }
    });
  });

  suite(target, 'pipe: destroy', (clients) => {
    it('wakes waiting calls with NotFoundError', async () => {
      const [one, two] = clients.one.pipe<number>(fresh('pipe'), { capacity: 1 });
      await one.send(1);
      const calls = [
        await queued(clients.one, one.send(2)),
        await queued(clients.one, one.receive()),
        await queued(clients.one, one.poll()),
        await queued(clients.one, one[Symbol.asyncIterator]().next()),
      ];
      expect(await clients.two.pipe(two.name)[1].destroy()).toBe(true);
      for (const call of calls) await expect(call.promise).rejects.toBeInstanceOf(NotFoundError);
    });

    it('leaves the name to a new pipe, empty and open', async () => {
      const [one, two] = clients.one.pipe<number>(fresh('pipe'));
      await one.send(1);
      await two.close();
      await one.destroy();
      await one.send(2);
      expect(await two.receive()).toBe(2);
      await roundTrip(clients.one);
      expect(await two.poll({ timeout: 0 })).toBe(false);
    });

    it('frees the sessions that owned its ends: their close does not affect the next pipe of that name', async () => {
      const session = await clients.more();
      const [one, two] = clients.one.pipe<number>(fresh('pipe'));
      await session.manager.pipe<number>(one.name)[1].send(1);
      await one.destroy();
      await one.send(2);
      await session.close();
      expect(await two.receive()).toBe(2);
    });
  });
}
