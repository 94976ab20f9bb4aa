import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { setTimeout as pause } from 'node:timers/promises';
import { DeadlockError, type Held, type Manager, type OwnerToken } from '../../client/index.js';
import { fresh, range, suite } from './support.js';
import type { Target } from './target.js';

const THINGS = 4;

/** For each round of an owner: the numbers of the locks that it takes, in order. */
type Rounds = readonly (readonly number[])[];

const rounds: fc.Arbitrary<Rounds> = fc.array(fc.uniqueArray(fc.nat(THINGS - 1), { minLength: 1, maxLength: THINGS }), {
  minLength: 1,
  maxLength: 3,
});
const owners = fc.array(rounds, { minLength: 2, maxLength: 6 });

/** Lockable objects of all kinds, by number. */
class Things {
  readonly names = range(0, THINGS).map(() => fresh('thing'));

  take(manager: Manager, index: number, owner: OwnerToken): Promise<Held> {
    const name = this.names[index]!;
    const ways = [
      () => manager.lock(name).acquire({ owner }),
      () => manager.rlock(name).acquire({ owner }),
      () => manager.value(name, 0).lock({ owner }),
      () => manager.array(name, 'i32', 1).lock({ owner }),
    ];
    return ways[index % ways.length]!();
  }
}

/** Takes all locks of a round in order, and releases them. */
async function once(manager: Manager, things: Things, owner: OwnerToken, order: readonly number[]): Promise<void> {
  const held: Held[] = [];
  try {
    for (const index of order) held.push(await things.take(manager, index, owner));
  } finally {
    for (const taken of held.reverse()) await taken.release();
  }
}

/** Runs all owners concurrently, and retries a round that meets a deadlock up to `tries` times. Returns the number of deadlocks. */
async function runAll(managers: readonly Manager[], all: readonly Rounds[], tries: number): Promise<number> {
  const things = new Things();
  let failures = 0;
  const round = async (manager: Manager, owner: OwnerToken, order: readonly number[]): Promise<void> => {
    for (let left = tries; left > 0; left--) {
      try {
        await once(manager, things, owner, order);
        return;
      } catch (error) {
        if (!(error instanceof DeadlockError)) throw error;
        failures++;
        // Retried all at once, they could deadlock each other for ever.
        await pause(Math.random() * 4);
      }
    }
  };
  await Promise.all(
    all.map(async (orders, index) => {
      const manager = managers[index % managers.length]!;
      const owner = manager.owner();
      for (const order of orders) await round(manager, owner, order);
    }),
  );
  const { locks } = await managers[0]!.locks();
  expect(locks.filter(({ name }) => things.names.includes(name))).toEqual([]);
  return failures;
}

/** Many owners that take many locks. */
export function deadlockRandomSuite(target: Target): void {
  suite(target, 'deadlock: at random', (clients) => {
    it('owners that take locks in one order never meet one', async () => {
      const ordered = owners.map((all) => all.map((orders) => orders.map((order) => order.toSorted((a, b) => a - b))));
      await fc.assert(
        fc.asyncProperty(ordered, async (all) => {
          expect(await runAll([clients.one, clients.two], all, 1)).toBe(0);
        }),
        { numRuns: 40 },
      );
    });

    it('owners that take them in any order all come to an end, because some of them fail', async () => {
      let failures = 0;
      await fc.assert(
        fc.asyncProperty(owners, async (all) => {
          failures += await runAll([clients.one, clients.two], all, 1);
        }),
        { numRuns: 40 },
      );
      expect(failures).toBeGreaterThan(0);
    });

    it('owners that try again all get done', async () => {
      await fc.assert(
        fc.asyncProperty(owners, async (all) => {
          await runAll([clients.one, clients.two], all, Infinity);
        }),
        { numRuns: 20 },
      );
    });
  });
}
