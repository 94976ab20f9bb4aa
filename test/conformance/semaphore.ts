import { expect, it } from '@jest/globals';
import {
  InvalidArgumentError,
  NotFoundError,
  NotOwnerError,
  OptionsConflictError,
  OutOfRangeError,
  Semaphore,
  TimeoutError,
} from '../../client/index.js';
import { expectLate, fresh, queued, range, suite } from './support.js';
import type { Target } from './target.js';

/** A semaphore: taking permits, releasing them, and their number. */
export function semaphoreSuite(target: Target): void {
  suite(target, 'semaphore: acquire and release', (clients) => {
    /** The same semaphore as two clients see it. */
    function pair(permits: number): [Semaphore, Semaphore] {
      const name = fresh('semaphore');
      return [clients.one.semaphore(name, permits), clients.two.semaphore(name, permits)];
    }

    it('counts 2, 1, 0 while it is acquired, and back as it is released (Python: test_semaphore)', async () => {
      const [one, two] = pair(2);
      expect(await one.available()).toBe(2);
      const first = await one.acquire();
      expect(await two.available()).toBe(1);
      const second = await two.acquire();
      expect(await one.available()).toBe(0);
      expect(await one.tryAcquire()).toBeUndefined();
      await first.release();
      expect(await two.available()).toBe(1);
      await second.release();
      expect(await one.available()).toBe(2);
    });

    it('has more permits than it began with after release() (Python: test_semaphore)', async () => {
      const [one, two] = pair(2);
      await one.release();
      expect(await two.available()).toBe(3);
      await two.release(2);
      expect(await one.available()).toBe(5);
    });

    it('may begin with none: release() makes the first (Python: Semaphore(0))', async () => {
      const [one, two] = pair(0);
      expect(await one.tryAcquire()).toBeUndefined();
      const waiting = await queued(clients.two, two.acquire());
      await one.release();
      await (await waiting.promise).release();
      expect(await one.available()).toBe(1);
    });

    it('gives several permits at once, and all of them back', async () => {
      const [one, two] = pair(5);
      const held = await one.acquire({ permits: 3 });
      expect(await two.available()).toBe(2);
      expect(await two.tryAcquire({ permits: 3 })).toBeUndefined();
      const rest = await two.tryAcquire({ permits: 2 });
      expect(rest).toBeDefined();
      await Promise.all([held.release(), rest?.release()]);
      expect(await one.available()).toBe(5);
    });

    it('throws TimeoutError when no permit is free in time, and not before (Python: test_timeout)', async () => {
      const [one, two] = pair(1);
      const held = await one.acquire();
      await expect(two.acquire({ timeout: 0 })).rejects.toBeInstanceOf(TimeoutError);
      expect(await two.tryAcquire()).toBeUndefined();
      await expectLate(30, TimeoutError, () => two.acquire({ timeout: 30 }));
      await held.release();
      expect(await one.available()).toBe(1);
    });

    it('is released by disposal, also when the block throws', async () => {
      const [one, two] = pair(1);
      const failing = async (): Promise<void> => {
        await using held = await one.acquire();
        expect(held.abandoned).toBe(false);
        expect(await two.available()).toBe(0);
        throw new Error('in the block');
      };
      await expect(failing()).rejects.toThrow('in the block');
      expect(await two.available()).toBe(1);
    });

    it('a second release of a hold is a NotOwnerError, and disposing it is silent', async () => {
      const [one, two] = pair(1);
      const held = await one.acquire();
      await held.release();
      const next = await two.acquire();
      await expect(held.release()).rejects.toBeInstanceOf(NotOwnerError);
      await held[Symbol.asyncDispose]();
      expect(await one.available()).toBe(0);
      await next.release();
    });

    it('has tokens that only grow, one for each hold', async () => {
      const [one, two] = pair(3);
      const held = [await one.acquire(), await two.acquire(), await one.acquire()];
      const tokens = held.map(({ token }) => token);
      expect(tokens).toEqual([...tokens].sort((a, b) => (a < b ? -1 : 1)));
      expect(new Set(tokens).size).toBe(3);
      await held[1]?.release();
      expect(await one.available()).toBe(1);
      await Promise.all([held[0]?.release(), held[2]?.release()]);
    });

    it('lets no more in than it has permits', async () => {
      const [one, two] = pair(3);
      let inside = 0;
      let most = 0;
      const enter = async (semaphore: Semaphore): Promise<void> => {
        await using _held = await semaphore.acquire();
        most = Math.max(most, ++inside);
        await clients.one.stats();
        inside--;
      };
      await Promise.all(range(0, 40).map((index) => enter(index % 2 === 0 ? one : two)));
      expect(most).toBe(3);
      expect(await one.available()).toBe(3);
    });

    it('refuses invalid numbers of permits, and does nothing', async () => {
      const [one] = pair(2);
      for (const permits of [0, -1, 1.5, NaN, Infinity, 2 ** 32]) {
        await expect(one.acquire({ permits })).rejects.toBeInstanceOf(InvalidArgumentError);
        await expect(one.tryAcquire({ permits })).rejects.toBeInstanceOf(InvalidArgumentError);
        await expect(one.release(permits)).rejects.toBeInstanceOf(InvalidArgumentError);
      }
      expect(await one.available()).toBe(2);
      for (const permits of [-1, 1.5, NaN]) {
        expect(() => clients.one.semaphore(fresh('semaphore'), permits)).toThrow(InvalidArgumentError);
      }
    });

    it('refuses more permits than can be counted', async () => {
      const [one] = pair(2 ** 32 - 1);
      await expect(one.release()).rejects.toBeInstanceOf(OutOfRangeError);
      const held = await one.acquire({ permits: 5 });
      await expect(one.release()).rejects.toBeInstanceOf(OutOfRangeError);
      await held.release();
      expect(await one.available()).toBe(2 ** 32 - 1);
    });
  });

  suite(target, 'semaphore: bounded', (clients) => {
    const make = (permits: number): Semaphore => clients.one.boundedSemaphore(fresh('semaphore'), permits);

    it('refuses release() above its bound with InvalidArgumentError (Python: test_bounded_semaphore)', async () => {
      const semaphore = make(2);
      await expect(semaphore.release()).rejects.toBeInstanceOf(InvalidArgumentError);
      const held = await semaphore.acquire();
      await expect(semaphore.release(2)).rejects.toBeInstanceOf(InvalidArgumentError);
      await held.release();
      await expect(semaphore.release()).rejects.toBeInstanceOf(InvalidArgumentError);
      expect(await semaphore.available()).toBe(2);
    });

    it('takes release() without a hold up to its bound (Python: test_bounded_semaphore)', async () => {
      const semaphore = make(2);
      await semaphore.acquire();
      await semaphore.acquire();
      expect(await semaphore.available()).toBe(0);
      await semaphore.release();
      await semaphore.release();
      expect(await semaphore.available()).toBe(2);
      await expect(semaphore.release()).rejects.toBeInstanceOf(InvalidArgumentError);
    });

    it('does not get a permit back twice, if another released it first', async () => {
      const semaphore = make(1);
      const first = await semaphore.acquire();
      await semaphore.release();
      const second = await semaphore.acquire();
      await first.release();
      expect(await semaphore.available()).toBe(0);
      await second.release();
      expect(await semaphore.available()).toBe(1);
    });

    it('throws OutOfRangeError for more than it can ever give, instead of waiting', async () => {
      const semaphore = make(3);
      await expect(semaphore.acquire({ permits: 4 })).rejects.toBeInstanceOf(OutOfRangeError);
      await expect(semaphore.tryAcquire({ permits: 4 })).rejects.toBeInstanceOf(OutOfRangeError);
      await (await semaphore.acquire({ permits: 3 })).release();
    });
  });

  suite(target, 'semaphore: options', (clients) => {
    it('refuses other permits or another bound than it has', async () => {
      const name = fresh('semaphore');
      await clients.one.semaphore(name, 2).create();
      await expect(clients.two.semaphore(name, 3).available()).rejects.toBeInstanceOf(OptionsConflictError);
      await expect(clients.two.boundedSemaphore(name, 2).acquire()).rejects.toBeInstanceOf(OptionsConflictError);
      const bounded = fresh('semaphore');
      await clients.one.boundedSemaphore(bounded, 2).create();
      await expect(clients.two.semaphore(bounded, 2).available()).rejects.toBeInstanceOf(OptionsConflictError);
      expect(await clients.two.boundedSemaphore(bounded, 2).available()).toBe(2);
    });

    it('compares the initial permits, however many are free now', async () => {
      const name = fresh('semaphore');
      await clients.one.semaphore(name, 2).release(3);
      expect(await clients.two.semaphore(name, 2).available()).toBe(5);
    });

    it('arrives as a semaphore where a proxy is sent, with its bound', async () => {
      const semaphore = clients.one.boundedSemaphore(fresh('semaphore'), 1);
      const queue = clients.one.queue<Semaphore>(fresh('queue'));
      await queue.put(semaphore);
      const got = await clients.two.queue<Semaphore>(queue.name).get();
      expect(got).toBeInstanceOf(Semaphore);
      await expect(got.release()).rejects.toBeInstanceOf(InvalidArgumentError);
      await (await got.acquire()).release();
      await semaphore.destroy();
      await expect(got.available()).rejects.toBeInstanceOf(NotFoundError);
    });
  });
}
