import { setTimeout as pause } from 'node:timers/promises';
import { DeadlockError, type Barrier, type Lock, type SharedDict } from 'commonhold';

/** Result of an evening. */
export interface Evening {
  readonly meals: number;
  readonly deadlocks: number;
}

/**
 * Eats `meals` times, each with two forks, of which it always takes the left one first. If the right one would close a cycle, it puts its
 * left one back, and tries again later. At the first meal it takes the right one only when all have their left ones.
 */
export default async function (
  left: Lock,
  right: Lock,
  table: Barrier,
  users: SharedDict<string, number>,
  meals: number,
): Promise<Evening> {
  let deadlocks = 0;
  let served = false;
  const eat = async (): Promise<void> => {
    for (const { name } of [left, right]) {
      if (!(await users.compareAndSet(name, undefined, process.pid))) throw new Error(`the fork ${name} is in other hands`);
    }
    for (const { name } of [left, right]) await users.delete(name);
  };
  const dine = (): Promise<void> =>
    left.run(async () => {
      if (!served) await table.wait();
      served = true;
      await right.run(eat);
    });
  for (let meal = 0; meal < meals;) {
    try {
      await dine();
      meal++;
    } catch (error) {
      if (!(error instanceof DeadlockError)) throw error;
      deadlocks++;
      await pause(Math.random() * 10);
    }
  }
  return { meals, deadlocks };
}
