import { expect, it } from '@jest/globals';
import { NotFoundError, RemoteError, TimeoutError, type Manager, type RemoteObject } from '../../client/index.js';
import { stress } from '../support/stress.js';
import { expectWaiting, fresh, queued, range, roundTrip, suite } from './support.js';
import type { Target } from './target.js';
import type { Desk, Gate, Witness } from './types/registered.js';

/** Number of waiting calls; in `make stress`, more than the stack has room for frames. */
const LONG = stress(3_000, 20_000);

/** Calls of one object run one at a time; each may be given up. */
export function objectTurnsSuite(target: Target): void {
  const desk = (manager: Manager, name = fresh('object')): RemoteObject<Desk> => manager.object<Desk>('Desk', name);
  const gate = (manager: Manager): RemoteObject<Gate> => manager.object<Gate>('Gate', fresh('object'));

  suite(target, 'object: turns', (clients) => {
    it('an async method holds up the calls behind it, of all clients, first come, first served', async () => {
      const one = desk(clients.one);
      const two = desk(clients.two, one.name);
      const opener = gate(clients.one);
      const working = await queued(clients.one, one.work('first', opener));
      const noted = await queued(clients.two, two.note('second'));
      const again = await queued(clients.one, one.work('third', opener));
      const read = await queued(clients.two, two.book());
      await expectWaiting(noted, clients.one, clients.two);
      await opener.open();
      expect(await Promise.all([working.promise, noted.promise, again.promise])).toEqual(['first', 'second', 'third']);
      expect(await read.promise).toEqual(['first begins', 'first ends', 'second', 'third begins', 'third ends']);
    });

    it('holds up no other object', async () => {
      const opener = gate(clients.one);
      const working = await queued(clients.one, desk(clients.one).work('a', opener));
      expect(await desk(clients.one).note('b')).toBe('b');
      await opener.open();
      await working.promise;
    });

    it('counts the waiting calls, and the running one', async () => {
      const one = desk(clients.one);
      const opener = gate(clients.one);
      const calls = [one.work('a', opener), one.note('b'), one.note('c')];
      await roundTrip(clients.one);
      for await (const { waiters } of clients.two.objects({ match: one.name })) expect(waiters).toBe(3);
      await opener.open();
      await Promise.all(calls);
      for await (const { waiters } of clients.two.objects({ match: one.name })) expect(waiters).toBe(0);
    });

    it('continues after a method that throws', async () => {
      const one = desk(clients.one);
      const opener = gate(clients.one);
      const failing = await queued(clients.one, one.fail(opener));
      const noted = await queued(clients.one, one.note('b'));
      await opener.open();
      await expect(failing.promise).rejects.toMatchObject({ name: 'FundsError', code: 'E_LATE' });
      expect(await noted.promise).toBe('b');
    });

    it('runs a long queue of calls to its end', async () => {
      const one = desk(clients.one);
      const opener = gate(clients.one);
      const working = one.work('a', opener);
      const notes = range(0, LONG).map((number) => one.note(String(number)));
      await roundTrip(clients.one);
      await opener.open();
      await working;
      expect(await Promise.all(notes)).toHaveLength(LONG);
      expect((await one.book()).slice(0, 4)).toEqual(['a begins', 'a ends', '0', '1']);
    });
  });

  suite(target, 'object: calls given up', (clients) => {
    it('a call that is given up before its turn does not run', async () => {
      const one = desk(clients.one);
      const opener = gate(clients.one);
      const working = await queued(clients.one, one.work('first', opener));
      const controller = new AbortController();
      const waiting = await queued(clients.one, one.call('note', ['never'], { signal: controller.signal }));
      const late = await queued(clients.one, one.call('note', ['neither'], { timeout: 1 }));
      const reason = new Error('no longer');
      controller.abort(reason);
      await expect(waiting.promise).rejects.toBe(reason);
      await expect(late.promise).rejects.toBeInstanceOf(TimeoutError);
      await expect(late.promise).rejects.toMatchObject({ mayHaveExecuted: false, object: one.name });
      await opener.open();
      await working.promise;
      expect(await one.book()).toEqual(['first begins', 'first ends']);
    });

    it('does not wait at all with a timeout of 0', async () => {
      const one = desk(clients.one);
      expect(await one.call('note', ['at once'], { timeout: 0 })).toBe('at once');
      const opener = gate(clients.one);
      const working = await queued(clients.one, one.work('a', opener));
      await expect(one.call('note', ['b'], { timeout: 0 })).rejects.toBeInstanceOf(TimeoutError);
      await opener.open();
      await working.promise;
      await expect(one.call('work', ['c', gate(clients.one)], { timeout: 0 })).rejects.toMatchObject({
        code: 'TIMEOUT',
        mayHaveExecuted: true,
      });
    });

    it('a running method runs on after its call is given up, and the next one waits for its end', async () => {
      const one = desk(clients.one);
      const opener = gate(clients.one);
      const controller = new AbortController();
      const working = await queued(clients.one, one.call('work', ['given up', opener], { signal: controller.signal }));
      controller.abort(new Error('enough'));
      await expect(working.promise).rejects.toThrow('enough');
      const noted = await queued(clients.two, desk(clients.two, one.name).note('next'));
      await expectWaiting(noted, clients.one, clients.two);
      await opener.open();
      await noted.promise;
      expect(await one.book()).toEqual(['given up begins', 'given up ends', 'next']);
    });

    it('when a session ends, its running methods run on, and its waiting calls do not run', async () => {
      const one = desk(clients.one);
      const opener = await gate(clients.one).create();
      const session = await clients.more();
      const there = desk(session.manager, one.name);
      const working = await queued(session.manager, there.work('orphan', session.manager.open(opener.toJSON()) as RemoteObject<Gate>));
      const waiting = await queued(session.manager, there.note('never'));
      await session.close();
      await Promise.allSettled([working.promise, waiting.promise]);
      const noted = await queued(clients.one, one.note('next'));
      await opener.open();
      await noted.promise;
      expect(await one.book()).toEqual(['orphan begins', 'orphan ends', 'next']);
    });

    it('destroy() fails all waiting and running calls, and disposes the instance when the running one has ended', async () => {
      const one = desk(clients.one);
      const opener = gate(clients.one);
      const witness = clients.one.object<Witness>('Witness', fresh('object'));
      await one.note('a');
      await witness.watch(one);
      const working = await queued(clients.one, one.work('b', opener));
      const waiting = await queued(clients.one, one.note('c'));
      expect(await desk(clients.two, one.name).destroy()).toBe(true);
      await expect(working.promise).rejects.toBeInstanceOf(NotFoundError);
      await expect(working.promise).rejects.toMatchObject({ mayHaveExecuted: true });
      await expect(waiting.promise).rejects.toMatchObject({ code: 'NOT_FOUND', mayHaveExecuted: false });
      expect(await witness.seen()).toEqual(['a', 'b begins']);
      await opener.open();
      await roundTrip(clients.one);
      expect(await witness.seen()).toEqual(['a', 'b begins', 'b ends', 'disposed']);
      expect(await desk(clients.one, one.name).book()).toEqual([]);
    });

    it('destroy() disposes an idle instance at once', async () => {
      const one = desk(clients.one);
      const witness = clients.one.object<Witness>('Witness', fresh('object'));
      await one.note('a');
      await witness.watch(one);
      await one.destroy();
      expect(await witness.seen()).toEqual(['a', 'disposed']);
    });

    it('a call of a method that never ends can be given up, and its object replaced', async () => {
      const name = fresh('object');
      const trouble = clients.one.object<{ forever(): void; throwText(): void }>('Trouble', name);
      await expect(trouble.call('forever', [], { timeout: 1 })).rejects.toBeInstanceOf(TimeoutError);
      await expect(trouble.call('throwText', [], { timeout: 1 })).rejects.toBeInstanceOf(TimeoutError);
      await trouble.destroy();
      await expect(trouble.throwText()).rejects.toBeInstanceOf(RemoteError);
    });
  });
}
