import type { BrokenBarrierError, BrokenBarrierReason } from '../../../proto/errors.js';
import { brokenBarrier, type BarrierBreak } from '../../core/broken-barrier.js';
import { ABORTED, ACTION_FAILED, DIED, RESET, TIMED_OUT } from '../kernel/layout.js';

/** By their numbers in the memory. */
const BREAKS: Readonly<Record<number, BarrierBreak>> = {
  [TIMED_OUT]: { reason: 'timeout', what: 'the timeout of a party ended' },
  [ABORTED]: { reason: 'abort', what: 'it was aborted, or a party gave its wait up' },
  [ACTION_FAILED]: { reason: 'action', what: 'its action failed' },
  [RESET]: { reason: 'reset', what: 'it was reset' },
  [DIED]: { reason: 'death', what: 'the thread or the session of a party ended' },
};

/** Returns the reason why a barrier is broken, by its number; undefined if it is not. */
export function reasonOf(number: number): BrokenBarrierReason | undefined {
  return BREAKS[number]?.reason;
}

/** Creates the error of a party at a broken barrier. @param message error message of the action, if it failed */
export function breakError(name: string, number: number, message: string): BrokenBarrierError {
  return brokenBarrier(name, BREAKS[number]!, number === ACTION_FAILED && message !== '' ? `: ${message}` : '');
}
