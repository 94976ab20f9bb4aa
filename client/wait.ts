import { InvalidArgumentError, OutOfRangeError, TimeoutError } from '../proto/errors.js';
import { assertOptions, checkOptions, type KnownOptions, type OptionNames } from '../proto/known-options.js';
import { isNumber, quoted } from '../proto/given.js';

/** Options of every call that can wait. */
export interface WaitOptions {
  /**
   * Maximum wait in milliseconds. 0 does not wait; without a timeout, the call waits without limit. The manager ends the wait; if it does
   * not respond, the client does, about a second later.
   */
  timeout?: number | undefined;
  /**
   * Cancels the call: it rejects with the signal's reason, and nothing is taken, held or half-done. The manager confirms first; if it does
   * not respond, the client ends the call after about a second.
   */
  signal?: AbortSignal | undefined;
}

export const WAIT_OPTIONS = { timeout: true, signal: true } satisfies OptionNames<WaitOptions>;

/** Longest time on the wire, 285,616 years; effectively no limit. */
export const LONGEST_MS = Number.MAX_SAFE_INTEGER;
/** Longest time that a caller can give, in milliseconds. */
const LONGEST_GIVEN_MS = 2 ** 53;

/**
 * Converts a time to whole milliseconds for the wire; undefined and `Infinity` mean no limit.
 * @throws InvalidArgumentError for a negative time or NaN; OutOfRangeError beyond 2^53
 */
export function milliseconds(name: string, time: number | undefined): number | undefined {
  if (time === undefined) return undefined;
  if (!isNumber(time, 0)) {
    throw new InvalidArgumentError(`${name} is ${quoted(time)}: give milliseconds, 0 or more`);
  }
  if (time === Infinity) return undefined;
  if (time > LONGEST_GIVEN_MS) throw new OutOfRangeError(`${name} is ${time}: give at most 2^53 milliseconds, or Infinity for no limit`);
  return Math.min(Math.ceil(time), LONGEST_MS);
}

/**
 * Converts a time for a request in which leaving it out means something other than no limit: `Infinity` becomes {@link LONGEST_MS}.
 * @throws the errors of {@link milliseconds}
 */
export function givenMilliseconds(name: string, time: number): number {
  return milliseconds(name, time) ?? LONGEST_MS;
}

/** Returns the options of a call that must not wait. @throws InvalidArgumentError if they are no object */
export function withoutWait<O extends object>(options: O): O & { timeout: 0 } {
  assertOptions(options);
  return { ...options, timeout: 0 };
}

/** Resolves to false when the timeout ends first, also when the client ends the wait instead of the manager. */
export function falseWhenLate(answer: Promise<boolean>, options: WaitOptions | undefined): Promise<boolean> {
  if (options?.timeout === undefined) return answer;
  return answer.catch((error: unknown) => {
    if (error instanceof TimeoutError) return false;
    throw error;
  });
}

/**
 * Converts the timeout of a call's options for the wire.
 * @param known the option names of the call, if it has more than {@link WaitOptions}
 * @throws InvalidArgumentError for an invalid time, and for an unknown option
 */
export function timeoutOf(options: WaitOptions | undefined, known: KnownOptions = WAIT_OPTIONS): number | undefined {
  if (options === undefined) return undefined;
  checkOptions(options, known);
  return milliseconds('timeout', options.timeout);
}
