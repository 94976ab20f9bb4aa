import { BrokenBarrierError, type BrokenBarrierReason } from '../../../proto/errors.js';
import { ABORTED, ACTION_FAILED, DIED, RESET, TIMED_OUT } from '../kernel/layout.js';

/** Why the parties of a barrier do not get through. */
interface BreakReason {
  readonly reason: BrokenBarrierReason;
  /** The same for a person. */
  readonly what: string;
}

/** By their numbers in the memory. */
const BREAKS: Readonly<Record<number, BreakReason>> = {
  [TIMED_OUT]: { reason: 'timeout', what: 'the timeout of a party ended' },
  [ABORTED]: { reason: 'abort', what: 'it was aborted, or a party gave its wait up' },
  [ACTION_FAILED]: { reason: 'action', what: 'its action failed' },
  [RESET]: { reason: 'reset', what: 'it was reset' },
  [DIED]: { reason: 'death', what: 'the thread or the session of a party ended' },
};

/** Why a barrier is broken, by the number of that; undefined where it is not. */
export function reasonOf(number: number): BrokenBarrierReason | undefined {
  return BREAKS[number]?.reason;
}

/** The error of a party that does not get through. @param message what the action has said, where it failed */
export function brokenBarrier(name: string, number: number, message: string): BrokenBarrierError {
  const { reason, what } = BREAKS[number]!;
  const said = number === ACTION_FAILED && message !== '' ? `: ${message}` : '';
  const remedy = reason === 'reset' ? 'wait again' : 'reset() makes it usable again';
  return new BrokenBarrierError(`the parties of "${name}" do not get through: ${what}${said}; ${remedy}`, { object: name, reason });
}
