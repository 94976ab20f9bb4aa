import { expect, it } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';
import { EndOfPipeError, TimeoutError, type PipeEnd } from '../../client/index.js';
import { stress } from '../support/stress.js';
import { expectLate, expectWaiting, fresh, queued, range, suite } from './support.js';
import type { Target } from './target.js';

/** Calls that wait for a message or for room: their order, and the ends of their waits. */
export function pipeWaitingSuite(target: Target): void {
  suite(target, 'pipe: waiting for a message', (clients) => {
    /** The first end with client one, the second with client two and with client one. */
    function make(): [PipeEnd<number>, PipeEnd<number>, PipeEnd<number>] {
      const [one, twin] = clients.one.pipe<number>(fresh('pipe'));
      return [one, clients.two.pipe<number>(one.name)[1], twin];
    }

    it('receive() waits for one', async () => {
      const [one, two] = make();
      const got = await queued(clients.two, two.receive());
      await expectWaiting(got, clients.one, clients.two);
      await one.send(7);
      expect(await got.promise).toBe(7);
    });

    it('receive() with a timeout takes a message that comes in time', async () => {
      const [one, two] = make();
      const got = await queued(clients.two, two.receive({ timeout: 60_000 }));
      await one.send(7);
      expect(await got.promise).toBe(7);
    });

    it('receive() throws TimeoutError when none comes in time, and not before', async () => {
      const [, two] = make();
      await expect(two.receive({ timeout: 0 })).rejects.toBeInstanceOf(TimeoutError);
      await expectLate(30, TimeoutError, () => two.receive({ timeout: 30 }));
    });

    it('a receive that timed out takes nothing later', async () => {
      const [one, two] = make();
      await expect(two.receive({ timeout: 20 })).rejects.toBeInstanceOf(TimeoutError);
      await one.send(1);
      expect(await two.receive({ timeout: 0 })).toBe(1);
    });

    it('serves receivers first come, first served, across sessions', async () => {
      const [one, two, twin] = make();
      const calls = [
        await queued(clients.two, two.receive()),
        await queued(clients.one, twin.receive()),
        await queued(clients.two, two.receive()),
      ];
      for (const [index, got] of calls.entries()) {
        await expectWaiting(got, clients.one, clients.two);
        await one.send(index);
        expect(await got.promise).toBe(index);
      }
    });

    it('an abort ends the wait with the reason of the signal, and takes nothing', async () => {
      const [one, two, twin] = make();
      const controller = new AbortController();
      const first = await queued(clients.two, two.receive({ signal: controller.signal }));
      const second = await queued(clients.one, twin.receive());
      const reason = new Error('no longer wanted');
      controller.abort(reason);
      await expect(first.promise).rejects.toBe(reason);
      await one.send(1);
      expect(await second.promise).toBe(1);
    });

    it('an abort that crosses with the message loses and duplicates nothing', async () => {
      const [one, two, twin] = make();
      for (const number of range(0, 60)) {
        const controller = new AbortController();
        const got = two.receive({ signal: controller.signal }).catch((error: unknown) => error);
        if (number % 2 === 0) await turn();
        const sent = one.send(number);
        for (let turns = number % 7; turns > 0; turns--) await turn();
        const reason = new Error('crossing');
        controller.abort(reason);
        const outcome = await got;
        await sent;
        expect(outcome === reason ? await twin.receive() : outcome).toBe(number);
        expect(await two.poll({ timeout: 0 })).toBe(false);
      }
    });

    it('the close of a waiting session loses no message (a gap in Python)', async () => {
      const [one, two] = make();
      await two.open();
      const session = await clients.more();
      const got = await queued(session.manager, session.manager.pipe<number>(one.name)[1].receive());
      await session.close();
      await expect(got.promise).rejects.toBeInstanceOf(Error);
      await one.send(1);
      expect(await two.receive()).toBe(1);
    });

    it('a received message stays received when the session closes', async () => {
      const [one, two] = make();
      await two.open();
      const session = await clients.more();
      await one.send(1);
      await one.send(2);
      expect(await session.manager.pipe<number>(one.name)[1].receive()).toBe(1);
      await session.close();
      expect(await two.receive()).toBe(2);
    });
  });

  suite(target, 'pipe: poll', (clients) => {
    function make(): [PipeEnd<number>, PipeEnd<number>, PipeEnd<number>] {
      const [one, twin] = clients.one.pipe<number>(fresh('pipe'));
      return [one, clients.two.pipe<number>(one.name)[1], twin];
    }

    it('is false when no message comes in time, and not before (Python: test_connection)', async () => {
      const [, two] = make();
      expect(await two.poll({ timeout: 0 })).toBe(false);
      const begin = performance.now();
      expect(await two.poll({ timeout: 30 })).toBe(false);
      expect(performance.now() - begin).toBeGreaterThanOrEqual(25);
    });

    it('waits for a message and is true, for all polls', async () => {
      const [one, two, twin] = make();
      const polls = [await queued(clients.two, two.poll()), await queued(clients.one, twin.poll({ timeout: 60_000 }))];
      for (const poll of polls) await expectWaiting(poll, clients.one, clients.two);
      await one.send(1);
      for (const poll of polls) expect(await poll.promise).toBe(true);
      expect(await two.receive()).toBe(1);
    });

    it('waits on when the message goes to a receiver', async () => {
      const [one, two, twin] = make();
      const got = await queued(clients.one, twin.receive());
      const poll = await queued(clients.two, two.poll());
      await one.send(1);
      expect(await got.promise).toBe(1);
      await expectWaiting(poll, clients.one, clients.two);
      await one.send(2);
      expect(await poll.promise).toBe(true);
    });

    it('a receive() after a true one does not wait (Python: test_issue16955)', async () => {
      const [one, two] = make();
      const polled = await queued(clients.two, two.poll());
      await one.send(1729);
      expect(await polled.promise).toBe(true);
      expect(await two.receive({ timeout: 0 })).toBe(1729);
    });

    it('of several ends at once returns the ones with a message, until all are at their ends (Python: test_wait)', async () => {
      const pipes = range(0, 4).map(make);
      const writing = pipes.map(async ([writer], pipe) => {
        for (const message of range(0, 10)) await writer.send(pipe * 10 + message);
        await writer.close();
      });
      const received: number[] = [];
      const polls = new Map(pipes.map(([, reader]) => [reader, reader.poll()]));
      while (polls.size > 0) {
        const reader = await Promise.race([...polls].map(([reader, poll]) => poll.then(() => reader)));
        try {
          received.push(await reader.receive({ timeout: 0 }));
          polls.set(reader, reader.poll());
        } catch (error) {
          expect(error).toBeInstanceOf(EndOfPipeError);
          polls.delete(reader);
        }
      }
      await Promise.all(writing);
      expect(received.sort((a, b) => a - b)).toEqual(range(0, 40));
    });

    it('of several ends at once is false for all when no message comes in time, and not before (Python: test_wait_timeout)', async () => {
      const ends = range(0, 3).map(() => make()[1]);
      const begin = performance.now();
      expect(await Promise.all(ends.map((end) => end.poll({ timeout: 40 })))).toEqual([false, false, false]);
      expect(performance.now() - begin).toBeGreaterThanOrEqual(35);
    });

    it('an abort ends it with the reason of the signal', async () => {
      const [, two] = make();
      const controller = new AbortController();
      const poll = await queued(clients.two, two.poll({ signal: controller.signal }));
      const reason = new Error('no longer wanted');
      controller.abort(reason);
      await expect(poll.promise).rejects.toBe(reason);
    });

    it('is true again when a message comes back', async () => {
      const [one, two, twin] = make();
      await two.open();
      const session = await clients.more();
      await one.send(1);
      await one.send(2);
      await one.send(3);
      // Takes 1, then fetches 2 and 3 together and yields 2 only.
      const iterator = session.manager.pipe<number>(one.name)[1][Symbol.asyncIterator]();
      expect([(await iterator.next()).value, (await iterator.next()).value]).toEqual([1, 2]);
      const poll = await queued(clients.one, twin.poll());
      await expectWaiting(poll, clients.one);
      await session.close();
      expect(await poll.promise).toBe(true);
      expect(await two.receive()).toBe(3);
    });
  });

  suite(target, 'pipe: waiting for room', (clients) => {
    /** The first end with client one and with client two, the second with client two. */
    function make(capacity?: number): [PipeEnd<number>, PipeEnd<number>, PipeEnd<number>] {
      const name = fresh('pipe');
      const [twin, two] = clients.two.pipe<number>(name, { capacity });
      return [clients.one.pipe<number>(name, { capacity })[0], two, twin];
    }

    it('send() waits for it', async () => {
      const [one, two] = make(2);
      await one.send(1);
      await one.send(2);
      const sent = await queued(clients.one, one.send(3));
      await expectWaiting(sent, clients.one, clients.two);
      expect(await two.receive()).toBe(1);
      await sent.promise;
      expect([await two.receive(), await two.receive()]).toEqual([2, 3]);
    });

    it('send() throws TimeoutError when there is none in time, and sends nothing', async () => {
      const [one, two] = make(1);
      await one.send(1);
      await expect(one.send(2, { timeout: 0 })).rejects.toBeInstanceOf(TimeoutError);
      await expectLate(30, TimeoutError, () => one.send(3, { timeout: 30 }));
      expect(await two.receive()).toBe(1);
      expect(await two.poll({ timeout: 0 })).toBe(false);
    });

    it('serves senders first come, first served, and lets none overtake', async () => {
      const [one, two, twin] = make(1);
      await one.send(0);
      const sends = [await queued(clients.two, twin.send(1)), await queued(clients.one, one.send(2))];
      for (const [index, sent] of sends.entries()) {
        await expectWaiting(sent, clients.one, clients.two);
        expect(await two.receive()).toBe(index);
        await expect(twin.send(9, { timeout: 0 })).rejects.toBeInstanceOf(TimeoutError);
        await sent.promise;
      }
      expect(await two.receive()).toBe(2);
    });

    it('an abort ends the wait with the reason of the signal, and sends nothing', async () => {
      const [one, two] = make(1);
      await one.send(1);
      const controller = new AbortController();
      const sent = await queued(clients.one, one.send(2, { signal: controller.signal }));
      const reason = { why: 'any value can be a reason' };
      controller.abort(reason);
      await expect(sent.promise).rejects.toBe(reason);
      expect(await two.receive()).toBe(1);
      expect(await two.poll({ timeout: 0 })).toBe(false);
    });

    it('the close of a waiting session sends nothing', async () => {
      const [one, two] = make(1);
      await one.send(1);
      const session = await clients.more();
      const sent = await queued(session.manager, session.manager.pipe<number>(one.name)[0].send(2));
      await session.close();
      await expect(sent.promise).rejects.toBeInstanceOf(Error);
      expect(await two.receive()).toBe(1);
      expect(await two.poll({ timeout: 0 })).toBe(false);
    });

    it('each direction has its own', async () => {
      const [one, two] = make(1);
      await one.send(1);
      await two.send(2, { timeout: 0 });
      await expect(two.send(3, { timeout: 0 })).rejects.toBeInstanceOf(TimeoutError);
      expect(await one.receive()).toBe(2);
    });

    it('is for 1,000 messages by default', async () => {
      const [one, two] = make();
      await Promise.all(range(0, 1000).map((number) => one.send(number, { timeout: 0 })));
      await expect(one.send(1000, { timeout: 0 })).rejects.toBeInstanceOf(TimeoutError);
      await two.receive();
      await one.send(1000, { timeout: 0 });
    });

    it('with a capacity of 0 is unlimited', async () => {
      const [one, two] = make(0);
      // More than there is room for where no capacity is given.
      const numbers = range(0, stress(1100, 3000));
      await Promise.all(numbers.map((number) => one.send(number, { timeout: 0 })));
      expect(await Promise.all(numbers.map(() => two.receive()))).toEqual(numbers);
    });

    it('a small one passes many messages in order', async () => {
      const [one, two] = make(3);
      const sends = range(0, 200).map((number) => one.send(number));
      const got: number[] = [];
      for await (const message of two) {
        got.push(message);
        if (got.length === 200) break;
      }
      await Promise.all(sends);
      expect(got).toEqual(range(0, 200));
    });
  });
}
