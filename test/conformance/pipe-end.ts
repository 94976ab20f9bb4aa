import { expect, it } from '@jest/globals';
import { ClosedError, EndOfPipeError, TimeoutError, type Manager, type PipeEnd } from '../../client/index.js';
import { collect, fresh, queued, range, suite, type Watched } from './support.js';
import type { Target } from './target.js';

/** The end of a pipe: by close(), and with the session that owns it. */
export function pipeEndSuite(target: Target): void {
  suite(target, 'pipe: close', (clients) => {
    /** The first end with one client, the second with the other. */
    function make(capacity?: number): [PipeEnd<number>, PipeEnd<number>] {
      const name = fresh('pipe');
      return [clients.one.pipe<number>(name, { capacity })[0], clients.two.pipe<number>(name, { capacity })[1]];
    }

    it('messages sent before it can be received, then the end of the pipe (Python: test_connection)', async () => {
      const [one, two] = make();
      await one.send(1);
      await one.send(2);
      await one.close();
      expect([await two.receive(), await two.receive()]).toEqual([1, 2]);
      await expect(two.receive()).rejects.toBeInstanceOf(EndOfPipeError);
      await expect(two.receive({ timeout: 0 })).rejects.toBeInstanceOf(EndOfPipeError);
    });

    it('messages sent before it reach an end that was never used (Python: test_issue14725)', async () => {
      const session = await clients.more();
      const name = fresh('pipe');
      const [, sender] = session.manager.pipe<string>(name);
      await sender.send('hello');
      await session.close();
      const [receiver] = clients.one.pipe<string>(name);
      expect(await receiver.receive()).toBe('hello');
      await expect(receiver.receive()).rejects.toBeInstanceOf(EndOfPipeError);
    });

    it('wakes waiting receivers', async () => {
      const [one, two] = make();
      const waiting = [await queued(clients.two, two.receive()), await queued(clients.two, two.receive({ timeout: 60_000 }))];
      await one.close();
      for (const call of waiting) await expect(call.promise).rejects.toBeInstanceOf(EndOfPipeError);
    });

    it('makes poll() true, for a waiting poll and ever after (Python: poll at EOF)', async () => {
      const [one, two] = make();
      const poll = await queued(clients.two, two.poll());
      await one.close();
      expect(await poll.promise).toBe(true);
      expect(await two.poll({ timeout: 0 })).toBe(true);
    });

    it('makes send() to the closed end an EndOfPipeError, also when it waits for room (Python: BrokenPipeError)', async () => {
      const [one, two] = make(1);
      await one.send(1);
      const sent = await queued(clients.one, one.send(2));
      await two.close();
      await expect(sent.promise).rejects.toBeInstanceOf(EndOfPipeError);
      await expect(one.send(3)).rejects.toBeInstanceOf(EndOfPipeError);
    });

    it('makes every use of the closed end a ClosedError (Python: OSError)', async () => {
      const [one, two] = make();
      await two.send(1);
      await one.close();
      await expect(one.send(1)).rejects.toBeInstanceOf(ClosedError);
      await expect(one.receive()).rejects.toBeInstanceOf(ClosedError);
      await expect(one.poll({ timeout: 0 })).rejects.toBeInstanceOf(ClosedError);
      await expect(one.open()).rejects.toBeInstanceOf(ClosedError);
      await expect(collect(one)).rejects.toBeInstanceOf(ClosedError);
    });

    it('ends the waits at the closed end with ClosedError', async () => {
      const [one] = make(1);
      await one.send(1);
      const waiting: Watched<unknown>[] = [
        await queued(clients.one, one.send(2)),
        await queued(clients.one, one.receive()),
        await queued(clients.one, one.poll()),
        await queued(clients.one, collect(one)),
      ];
      await clients.two.pipe(one.name)[0].close();
      for (const call of waiting) await expect(call.promise).rejects.toBeInstanceOf(ClosedError);
    });

    it('may be called again, and by any client', async () => {
      const [one, two] = make();
      await two.send(1);
      await clients.two.pipe(one.name)[0].close();
      await one.close();
      await two.close();
      await two.close();
      await expect(one.receive()).rejects.toBeInstanceOf(ClosedError);
    });

    it('of an unused end is seen at the other', async () => {
      const [one, two] = make();
      await one.close();
      await expect(two.receive()).rejects.toBeInstanceOf(EndOfPipeError);
    });

    it('drops the messages not received at it, and keeps the other direction', async () => {
      const [one, two] = make();
      await two.send(1);
      await one.send(2);
      await one.close();
      const sizes: number[] = [];
      for await (const object of clients.one.objects({ match: one.name })) sizes.push(object.size);
      expect(sizes).toEqual([1]);
      expect(await two.receive()).toBe(2);
    });

    it('of one end does not close the other', async () => {
      const [receiver, sender] = clients.one.pipe<number>(fresh('pipe'), { duplex: false });
      await sender.send(1);
      await sender.close();
      expect(await receiver.receive()).toBe(1);
      await expect(sender.send(2)).rejects.toBeInstanceOf(ClosedError);
    });

    it('is done by disposal (Python: test_context)', async () => {
      const [one, two] = make();
      {
        await using closing = one;
        await closing.send(1);
      }
      await expect(one.send(2)).rejects.toBeInstanceOf(ClosedError);
      expect(await two.receive()).toBe(1);
      await expect(two.receive()).rejects.toBeInstanceOf(EndOfPipeError);
    });

    it('of an end whose pipe was destroyed does not make the pipe again', async () => {
      const [one, two] = make();
      await two.send(1);
      await one.destroy();
      await one[Symbol.asyncDispose]();
      await two[Symbol.asyncDispose]();
      await two.close();
      expect(await one.exists()).toBe(false);
    });
  });

  suite(target, 'pipe: iteration', (clients) => {
    function make(): [PipeEnd<number>, PipeEnd<number>] {
      const name = fresh('pipe');
      return [clients.one.pipe<number>(name)[0], clients.two.pipe<number>(name)[1]];
    }

    it('yields the messages in order until the end of the pipe', async () => {
      const [one, two] = make();
      const all = collect(two);
      await Promise.all(range(0, 300).map((number) => one.send(number)));
      await one.close();
      expect(await all).toEqual(range(0, 300));
    });

    it('of a pipe at its end yields nothing', async () => {
      const [one, two] = make();
      await one.close();
      expect(await collect(two)).toEqual([]);
    });

    it('leaving it loses no message, and keeps the rest in order', async () => {
      const [one, two] = make();
      await Promise.all(range(0, 1000).map((number) => one.send(number)));
      await one.close();
      const seen: number[] = [];
      for (const last of [3, 100, 400]) {
        for await (const message of two) {
          seen.push(message);
          if (message === last) break;
        }
      }
      expect([...seen, ...(await collect(two))]).toEqual(range(0, 1000));
    });

    it('in a session that closes loses none of the messages it did not yield', async () => {
      const [one, two] = make();
      await two.open();
      await Promise.all(range(0, 10).map((number) => one.send(number)));
      const session = await clients.more();
      const iterator = session.manager.pipe<number>(one.name)[1][Symbol.asyncIterator]();
      expect(await iterator.next()).toEqual({ done: false, value: 0 });
      expect(await iterator.next()).toEqual({ done: false, value: 1 });
      await session.close();
      await one.close();
      expect(await collect(two)).toEqual(range(2, 10));
    });
  });

  suite(target, 'pipe: owners', (clients) => {
    /** The first end with client one; the second with a client that may close. */
    async function make(): Promise<{ one: PipeEnd<number>; two: PipeEnd<number>; manager: Manager; close: () => Promise<void> }> {
      const session = await clients.more();
      const { manager } = session;
      const name = fresh('pipe');
      return { one: clients.one.pipe<number>(name)[0], two: manager.pipe<number>(name)[1], manager, close: () => session.close() };
    }

    it('the close of a session closes the end on which it first sent, after its messages', async () => {
      const { one, two, close } = await make();
      await two.send(1);
      await close();
      expect(await one.receive()).toBe(1);
      await expect(one.receive()).rejects.toBeInstanceOf(EndOfPipeError);
      await expect(one.send(2)).rejects.toBeInstanceOf(EndOfPipeError);
    });

    it('the close of a session closes the end on which it first received', async () => {
      const { one, two, close } = await make();
      await one.send(1);
      expect(await two.receive()).toBe(1);
      const waiting = await queued(clients.one, one.receive());
      await close();
      await expect(waiting.promise).rejects.toBeInstanceOf(EndOfPipeError);
    });

    it('the close of a session closes the end on which it waits to receive, or tried to', async () => {
      const waits = await make();
      const call = await queued(waits.manager, waits.two.receive());
      const tried = await make();
      await expect(tried.two.receive({ timeout: 0 })).rejects.toBeInstanceOf(TimeoutError);
      for (const { one, close } of [waits, tried]) {
        await close();
        await expect(one.receive()).rejects.toBeInstanceOf(EndOfPipeError);
      }
      await expect(call.promise).rejects.toBeInstanceOf(Error);
    });

    it('the close of a session closes the end that it opened', async () => {
      const { one, two, close } = await make();
      expect(await two.open()).toBe(two);
      const waiting = await queued(clients.one, one.receive());
      await close();
      await expect(waiting.promise).rejects.toBeInstanceOf(EndOfPipeError);
    });

    it('a session that polls, makes or passes on an end does not own it', async () => {
      const { one, two, close } = await make();
      await two.create();
      await two.poll({ timeout: 0 });
      const list = clients.one.list<PipeEnd<number>>(fresh('list'));
      await list.push(two);
      await close();
      await one.send(1);
      expect(await clients.one.pipe<number>(one.name)[1].receive()).toBe(1);
    });

    it('the first session owns the end: the close of another that uses it changes nothing', async () => {
      const { one, two, close } = await make();
      const owner = clients.two.pipe<number>(one.name)[1];
      await owner.open();
      await two.send(1);
      await two.open();
      await close();
      await owner.send(2);
      expect([await one.receive(), await one.receive()]).toEqual([1, 2]);
    });

    it('the end of a dead owner is closed for all others too', async () => {
      const { one, two, close } = await make();
      await two.open();
      const other = clients.two.pipe<number>(one.name)[1];
      const waiting = await queued(clients.two, other.receive());
      await close();
      await expect(waiting.promise).rejects.toBeInstanceOf(ClosedError);
      await expect(other.send(1)).rejects.toBeInstanceOf(ClosedError);
    });

    it('a session that owns both ends closes both', async () => {
      const session = await clients.more();
      const [one, two] = session.manager.pipe<number>(fresh('pipe'));
      await one.send(1);
      await two.receive();
      await session.close();
      for (const end of clients.one.pipe(one.name)) await expect(end.send(1)).rejects.toBeInstanceOf(ClosedError);
    });
  });
}
