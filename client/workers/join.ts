import { TimeoutError } from '../../proto/errors.js';
import { passedOn } from '../call-site.js';
import { withinLimits } from '../connect/transport/limits.js';
import { timeoutOf, type WaitOptions } from '../wait.js';

/**
 * Waits until `end` settles; `what` names the thing that ends in the error message.
 * @throws TimeoutError if the timeout ends first; the signal's reason
 */
export async function joined(what: string, end: Promise<void>, options: WaitOptions): Promise<void> {
  const timeout = timeoutOf(options);
  const late = (): Error => new TimeoutError(`${what} is still running after ${timeout} ms`);
  try {
    await withinLimits(end, { timeout, signal: options.signal }, late);
  } catch (error) {
    throw passedOn(error);
  }
}
