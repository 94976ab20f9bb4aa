import { expect, it } from '@jest/globals';
import {
  BrokenBarrierError,
  InvalidArgumentError,
  ManagerError,
  NotFoundError,
  type Barrier,
  type BrokenBarrierReason,
} from '../../client/index.js';
import { partiesOf } from './barrier.js';
import { expectLate, expectWaiting, fresh, queued, range, suite, watch, type Clients, type Watched, itWith } from './support.js';
import type { Target } from './target.js';

/** Expects these calls to reject because the barrier broke for this reason. */
async function expectBroken(reason: BrokenBarrierReason, ...calls: Promise<unknown>[]): Promise<void> {
  for (const outcome of await Promise.allSettled(calls)) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'BROKEN_BARRIER', reason, mayHaveExecuted: false } });
    expect((outcome as PromiseRejectedResult).reason).toBeInstanceOf(BrokenBarrierError);
  }
}

/** Has four of five parties wait; the fifth and they are returned. */
async function fourOfFive(clients: Clients): Promise<{ parties: Barrier[]; waiting: Watched<number>[]; last: Barrier }> {
  const parties = partiesOf(clients, 5);
  const waiting: Watched<number>[] = [];
  for (const [index, barrier] of parties.slice(0, 4).entries()) {
    waiting.push(await queued(index % 2 === 0 ? clients.one : clients.two, barrier.wait()));
  }
  return { parties, waiting, last: parties[4]! };
}

const thrownBy = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => undefined,
    (error: unknown) => error,
  );

const promises = (calls: Watched<number>[]): Promise<number>[] => calls.map(({ promise }) => promise);

/** A barrier that breaks: each reason, and until it is reset. */
export function barrierBrokenSuite(target: Target): void {
  suite(target, 'barrier: broken', (clients) => {
    it('abort() breaks it for waiting parties and later ones (Python: test_abort)', async () => {
      const { parties, waiting, last } = await fourOfFive(clients);
      await last.abort();
      await expectBroken('abort', ...promises(waiting), ...parties.map((barrier) => barrier.wait()));
      expect(await parties[0]?.broken()).toBe(true);
      expect(await parties[1]?.waiting()).toBe(0);
    });

    it('tells every party of the timeout that broke it, in the cause of its error', async () => {
      const [one, two, three] = partiesOf(clients, 3);
      const waiting = await queued(clients.one, one!.wait());
      const failures = [await thrownBy(two!.wait({ timeout: 0 })), await thrownBy(waiting.promise), await thrownBy(three!.wait())];
      for (const failure of failures) {
        expect(failure).toMatchObject({ code: 'BROKEN_BARRIER', reason: 'timeout', cause: { code: 'TIMEOUT' } });
      }
      await one!.reset();
      await one!.abort();
      expect(await thrownBy(one!.wait())).not.toHaveProperty('cause');
    });

    it('keeps the reason for which it broke first', async () => {
      const [one, two] = partiesOf(clients, 2);
      await expectBroken('timeout', one!.wait({ timeout: 0 }));
      await two!.abort();
      await expectBroken('timeout', one!.wait(), two!.wait());
    });

    it('reset() breaks it for waiting parties, and then it can be passed (Python: test_reset)', async () => {
      const { parties, waiting, last } = await fourOfFive(clients);
      await last.reset();
      await expectBroken('reset', ...promises(waiting));
      expect(await last.broken()).toBe(false);
      const indexes = await Promise.all(parties.map((barrier) => barrier.wait()));
      expect([...indexes].sort()).toEqual(range(0, 5));
    });

    it('reset() makes an aborted one usable again (Python: test_abort_and_reset)', async () => {
      const { parties, waiting, last } = await fourOfFive(clients);
      await last.abort();
      await expectBroken('abort', ...promises(waiting));
      await parties[0]?.reset();
      expect(await last.broken()).toBe(false);
      const indexes = await Promise.all(parties.map((barrier) => barrier.wait()));
      expect([...indexes].sort()).toEqual(range(0, 5));
    });

    it('reset() changes nothing when no party waits', async () => {
      const [one, two] = partiesOf(clients, 2);
      await one!.reset();
      await Promise.all([one!.wait(), two!.wait()]);
    });

    it('a timeout breaks it for every party, the late one too (Python: test_timeout)', async () => {
      const { waiting, last } = await fourOfFive(clients);
      await last.reset();
      await expectBroken('reset', ...promises(waiting));
      const again = waiting.map((_, index) => watch(last.wait({ timeout: index === 2 ? 30 : 60_000 })));
      await expectBroken('timeout', ...promises(again));
      await expectBroken('timeout', last.wait());
      expect(await last.broken()).toBe(true);
    });

    it('does not break before the timeout is over', async () => {
      const barrier = clients.one.barrier(fresh('barrier'), 2);
      await expectLate(30, BrokenBarrierError, () => barrier.wait({ timeout: 30 }));
    });

    it('has a timeout of its own for waits without one (Python: test_default_timeout)', async () => {
      const [one, two, other] = partiesOf(clients, 4, { timeout: 40 });
      const calls = [watch(one!.wait({ timeout: 60_000 })), watch(other!.wait({ timeout: Infinity }))];
      await expectLate(40, BrokenBarrierError, () => two!.wait());
      await expectBroken('timeout', ...promises(calls));
    });

    it('its own timeout belongs to the shared object: a proxy made without one has it too', async () => {
      const name = fresh('barrier');
      await clients.one.barrier(name, 2, { timeout: 30 }).create();
      await expectBroken('timeout', clients.two.barrier(name, 2).wait());
    });

    it('a wait may ask for a longer timeout than that of the barrier', async () => {
      const [one, two] = partiesOf(clients, 2, { timeout: 20 });
      const long = await queued(clients.one, one!.wait({ timeout: Infinity }));
      await expectLate(40, Error, () => clients.one.queue(fresh('queue')).get({ timeout: 40 }));
      await expectWaiting(long, clients.one);
      expect(await two!.wait()).toBe(1);
      expect(await long.promise).toBe(0);
    });

    it('a timeout of 0 breaks it for a party that is not the last', async () => {
      const [one, two, other] = partiesOf(clients, 3);
      const waiting = await queued(clients.one, one!.wait());
      await expectBroken('timeout', two!.wait({ timeout: 0 }), waiting.promise);
      await expectBroken('timeout', other!.wait());
    });

    it('a party that aborts by its signal breaks it, and rejects with the reason of the signal', async () => {
      const [one, two, other] = partiesOf(clients, 3);
      const controller = new AbortController();
      const given = await queued(clients.one, one!.wait({ signal: controller.signal }));
      const waiting = await queued(clients.two, two!.wait());
      const reason = new Error('no longer wanted');
      controller.abort(reason);
      await expect(given.promise).rejects.toBe(reason);
      await expectBroken('abort', waiting.promise, other!.wait());
    });

    it('a reset() right behind a party that aborted leaves it whole', async () => {
      const [one, two] = partiesOf(clients, 2);
      const controller = new AbortController();
      const given = await queued(clients.one, one!.wait({ signal: controller.signal }));
      controller.abort(new Error('out'));
      await Promise.all([one!.reset(), expect(given.promise).rejects.toThrow('out')]);
      expect(await two!.broken()).toBe(false);
    });

    it('a signal that is aborted before the wait begins leaves it whole', async () => {
      const [one, two] = partiesOf(clients, 2);
      const waiting = await queued(clients.one, one!.wait());
      await expect(two!.wait({ signal: AbortSignal.abort(new Error('out')) })).rejects.toThrow('out');
      await expectWaiting(waiting, clients.two);
      expect(await two!.wait()).toBe(1);
    });

    it('the death of a waiting party’s session breaks it (a gap in Python)', async () => {
      const [one, two] = partiesOf(clients, 3);
      const session = await clients.more();
      const waiting = await queued(clients.one, one!.wait());
      const gone = await queued(session.manager, session.manager.barrier(one!.name, 3).wait());
      await session.close();
      await expect(gone.promise).rejects.toBeInstanceOf(ManagerError);
      await expectBroken('death', waiting.promise);
      await expectBroken('death', two!.wait());
    });

    it('a session that closes while no party waits leaves it whole', async () => {
      const [one, two] = partiesOf(clients, 2);
      const session = await clients.more();
      await Promise.all([session.manager.barrier(one!.name, 2).wait(), one!.wait()]);
      await session.close();
      expect((await Promise.all([one!.wait(), two!.wait()])).sort()).toEqual([0, 1]);
    });

    it('destroy() wakes waiting parties with NotFoundError, and the next barrier of the name is whole', async () => {
      const [one, two] = partiesOf(clients, 2);
      const waiting = await queued(clients.one, one!.wait());
      await two!.destroy();
      await expect(waiting.promise).rejects.toBeInstanceOf(NotFoundError);
      expect(await clients.two.barrier(one!.name, 3).waiting()).toBe(0);
    });

    it('refuses a negative timeout and NaN, and stays whole', async () => {
      const [one] = partiesOf(clients, 2);
      for (const timeout of [-1, NaN]) await expect(one!.wait({ timeout })).rejects.toBeInstanceOf(InvalidArgumentError);
      expect(await one!.broken()).toBe(false);
    });
  });

  suite(target, 'barrier: broken in action', (clients) => {
    /** Has one party wait and another run an action, during which the test breaks the barrier. */
    async function acting(
      action: (barrier: Barrier) => unknown,
      options?: { timeout: number },
    ): Promise<{ barrier: Barrier; waiting: Promise<number>; last: Promise<number> }> {
      const barrier = clients.two.barrier(fresh('barrier'), 2);
      const waiting = await queued(clients.two, barrier.wait(options));
      const last = watch(clients.one.barrier(barrier.name, 2, { action: () => action(barrier) }).wait());
      return { barrier, waiting: waiting.promise, last: last.promise };
    }

    it('the party that runs the action rejects with what it throws, and the barrier breaks for the others', async () => {
      const failure = new Error('the action went wrong');
      for (const action of [
        () => Promise.reject(failure),
        () => {
          throw failure;
        },
      ]) {
        const { barrier, waiting, last } = await acting(action);
        await expect(last).rejects.toBe(failure);
        await expectBroken('action', waiting, barrier.wait());
        await expect(waiting).rejects.toThrow(failure.message);
        await barrier.reset();
        expect(await barrier.broken()).toBe(false);
      }
    });

    it('an action may throw anything', async () => {
      for (const thrown of [undefined, null, 'text', Symbol('thrown'), new Error('x'.repeat(100_000))]) {
        const { waiting, last } = await acting(() => Promise.reject(thrown));
        await expect(last).rejects.toBe(thrown);
        await expectBroken('action', waiting);
      }
    });

    it('a timeout while the action runs breaks it, for the party that runs it too', async () => {
      const finish = new AbortController();
      const { waiting, last } = await acting(() => new Promise((resolve) => finish.signal.addEventListener('abort', resolve)), {
        timeout: 30,
      });
      await expectBroken('timeout', waiting);
      finish.abort();
      await expectBroken('timeout', last);
    });

    it('abort() and reset() while the action runs break it, for the party that runs it too', async () => {
      for (const reason of ['abort', 'reset'] as const) {
        const { barrier, waiting, last } = await acting((there) => there[reason]());
        await expectBroken(reason, waiting, last);
        expect(await barrier.broken()).toBe(reason === 'abort');
        await barrier.reset();
      }
    });

    itWith(target, 'order between clients')('the death of the session that runs the action breaks it (a gap in Python)', async () => {
      const barrier = clients.one.barrier(fresh('barrier'), 2);
      const waiting = await queued(clients.one, barrier.wait());
      const session = await clients.more();
      const last = watch(session.manager.barrier(barrier.name, 2, { action: () => session.close() }).wait());
      await expectBroken('death', waiting.promise, barrier.wait());
      await expect(last.promise).rejects.toBeInstanceOf(ManagerError);
    });

    it('destroy() while the action runs is a NotFoundError to all parties', async () => {
      const { waiting, last } = await acting((barrier) => barrier.destroy());
      await expect(waiting).rejects.toBeInstanceOf(NotFoundError);
      await expect(last).rejects.toBeInstanceOf(NotFoundError);
    });
  });
}
