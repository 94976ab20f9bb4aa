import { expect, it } from '@jest/globals';
import { Barrier, InvalidArgumentError, NotFoundError, OptionsConflictError, type BarrierOptions } from '../../client/index.js';
import { stress } from '../support/stress.js';
import { collect, expectWaiting, fresh, queued, range, suite, type Clients } from './support.js';
import type { Target } from './target.js';

/** One proxy of the same barrier for each party, of two clients in turn. */
export function partiesOf(clients: Clients, count: number, options?: BarrierOptions): Barrier[] {
  const name = fresh('barrier');
  return range(0, count).map((index) => (index % 2 === 0 ? clients.one : clients.two).barrier(name, count, options));
}

/** A barrier: parties that wait for each other, and the action of the last. */
export function barrierSuite(target: Target): void {
  suite(target, 'barrier: passing', (clients) => {
    it('lets no party go before all have come (Python: test_barrier)', async () => {
      const parties = partiesOf(clients, 5);
      const calls = await Promise.all(
        parties.slice(0, 4).map((barrier, index) => queued(index % 2 === 0 ? clients.one : clients.two, barrier.wait())),
      );
      for (const call of calls) await expectWaiting(call, clients.one);
      expect(await parties[0]?.waiting()).toBe(4);
      await parties[4]?.wait();
      await Promise.all(calls.map(({ promise }) => promise));
      expect(await parties[0]?.waiting()).toBe(0);
      expect(await parties[1]?.broken()).toBe(false);
    });

    it('keeps five parties in step over ten passes (Python: test_barrier_10)', async () => {
      const parties = partiesOf(clients, 5);
      const counts = range(0, 5).map(() => 0);
      const work = async (barrier: Barrier, own: number): Promise<void> => {
        for (const pass of range(0, 10)) {
          counts[own] = pass + 1;
          await barrier.wait();
          expect(counts).toEqual(range(0, 5).map(() => pass + 1));
          await barrier.wait();
        }
      };
      await Promise.all(parties.map(work));
      expect(await parties[0]?.waiting()).toBe(0);
      expect(await parties[0]?.broken()).toBe(false);
    });

    it('gives each party its own index, from 0 (Python: test_wait_return)', async () => {
      const parties = partiesOf(clients, 5);
      for (const _pass of range(0, 3)) {
        const indexes = await Promise.all(parties.map((barrier) => barrier.wait()));
        expect([...indexes].sort()).toEqual(range(0, 5));
      }
    });

    it('gives indexes in the order the parties came', async () => {
      const [one, two] = partiesOf(clients, 3);
      const first = await queued(clients.two, two!.wait());
      const second = await queued(clients.one, one!.wait());
      expect(await one!.wait()).toBe(2);
      expect([await first.promise, await second.promise]).toEqual([0, 1]);
    });

    it('for one party never waits (Python: test_single_thread)', async () => {
      const barrier = clients.one.barrier(fresh('barrier'), 1);
      expect(await barrier.wait()).toBe(0);
      expect(await barrier.wait({ timeout: 0 })).toBe(0);
    });

    it('stays in order over very many passes (Python: test_thousand)', async () => {
      const parties = partiesOf(clients, 5);
      const times = stress(200, 1000);
      const passes: number[] = [];
      const work = async (barrier: Barrier): Promise<void> => {
        for (const pass of range(0, times)) {
          await barrier.wait();
          passes.push(pass);
        }
      };
      await Promise.all(parties.map(work));
      expect(passes).toHaveLength(5 * times);
      // No party is in a pass before all have begun the one before.
      expect(passes.every((pass, index) => index < 5 || pass >= passes[index - 5]!)).toBe(true);
    });

    it('serves more parties than one pass takes, pass by pass', async () => {
      const parties = partiesOf(clients, 3);
      const calls = range(0, 9).map((index) => parties[index % 3]!.wait());
      const indexes = await Promise.all(calls);
      expect([...indexes].sort()).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2]);
    });

    it('with a timeout of 0 lets the last party through', async () => {
      const [one, two] = partiesOf(clients, 2);
      const first = await queued(clients.one, one!.wait());
      expect(await two!.wait({ timeout: 0 })).toBe(1);
      expect(await first.promise).toBe(0);
    });
  });

  suite(target, 'barrier: action', (clients) => {
    it('runs once, before any party is let go (Python: test_action)', async () => {
      const results: string[] = [];
      const parties = partiesOf(clients, 5, { action: () => results.push('action') });
      await Promise.all(
        parties.map(async (barrier) => {
          await barrier.wait();
          results.push('gone');
        }),
      );
      expect(results).toEqual(['action', ...range(0, 5).map(() => 'gone')]);
    });

    it('may be async: no party goes before it is done', async () => {
      const parties = partiesOf(clients, 3);
      const name = parties[0]!.name;
      let finish = (): void => {};
      const running = new Promise<void>((started) => {
        const action = (): Promise<void> => {
          started();
          return new Promise((resolve) => (finish = resolve));
        };
        parties[2] = clients.one.barrier(name, 3, { action });
      });
      const first = await queued(clients.one, parties[0]!.wait());
      const second = await queued(clients.two, parties[1]!.wait());
      const last = await queued(clients.one, parties[2]!.wait());
      await running;
      for (const call of [first, second, last]) await expectWaiting(call, clients.one, clients.two);
      expect(await parties[0]?.waiting()).toBe(3);
      finish();
      expect(await Promise.all([first.promise, second.promise, last.promise])).toEqual([0, 1, 2]);
    });

    it('runs in the party that came last among the parties with an action', async () => {
      const name = fresh('barrier');
      const ran: string[] = [];
      const make = (label: string): Barrier => clients.one.barrier(name, 4, { action: () => ran.push(label) });
      const calls = [
        await queued(clients.one, make('first').wait()),
        await queued(clients.one, make('second').wait()),
        await queued(clients.two, clients.two.barrier(name, 4).wait()),
      ];
      const last = clients.two.barrier(name, 4).wait();
      expect(await Promise.all([...calls.map(({ promise }) => promise), last])).toEqual([0, 1, 2, 3]);
      expect(ran).toEqual(['second']);
    });

    it('runs in every pass', async () => {
      let runs = 0;
      const parties = partiesOf(clients, 3, { action: () => runs++ });
      for (const pass of range(1, 6)) {
        const indexes = await Promise.all(parties.map((barrier) => barrier.wait()));
        expect([...indexes].sort()).toEqual([0, 1, 2]);
        expect(runs).toBe(pass);
      }
    });

    it('keeps parties that come meanwhile for the next pass', async () => {
      const name = fresh('barrier');
      const plain = clients.two.barrier(name, 2);
      const early: Promise<number>[] = [];
      const acting = clients.one.barrier(name, 2, {
        action: async () => {
          early.push((await queued(clients.two, plain.wait())).promise);
        },
      });
      const first = await queued(clients.two, plain.wait());
      expect(await acting.wait()).toBe(1);
      expect(await first.promise).toBe(0);
      expect(await plain.waiting()).toBe(1);
      expect(await plain.wait()).toBe(1);
      expect(await early[0]).toBe(0);
    });

    it('runs in a barrier of one party', async () => {
      let runs = 0;
      const barrier = clients.one.barrier(fresh('barrier'), 1, { action: () => runs++ });
      expect(await barrier.wait({ timeout: 0 })).toBe(0);
      expect(runs).toBe(1);
    });
  });

  suite(target, 'barrier: options', (clients) => {
    it('knows its parties (Python: test_barrier of SyncManager)', () => {
      expect(clients.one.barrier(fresh('barrier'), 5).parties).toBe(5);
    });

    it('refuses invalid numbers of parties and invalid timeouts', () => {
      for (const parties of [0, -1, 1.5, NaN]) {
        expect(() => clients.one.barrier(fresh('barrier'), parties)).toThrow(InvalidArgumentError);
      }
      for (const timeout of [-1, NaN]) {
        expect(() => clients.one.barrier(fresh('barrier'), 2, { timeout })).toThrow(InvalidArgumentError);
      }
    });

    it('refuses another number of parties or another timeout than it has; omitted ones are no conflict', async () => {
      const name = fresh('barrier');
      await clients.one.barrier(name, 2, { timeout: 60_000 }).create();
      await expect(clients.two.barrier(name, 3).wait()).rejects.toBeInstanceOf(OptionsConflictError);
      await expect(clients.two.barrier(name, 2, { timeout: 1000 }).waiting()).rejects.toBeInstanceOf(OptionsConflictError);
      expect(await clients.two.barrier(name, 2).waiting()).toBe(0);
    });

    it('arrives as a barrier from a proxy that is sent, and knows its parties after a call', async () => {
      const barrier = clients.one.barrier(fresh('barrier'), 2);
      const queue = clients.one.queue<Barrier>(fresh('queue'));
      await queue.put(barrier);
      const got = await clients.two.queue<Barrier>(queue.name).get();
      expect(got).toBeInstanceOf(Barrier);
      expect(() => got.parties).toThrow(NotFoundError);
      expect((await Promise.all([barrier.wait(), got.wait()])).sort()).toEqual([0, 1]);
      expect(got.parties).toBe(2);
      await barrier.destroy();
      await expect(got.wait()).rejects.toBeInstanceOf(NotFoundError);
    });

    it('shows its parties among the objects of the manager', async () => {
      const barrier = clients.one.barrier(fresh('barrier'), 2);
      await barrier.abort();
      const [info] = await collect(clients.two.objects({ kind: 'barrier', match: barrier.name }));
      expect(info?.options).toMatchObject({ parties: '2', broken: 'abort' });
    });
  });
}
