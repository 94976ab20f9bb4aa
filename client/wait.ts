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

/** The longest time that travels, 285,616 years: no wait outlasts it. */
export const LONGEST_MS = Number.MAX_SAFE_INTEGER;

/**
 * A time in whole milliseconds as it travels; undefined is for ever, as is `Infinity`.
 * @throws InvalidArgumentError for a negative time or NaN; OutOfRangeError beyond 2^53
 */
export function milliseconds(name: string, time: number | undefined): number | undefined {
  if (time === undefined) return undefined;
  if (typeof time !== 'number' || !(time >= 0)) {
    throw new InvalidArgumentError(`${name} is ${String(time)}: give milliseconds, 0 or more`);
  }
  if (time === Infinity) return undefined;
  if (time > LONGEST_MS) throw new OutOfRangeError(`${name} is ${time}: give at most 2^53 milliseconds, or Infinity for ever`);
  return Math.ceil(time);
}

/**
 * A time in whole milliseconds as it travels, where leaving it out has another meaning than for ever: `Infinity` is the
 * longest one.
 * @throws as {@link milliseconds}
 */
export function givenMilliseconds(name: string, time: number): number {
  return milliseconds(name, time) ?? LONGEST_MS;
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
