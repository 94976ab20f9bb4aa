import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RateLimit } from '../../../engine/memory/objects/rate-limit.js';
import { ManualTime } from '../../support/turns.js';

test('a rate limit of a long period never lets too many through, and keeps a short record', () => {
  const [max, perMs] = [5000, 100_000];
  const time = new ManualTime();
  const limit = new RateLimit({ max, perMs }, time.clock, () => {});
  const taken: number[] = [];
  for (let turn = 0; turn < 20_000; turn++) {
    time.advance(17);
    time.clock.turn(() => {
      if (limit.left() === 0) return;
      limit.handOut(1);
      taken.push(time.clock.now);
    });
  }
  for (let i = 0; i + max < taken.length; i++) expect(taken[i + max]! - taken[i]!).toBeGreaterThanOrEqual(perMs);
  expect(taken.length).toBeGreaterThan(3 * max);
  expect(limit.state().recent.length / 2).toBeLessThanOrEqual(1001);
});

test('a rate limit lets as many through as any period may have, and says when more may', () => {
  const steps = fc.array(fc.record({ wait: fc.nat(15), take: fc.nat(5) }), { maxLength: 40 });
  fc.assert(
    fc.property(steps, (all) => {
      const [max, perMs] = [4, 20];
      const time = new ManualTime();
      const taken: number[] = [];
      let opened = 0;
      const limit = new RateLimit({ max, perMs }, time.clock, () => opened++);
      const within = (now: number): number => taken.filter((at) => at + perMs > now).length;
      for (const { wait, take } of all) {
        const before = within(time.clock.now);
        const wasOpened = opened;
        time.advance(wait);
        time.clock.turn(() => {
          const { now } = time.clock;
          expect(limit.left()).toBe(max - within(now));
          if (before === max && within(now) < max) expect(opened).toBe(wasOpened + 1);
          else expect(opened).toBe(wasOpened);
          const count = Math.min(take, limit.left());
          if (count === 0) return;
          limit.handOut(count);
          for (let i = 0; i < count; i++) taken.push(now);
        });
      }
    }),
  );
});
