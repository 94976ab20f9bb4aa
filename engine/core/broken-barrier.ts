import { BrokenBarrierError, type BrokenBarrierReason } from '../../proto/errors.js';

/** Why a barrier is broken. */
export interface BarrierBreak {
  readonly reason: BrokenBarrierReason;
  /** The reason as text. */
  readonly what: string;
}

/**
 * Creates the error of a party that waits at a broken barrier.
 * @param details appended to the reason, such as the message of a failed action
 */
export function brokenBarrier(name: string, { reason, what }: BarrierBreak, details = ''): BrokenBarrierError {
  const remedy = reason === 'reset' ? 'wait again' : 'reset() makes it usable again';
  return new BrokenBarrierError(`the parties of "${name}" do not get through: ${what}${details}; ${remedy}`, { object: name, reason });
}
