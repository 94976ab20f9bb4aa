import { InvalidArgumentError } from '../../../proto/errors.js';
import { checkOptions, type OptionNames } from '../../../proto/known-options.js';
import { isNumber, quoted } from '../../../proto/given.js';
import { givenMilliseconds } from '../../wait.js';

/** Delays of an item that fails again and again. */
export interface BackoffPolicy {
  /** `'fixed'`: the same delay each time. `'exponential'`: twice as long each time. */
  type: 'fixed' | 'exponential';
  /** Delay after the first attempt, in milliseconds. */
  delay: number;
  /** Longest delay, in milliseconds. Default: none. */
  max?: number | undefined;
  /**
   * Share of the delay that is left to chance, 0 to 1, so that items that failed together do not come back together: with 0.5, the delay is
   * half of it to all of it. Default: 0.
   */
  jitter?: number | undefined;
}

/** A policy, or a function of the attempts so far, 1 or more, that returns the delay in milliseconds. */
export type Backoff = BackoffPolicy | ((attempts: number) => number);

const POLICY_OPTIONS = { type: true, delay: true, max: true, jitter: true } satisfies OptionNames<BackoffPolicy>;

/** Returns the delay of an item after a number of attempts, in milliseconds. @throws InvalidArgumentError for an invalid policy */
export function backoffDelay(backoff: Backoff, attempts: number): number {
  if (typeof backoff === 'function') return givenMilliseconds('the delay of the backoff', backoff(attempts));
  checkOptions(backoff, POLICY_OPTIONS);
  const { type, delay, max = Infinity, jitter = 0 } = backoff;
  const first = givenMilliseconds('delay', delay);
  if (!isNumber(jitter, 0, 1)) throw new InvalidArgumentError(`jitter is ${quoted(jitter)}: give a share, 0 to 1`);
  if (!isNumber(max, 0)) throw new InvalidArgumentError(`max is ${quoted(max)}: give milliseconds, 0 or more`);
  const full = Math.min(max, first * factor(type, attempts));
  return givenMilliseconds('the delay of the backoff', Math.min(full * (1 - jitter * Math.random()), Number.MAX_SAFE_INTEGER));
}

function factor(type: string, attempts: number): number {
  if (type === 'fixed') return 1;
  if (type === 'exponential') return 2 ** (attempts - 1);
  throw new InvalidArgumentError(`the type of the backoff is ${quoted(type)}: give 'fixed' or 'exponential'`);
}
