import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RateLimit } from '../../../engine/memory/objects/rate-limit.js';
import { ManualTime } from '../../support/turns.js';

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
