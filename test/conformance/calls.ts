import { getEventListeners } from 'node:events';
import { expect, it } from '@jest/globals';
import { ClosedError, InvalidArgumentError, ManagerError, QueueEmptyError, TimeoutError, type Manager } from '../../client/index.js';
import { fresh, queued, range, roundTrip, suite, watch } from './support.js';
import type { Target } from './target.js';
import type { Account } from './types/registered.js';

interface Options {
  timeout?: number;
  signal?: AbortSignal;
}

/** For each method that can wait: a call in a state in which it need not wait, and a read of the state that it would change. */
const WAITING: Record<string, (manager: Manager) => { call: (options: Options) => Promise<unknown>; state: () => Promise<unknown> }> = {
  'queue.put'(manager) {
    const queue = manager.queue<number>(fresh('queue'));
    return { call: (options) => queue.put(1, options), state: () => queue.size() };
  },
  'queue.putMany'(manager) {
    const queue = manager.queue<number>(fresh('queue'));
    return { call: (options) => queue.putMany([1, 2], options), state: () => queue.size() };
  },
  'queue.get'(manager) {
    const queue = manager.queue<number>(fresh('queue'));
    void queue.put(1);
    return { call: (options) => queue.get(options), state: () => queue.size() };
  },
  'queue.getMany'(manager) {
    const queue = manager.queue<number>(fresh('queue'));
    void queue.put(1);
    return { call: (options) => queue.getMany(2, options), state: () => queue.size() };
  },
  'queue.join'(manager) {
    const queue = manager.queue<number>(fresh('queue'));
    return { call: (options) => queue.join(options), state: () => queue.size() };
  },
  'value.set'(manager) {
    const value = manager.value<number>(fresh('value'), 0);
    return { call: (options) => value.set(1, options), state: () => value.get() };
  },
  'value.add'(manager) {
    const value = manager.value<number>(fresh('value'), 0);
    return { call: (options) => value.add(1, options), state: () => value.get() };
  },
  'value.compareAndSet'(manager) {
    const value = manager.value<number>(fresh('value'), 0);
    return { call: (options) => value.compareAndSet(0, 1, options), state: () => value.get() };
  },
  'value.update'(manager) {
    const value = manager.value<number>(fresh('value'), 0);
    return { call: (options) => value.update((old) => old + 1, options), state: () => value.get() };
  },
  'value.lock'(manager) {
    const value = manager.value<number>(fresh('value'), 0);
    return { call: (options) => value.lock(options), state: () => value.set(0, { timeout: 0 }) };
  },
  'lock.acquire'(manager) {
    const lock = manager.lock(fresh('lock'));
    return { call: (options) => lock.acquire(options), state: () => lock.locked() };
  },
  'lock.run'(manager) {
    const lock = manager.lock(fresh('lock'));
    let runs = 0;
    return { call: (options) => lock.run(() => runs++, options), state: () => Promise.resolve(runs) };
  },
  'semaphore.acquire'(manager) {
    const semaphore = manager.semaphore(fresh('semaphore'), 1);
    return { call: (options) => semaphore.acquire(options), state: () => semaphore.available() };
  },
  'semaphore.consume'(manager) {
    const semaphore = manager.semaphore(fresh('semaphore'), 1);
    return { call: (options) => semaphore.consume(1, options), state: () => semaphore.available() };
  },
  'event.wait'(manager) {
    const event = manager.event(fresh('event'));
    void event.set();
    return { call: (options) => event.wait(options), state: () => event.isSet() };
  },
  'rlock.acquire'(manager) {
    const rlock = manager.rlock(fresh('rlock'));
    return { call: (options) => rlock.acquire(options), state: () => rlock.locked() };
  },
  'rwlock.read'(manager) {
    const rwlock = manager.rwlock(fresh('rwlock'));
    return { call: (options) => rwlock.read.acquire(options), state: () => rwlock.locked() };
  },
  'rwlock.write'(manager) {
    const rwlock = manager.rwlock(fresh('rwlock'));
    return { call: (options) => rwlock.write.run(() => 1, options), state: () => rwlock.locked() };
  },
  'array.set'(manager) {
    const array = manager.array(fresh('array'), 'i32', 1);
    return { call: (options) => array.set(0, 1, options), state: () => array.get(0) };
  },
  'array.lock'(manager) {
    const array = manager.array(fresh('array'), 'i32', 1);
    return { call: (options) => array.lock(options), state: () => array.set(0, 0, { timeout: 0 }) };
  },
  'pipe.send'(manager) {
    const [sender, receiver] = manager.pipe<number>(fresh('pipe'));
    return { call: (options) => sender.send(1, options), state: () => receiver.poll({ timeout: 0 }) };
  },
  'pipe.receive'(manager) {
    const [sender, receiver] = manager.pipe<number>(fresh('pipe'));
    void sender.send(1);
    return { call: (options) => receiver.receive(options), state: () => receiver.poll({ timeout: 0 }) };
  },
  'barrier.wait'(manager) {
    const barrier = manager.barrier(fresh('barrier'), 1);
    return { call: (options) => barrier.wait(options), state: () => barrier.broken() };
  },
  'object.call'(manager) {
    const account = manager.object<Account>('Account', fresh('object'));
    return { call: (options) => account.call('deposit', [1], options), state: () => account.balance() };
  },
};

/** Behaviour of every call: order, timeouts, signals, and the end of a session. */
export function callSuite(target: Target): void {
  suite(target, 'common: order', (clients) => {
    it('calls of one session on one object start in the order sent, without awaiting', async () => {
      const list = clients.one.list<number>(fresh('list'));
      const lengths = await Promise.all(range(0, 500).map((number) => list.push(number)));
      expect(lengths).toEqual(range(1, 501));
      expect(await list.toArray()).toEqual(range(0, 500));
    });

    it('calls of one session on several objects start in the order sent', async () => {
      const dict = clients.one.dict<string, number>(fresh('dict'));
      const value = clients.one.value<number>(fresh('value'), 0);
      const seen = await Promise.all([
        dict.set('key', 1),
        dict.get('key'),
        value.set(5),
        value.get(),
        dict.delete('key'),
        dict.has('key'),
        dict.destroy(),
        dict.exists(),
      ]);
      expect(seen).toEqual([undefined, 1, undefined, 5, true, false, true, false]);
    });

    it('calls sent in later ticks stay behind calls sent before', async () => {
      const list = clients.one.list<number>(fresh('list'));
      const calls: Promise<number>[] = [];
      for (let number = 0; number < 50; number++) {
        calls.push(list.push(number));
        await Promise.resolve();
      }
      await Promise.all(calls);
      expect(await list.toArray()).toEqual(range(0, 50));
    });

    it('a call that waits holds up no other call', async () => {
      const queue = clients.one.queue<string>(fresh('queue'));
      const got = queue.get();
      await queue.put('from the same session');
      expect(await got).toBe('from the same session');
    });

    it('a call that fails does not affect the calls around it', async () => {
      const dict = clients.one.dict<string, unknown>(fresh('dict'));
      const outcomes = await Promise.allSettled([
        dict.set('a', 1),
        dict.set('b', () => 2),
        dict.add('a', 1),
        dict.set('c', 'text'),
        dict.add('c', 1),
        dict.size(),
      ]);
      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
      expect(await dict.toMap()).toEqual(
        new Map<string, unknown>([
          ['a', 2],
          ['c', 'text'],
        ]),
      );
    });
  });

  suite(target, 'common: waiting', (clients) => {
    for (const [method, make] of Object.entries(WAITING)) {
      if (target.lacks?.has(method.split('.')[0]!) === true) continue;
      it(`${method} refuses a negative timeout and NaN, and does nothing`, async () => {
        const { call, state } = make(clients.one);
        const before = await state();
        for (const timeout of [-1, -0.5, NaN]) {
          await expect(call({ timeout })).rejects.toBeInstanceOf(InvalidArgumentError);
        }
        expect(await state()).toBe(before);
      });

      it(`${method} with a signal that is aborted already rejects with its reason, and does nothing`, async () => {
        const { call, state } = make(clients.one);
        const before = await state();
        const reason = new Error('no longer wanted');
        await expect(call({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
        expect(await state()).toBe(before);
      });

      it(`${method} accepts a timeout of 0 when it need not wait`, async () => {
        await make(clients.one).call({ timeout: 0 });
      });

      it(`${method} ignores a signal that aborts after it is done`, async () => {
        const { call } = make(clients.one);
        const controller = new AbortController();
        await call({ signal: controller.signal });
        controller.abort(new Error('too late'));
        await clients.one.stats();
      });
    }

    it('an abort without a reason of its own rejects with the AbortError of the signal', async () => {
      const controller = new AbortController();
      const got = await queued(clients.one, clients.one.queue<number>(fresh('queue')).get({ signal: controller.signal }));
      controller.abort();
      await expect(got.promise).rejects.toBe(controller.signal.reason);
      await expect(got.promise).rejects.toMatchObject({ name: 'AbortError' });
    });

    it('one signal ends all calls that wait under it', async () => {
      const controller = new AbortController();
      const { signal } = controller;
      const lock = clients.two.lock(fresh('lock'));
      await lock.acquire();
      const calls = await Promise.all([
        queued(clients.one, clients.one.queue<number>(fresh('queue')).get({ signal })),
        queued(clients.one, clients.one.lock(lock.name).acquire({ signal })),
      ]);
      const reason = new Error('stop');
      controller.abort(reason);
      for (const call of calls) await expect(call.promise).rejects.toBe(reason);
    });

    it('calls under one signal add one listener to it, and none stays after them', async () => {
      const { signal } = new AbortController();
      const listeners = (): number => getEventListeners(signal, 'abort').length;
      const queue = clients.one.queue<number>(fresh('queue'));
      const calls = Promise.all(range(0, 100).map(() => queue.get({ signal })));
      await roundTrip(clients.one);
      expect(listeners()).toBe(1);
      await queue.putMany(range(0, 100));
      expect(await calls).toEqual(range(0, 100));
      expect(listeners()).toBe(0);
    });

    it('a call that is over before its signal aborts does not affect the others under it', async () => {
      const controller = new AbortController();
      const { signal } = controller;
      const queue = clients.one.queue<number>(fresh('queue'));
      const [first, second, third] = [queue.get({ signal }), queue.get({ signal }), queue.get()];
      await clients.two.queue<number>(queue.name).put(1);
      expect(await first).toBe(1);
      const reason = new Error('stop');
      controller.abort(reason);
      await expect(second).rejects.toBe(reason);
      await clients.two.queue<number>(queue.name).put(2);
      expect(await third).toBe(2);
    });
  });

  suite(target, 'common: errors', (clients) => {
    it('say their code, their object, and that nothing was done', async () => {
      const queue = clients.one.queue<number>(fresh('queue'));
      await expect(queue.get({ timeout: 0 })).rejects.toMatchObject({
        code: 'QUEUE_EMPTY',
        object: queue.name,
        mayHaveExecuted: false,
      });
    });

    it('are instances of their class, of ManagerError and of Error', async () => {
      const failure: unknown = await clients.one
        .queue<number>(fresh('queue'))
        .get({ timeout: 0 })
        .catch((error: unknown) => error);
      for (const type of [QueueEmptyError, TimeoutError, ManagerError, Error]) expect(failure).toBeInstanceOf(type);
    });
  });

  suite(target, 'common: close', (clients) => {
    it('calls after the close of the session are refused with ClosedError (Python: test_closed_queue_put_get_exceptions, test_closed_queue_empty_exceptions)', async () => {
      const session = await clients.more();
      const queue = session.manager.queue<number>(fresh('queue'));
      await queue.put(1);
      await session.close();
      await expect(queue.put(2)).rejects.toBeInstanceOf(ClosedError);
      await expect(queue.get()).rejects.toBeInstanceOf(ClosedError);
      await expect(queue.size()).rejects.toBeInstanceOf(ClosedError);
    });

    it('a call that still waits is rejected', async () => {
      const session = await clients.more();
      const got = await queued(session.manager, session.manager.queue<number>(fresh('queue')).get());
      await session.close();
      await expect(got.promise).rejects.toBeInstanceOf(ManagerError);
    });

    it('named objects outlive the session that made them', async () => {
      const session = await clients.more();
      const name = fresh('dict');
      await session.manager.dict<string, number>(name).set('kept', 1);
      await session.close();
      expect(await clients.one.dict<string, number>(name).get('kept')).toBe(1);
    });

    it('calls sent before the close are carried out', async () => {
      const session = await clients.more();
      const list = session.manager.list<number>(fresh('list'));
      const pushed = watch(list.push(1, 2));
      await session.close();
      await Promise.allSettled([pushed.promise]);
      expect(await clients.one.list<number>(list.name).toArray()).toEqual([1, 2]);
    });

    it('each session has an id of its own', async () => {
      const { manager } = await clients.more();
      expect(new Set([manager, clients.one, clients.two].map(({ sessionId }) => sessionId)).size).toBe(3);
    });
  });
}
