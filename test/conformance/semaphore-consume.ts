import { expect, it } from '@jest/globals';
import { InvalidArgumentError, OutOfRangeError, TimeoutError } from '../../client/index.js';
import { expectWaiting, fresh, queued, suite } from './support.js';
import type { Target } from './target.js';

/** Permits that are used up rather than held. */
export function semaphoreConsumeSuite(target: Target): void {
  suite(target, 'semaphore: consume', (clients) => {
    it('uses permits up: only release() makes new ones', async () => {
      const one = clients.one.semaphore(fresh('semaphore'), 3);
      await one.consume();
      await one.consume(2);
      expect(await one.available()).toBe(0);
      expect(await one.tryConsume()).toBe(false);
      await clients.two.semaphore(one.name, 3).release(2);
      expect(await one.tryConsume(2)).toBe(true);
      expect(await one.available()).toBe(0);
    });

    it('leaves nothing with the session, whose end brings nothing back', async () => {
      const one = clients.one.semaphore(fresh('semaphore'), 2);
      const more = await clients.more();
      const there = more.manager.semaphore(one.name, 2);
      await there.consume();
      const held = await there.acquire();
      expect(await one.available()).toBe(0);
      await more.close();
      // The permit that was held is back, and the other is not.
      await (await one.acquire()).release();
      expect(await one.available()).toBe(1);
      await held.release().catch(() => {});
    });

    it('waits in one line with calls that want to hold permits', async () => {
      const one = clients.one.semaphore(fresh('semaphore'), 2);
      const two = clients.two.semaphore(one.name, 2);
      await one.consume();
      const large = await queued(clients.two, two.consume(2));
      const behind = await queued(clients.one, one.acquire());
      await expectWaiting(behind, clients.one, clients.two);
      await one.release();
      await large.promise;
      await expectWaiting(behind, clients.one, clients.two);
      await one.release();
      await (await behind.promise).release();
      expect(await two.available()).toBe(1);
    });

    it('a call that ends by its timeout or signal uses nothing up, and lets the next in', async () => {
      const one = clients.one.semaphore(fresh('semaphore'), 1);
      const reason = new Error('enough');
      await expect(one.consume(2, { timeout: 10 })).rejects.toBeInstanceOf(TimeoutError);
      const controller = new AbortController();
      const aborted = await queued(clients.one, one.consume(2, { signal: controller.signal }));
      const behind = await queued(clients.two, clients.two.semaphore(one.name, 1).consume());
      controller.abort(reason);
      await expect(aborted.promise).rejects.toBe(reason);
      await behind.promise;
      expect(await one.available()).toBe(0);
    });

    it('uses up permits of a bounded semaphore, which release() brings back up to its bound', async () => {
      const one = clients.one.boundedSemaphore(fresh('semaphore'), 2);
      await expect(one.consume(3)).rejects.toBeInstanceOf(OutOfRangeError);
      const held = await one.acquire();
      await one.consume();
      await held.release();
      expect(await one.available()).toBe(1);
      await one.release();
      await expect(one.release()).rejects.toBeInstanceOf(InvalidArgumentError);
      expect(await one.available()).toBe(2);
    });

    it('refuses a number of permits that is none', async () => {
      const one = clients.one.semaphore(fresh('semaphore'), 1);
      for (const permits of [0, -1, 1.5, NaN]) await expect(one.consume(permits)).rejects.toBeInstanceOf(InvalidArgumentError);
      expect(await one.available()).toBe(1);
    });
  });
}
