import { InvalidArgumentError, OutOfRangeError, TimeoutError } from '../proto/errors.js';
import { checkOptions, type KnownOptions, type OptionNames } from './known-options.js';

/** Options of every call that can wait. */
export interface WaitOptions {
  /**
   * Milliseconds to wait at most. 0 does not wait; without it, the call waits. The manager ends the wait; where it does not
   * answer, this program does, about a second later.
   */
  timeout?: number | undefined;
  /**
   * Gives the call up: it rejects with the signal's reason, and nothing is taken, held or half-done. The manager answers
   * first; where it does not, this program ends the call after about a second.
   */
  signal?: AbortSignal | undefined;
}

export const WAIT_OPTIONS = { timeout: true, signal: true } satisfies OptionNames<WaitOptions>;

/** The longest time that the contract's fields hold, 49.7 days. */
export const LONGEST_MS = 2 ** 32 - 1;

/**
 * A time in whole milliseconds as it travels; undefined is for ever.
 * @throws InvalidArgumentError for a negative time or NaN
 */
export function milliseconds(name: string, time: number | undefined): number | undefined {
  if (time === undefined) return undefined;
  if (typeof time !== 'number' || !(time >= 0)) {
    throw new InvalidArgumentError(`${name} is ${String(time)}: give milliseconds, 0 or more`);
  }
  return time > LONGEST_MS ? undefined : Math.ceil(time);
}

/**
 * A time in whole milliseconds as it travels, where there is no for ever.
 * @throws InvalidArgumentError for a negative time or NaN; OutOfRangeError for one of more than 49 days
 */
export function finiteMilliseconds(name: string, time: number): number {
  const ms = milliseconds(name, time);
  if (ms !== undefined) return ms;
  throw new OutOfRangeError(`${name} is ${time}: give at most ${LONGEST_MS} ms, which is 49 days`);
}

/** The answer of a wait that answers false when its timeout ends first, also where it is this program that ends it. */
export function falseWhenLate(answer: Promise<boolean>, options: WaitOptions | undefined): Promise<boolean> {
  if (options?.timeout === undefined) return answer;
  return answer.catch((error: unknown) => {
    if (error instanceof TimeoutError) return false;
    throw error;
  });
}

/**
 * The timeout of a call's options as it travels.
 * @param known the options of the call, where there are more than those of every call that waits
 * @throws InvalidArgumentError for a wrong time, and for an option that the call does not know
 */
export function timeoutOf(options: WaitOptions | undefined, known: KnownOptions = WAIT_OPTIONS): number | undefined {
  if (options === undefined) return undefined;
  checkOptions(options, known);
  return milliseconds('timeout', options.timeout);
}
