import { expect, it } from '@jest/globals';
import { LockLostError, type WaitOptions } from '../../client/index.js';
import { deadlockOf, expectNoneWaiting } from './deadlock.js';
import { expectWaiting, fresh, queued, suite } from './support.js';
import type { Target } from './target.js';

/** Cycles through the lock that a notified waiter takes back. */
export function deadlockConditionSuite(target: Target): void {
  suite(target, 'condition: deadlock', (clients) => {
    /** One owner holds a lock and waits on a condition; another has entered the condition meanwhile. */
    async function resting(options?: WaitOptions) {
      const condition = clients.one.condition(fresh('condition'));
      const there = clients.two.condition(condition.name);
      const lock = clients.one.lock(fresh('lock'));
      const [mine, theirs] = [clients.one.owner('mine'), clients.two.owner('theirs')];
      const held = await condition.acquire({ owner: mine });
      const heldLock = await lock.acquire({ owner: mine });
      const pause = await queued(clients.one, condition.wait(held, options));
      const entered = await there.acquire({ owner: theirs });
      return { condition, there, lock, theirs, held, heldLock, pause, entered };
    }

    it('waiting for a notification is waiting for no owner', async () => {
      const { there, lock, theirs, held, heldLock, pause, entered } = await resting();
      const wanting = await queued(clients.two, clients.two.lock(lock.name).acquire({ owner: theirs }));
      await expectWaiting(wanting, clients.one, clients.two);
      await heldLock.release();
      await (await wanting.promise).release();
      await there.notify(entered);
      await entered.release();
      expect(await pause.promise).toBe(true);
      await held.release();
    });

    it('waiting to take the lock back counts: a call that would close a cycle with it fails', async () => {
      const { condition, there, lock, theirs, held, heldLock, pause, entered } = await resting();
      await there.notify(entered);
      const { cycle } = await deadlockOf(clients.two.lock(lock.name).acquire({ owner: theirs }));
      expect(cycle).toMatchObject([
        { object: lock.name, sessionId: clients.two.sessionId, owner: expect.stringMatching(/theirs$/) },
        { object: condition.name, sessionId: clients.one.sessionId, owner: expect.stringMatching(/mine$/) },
      ]);
      await expectWaiting(pause, clients.one, clients.two);
      await entered.release();
      expect(await pause.promise).toBe(true);
      await heldLock.release();
      await held.release();
    });

    it('if taking the lock back closes the cycle, the other wait fails, and the lock comes back', async () => {
      const controller = new AbortController();
      const { condition, lock, theirs, held, heldLock, pause, entered } = await resting({ signal: controller.signal });
      const wanting = await queued(clients.two, clients.two.lock(lock.name).acquire({ owner: theirs }));
      await expectWaiting(wanting, clients.one, clients.two);
      controller.abort(new Error('enough'));
      const { cycle, object } = await deadlockOf(wanting.promise);
      expect(object).toBe(lock.name);
      expect(cycle.map((step) => step.object)).toEqual([lock.name, condition.name]);
      await expectWaiting(pause, clients.one, clients.two);
      await entered.release();
      await expect(pause.promise).rejects.toThrow('enough');
      expect(await condition.holder()).toMatchObject({ token: held.token });
      await heldLock.release();
      await held.release();
      await expectNoneWaiting(clients.one, condition.name, lock.name);
    });

    it('if the lock goes to an owner that waits for one behind it, the wait of that owner fails', async () => {
      const condition = clients.one.condition(fresh('condition'));
      const there = clients.two.condition(condition.name);
      const lock = clients.two.lock(fresh('lock'));
      const [mine, theirs] = [clients.one.owner(), clients.two.owner()];
      const theirHeld = await there.acquire({ owner: theirs });
      const theirLock = await lock.acquire({ owner: theirs });
      const pause = await queued(clients.two, there.wait(theirHeld));
      const first = await condition.acquire();
      const next = await queued(clients.one, condition.acquire({ owner: mine }));
      const wanting = await queued(clients.one, clients.one.lock(lock.name).acquire({ owner: mine }));
      await condition.notify(first);
      for (const call of [next, wanting, pause]) await expectWaiting(call, clients.one, clients.two);
      await first.release();
      const entered = await next.promise;
      const { cycle } = await deadlockOf(wanting.promise);
      expect(cycle.map(({ object }) => object)).toEqual([lock.name, condition.name]);
      await expectWaiting(pause, clients.one, clients.two);
      await entered.release();
      expect(await pause.promise).toBe(true);
      await theirHeld.release();
      await theirLock.release();
    });

    it('if all in the cycle take locks back, the last to return loses its hold, and the others continue', async () => {
      const [here, there] = [clients.one.condition(fresh('condition')), clients.two.condition(fresh('condition'))];
      const [hereToo, thereToo] = [clients.two.condition(here.name), clients.one.condition(there.name)];
      const [mine, theirs] = [clients.one.owner('mine'), clients.two.owner('theirs')];
      // It takes two concurrent tasks of one owner: one waits on a condition while the other continues.
      const theirHeld = await hereToo.acquire({ owner: theirs });
      const theirPause = await queued(clients.two, hereToo.wait(theirHeld));
      const myHere = await here.acquire({ owner: mine });
      const myThere = await thereToo.acquire({ owner: mine });
      const myPause = await queued(clients.one, thereToo.wait(myThere));
      const theirThere = await there.acquire({ owner: theirs });
      await there.notify(theirThere);
      await expectWaiting(myPause, clients.one, clients.two);
      await here.notify(myHere);
      const { cycle } = await deadlockOf(theirPause.promise);
      expect(cycle.map(({ object }) => object)).toEqual([here.name, there.name]);
      await expect(theirHeld.release()).rejects.toBeInstanceOf(LockLostError);
      await theirThere.release();
      expect(await myPause.promise).toBe(true);
      await myThere.release();
      await myHere.release();
      expect(await here.locked()).toBe(false);
    });

    it('the notification of a waiter that lost its hold goes to the next', async () => {
      const [here, there] = [clients.one.condition(fresh('condition')), clients.two.condition(fresh('condition'))];
      const [hereToo, thereToo] = [clients.two.condition(here.name), clients.one.condition(there.name)];
      const [mine, theirs] = [clients.one.owner(), clients.two.owner()];
      const theirHeld = await hereToo.acquire({ owner: theirs });
      const lost = await queued(clients.two, hereToo.wait(theirHeld));
      const nextHeld = await here.acquire();
      const next = await queued(clients.one, here.wait(nextHeld));
      const myHere = await here.acquire({ owner: mine });
      const myThere = await thereToo.acquire({ owner: mine });
      const mineWaits = await queued(clients.one, thereToo.wait(myThere));
      const theirThere = await there.acquire({ owner: theirs });
      await there.notify(theirThere);
      await here.notify(myHere);
      await deadlockOf(lost.promise);
      await theirThere.release();
      expect(await mineWaits.promise).toBe(true);
      await myThere.release();
      await myHere.release();
      expect(await next.promise).toBe(true);
      await nextHeld.release();
    });
  });
}
