import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ticksOf, type ScheduleRule } from '../../../client/schedules/ticks.js';
import { InvalidArgumentError } from '../../../proto/errors.js';

const at = (time: string): number => Date.parse(time);

describe('the ticks of a rule', () => {
  test('come after equal times, whatever was missed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 100 }), fc.nat(1000), fc.nat(5000), async (every, last, missed) => {
        const { after } = await ticksOf({ every });
        const now = last + missed;
        const next = after(now, last)!;
        expect(next).toBeGreaterThan(now);
        expect(next - now).toBeLessThanOrEqual(every);
        expect((next - last) % every).toBe(0);
      }),
    );
  });

  test('never come twice if the clock of a computer is behind', async () => {
    const { after } = await ticksOf({ every: 10 });
    expect(after(95, 100)).toBe(110);
    const cron = await ticksOf({ cron: '0 * * * *' });
    expect(cron.after(at('2026-01-01T11:59:59Z'), at('2026-01-01T12:00:00Z'))).toBe(at('2026-01-01T13:00:00Z'));
  });

  test.each<[ScheduleRule, string, string]>([
    [{ cron: '30 4 * * 1-5' }, '2026-01-02T05:00:00Z', '2026-01-05T04:30:00Z'],
    [{ cron: '*/10 * * * * *' }, '2026-01-02T05:00:03Z', '2026-01-02T05:00:10Z'],
    [{ cron: '0 0 29 2 *' }, '2026-01-02T05:00:00Z', '2028-02-29T00:00:00Z'],
    [{ cron: '0 12 * * *', timezone: 'America/New_York' }, '2026-07-01T00:00:00Z', '2026-07-01T16:00:00Z'],
    // The clocks go forward from 2:00 to 3:00 on this day, and the tick comes at the end of the gap.
    [{ cron: '30 2 * * *', timezone: 'Europe/Berlin' }, '2026-03-28T12:00:00Z', '2026-03-29T01:00:00Z'],
  ])('of %j come after %s at %s', async (rule, now, next) => {
    const { after } = await ticksOf(rule);
    expect(after(at(now), at(now))).toBe(at(next));
  });

  test('of a date that never comes do not come', async () => {
    expect((await ticksOf({ cron: '0 0 30 2 *' })).after(at('2026-01-01T00:00:00Z'), 0)).toBeUndefined();
  });

  test.each<unknown>([
    { every: 0 },
    { every: 1.5 },
    { every: Infinity },
    { every: Number.MAX_SAFE_INTEGER },
    { every: 10, cron: '* * * * *' },
    { cron: 'every day' },
    { cron: '* * * *' },
    { cron: '* * * * *', timezone: 'Europe/Atlantis' },
    { cron: '* * * * *', tz: 'UTC' },
    {},
    null,
    'every day',
  ])('of %j are refused', async (rule) => {
    await expect(ticksOf(rule as ScheduleRule)).rejects.toBeInstanceOf(InvalidArgumentError);
  });
});
