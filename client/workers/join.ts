import { TimeoutError } from '../../proto/errors.js';
import { passedOn } from '../call-site.js';
import { withinLimits } from '../connect/transport/limits.js';
import { timeoutOf, type WaitOptions } from '../wait.js';

/**
 * Waits until something ended.
 * @param what ends, for the message of the error
 * @throws TimeoutError when the timeout ends first; the signal's reason
 */
export async function joined(what: string, end: Promise<void>, options: WaitOptions): Promise<void> {
  const timeout = timeoutOf(options);
  const late = (): Error => new TimeoutError(`${what} still runs after ${timeout} ms`);
  try {
    await withinLimits(end, { timeout, signal: options.signal }, late);
  } catch (error) {
    throw passedOn(error);
  }
}
