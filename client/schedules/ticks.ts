import { InvalidArgumentError } from '../../proto/errors.js';
import { checkOptions, type OptionNames } from '../../proto/known-options.js';
import { quoted } from '../../proto/given.js';

/** When a schedule puts its items: after equal times, or by a cron expression. */
export type ScheduleRule = EveryRule | CronRule;

/** Equal times. */
export interface EveryRule {
  /** Milliseconds from tick to tick, 1 to 1e12. The first one comes when they are over for the first time. */
  every: number;
}

/** A cron expression. */
export interface CronRule {
  /**
   * Minute, hour, day of the month, month and day of the week, as in `'30 4 * * 1-5'`, or six fields of which the first is the second.
   */
  cron: string;
  /** Time zone of the expression, as `'Europe/Berlin'`. Default: `'UTC'`, since the programs of a schedule may run in different zones. */
  timezone?: string | undefined;
}

/** A rule as it is stored: with `every`, or with the other two. */
export interface StoredRule {
  readonly every?: number;
  readonly cron?: string;
  readonly timezone?: string;
}

/** The ticks of a rule. */
export interface Ticks {
  readonly rule: StoredRule;
  /**
   * Returns the time of the first tick after `now`, in milliseconds since 1970; undefined if there is none.
   * @param last the tick before, which is later than `now` if the clock of this computer is behind that of another
   */
  readonly after: (now: number, last: number) => number | undefined;
}

/** Longest time from tick to tick, in milliseconds: 31 years. The next tick has to be a Date. */
const LONGEST_EVERY = 1e12;

const EVERY_OPTIONS = { every: true } satisfies OptionNames<EveryRule>;
const CRON_OPTIONS = { cron: true, timezone: true } satisfies OptionNames<CronRule>;

/** Reads a rule. Loads the parser of cron expressions if it is one. @throws InvalidArgumentError */
export async function ticksOf(rule: ScheduleRule): Promise<Ticks> {
  if (typeof rule !== 'object' || rule === null) throw new InvalidArgumentError(`the rule is ${quoted(rule)}: give { every } or { cron }`);
  if ('cron' in rule) return cronTicks(rule);
  checkOptions(rule, EVERY_OPTIONS);
  const { every } = rule;
  if (!(Number.isSafeInteger(every) && every >= 1 && every <= LONGEST_EVERY))
    throw new InvalidArgumentError(`every is ${quoted(every)}: give whole milliseconds, 1 to ${LONGEST_EVERY}`);
  return { rule: { every }, after: (now, last) => last + every * Math.max(1, Math.floor((now - last) / every) + 1) };
}

async function cronTicks(rule: CronRule): Promise<Ticks> {
  checkOptions(rule, CRON_OPTIONS);
  const { cron, timezone = 'UTC' } = rule;
  const { Cron } = await import('croner');
  try {
    const parsed = new Cron(cron, { timezone, paused: true, mode: '5-or-6-parts' });
    const after = (now: number, last: number): number | undefined => parsed.nextRun(new Date(Math.max(now, last)))?.getTime();
    // Also finds a time zone that is not known.
    after(Date.now(), 0);
    return { rule: { cron, timezone }, after };
  } catch (error) {
    throw new InvalidArgumentError(`cron ${quoted(cron)} in ${timezone}: ${(error as Error).message}`, { cause: error });
  }
}
