import { BrokenBarrierError, type BrokenBarrierReason } from '../../proto/errors.js';

/** Why the parties of a barrier do not get through. */
export interface BarrierBreak {
  readonly reason: BrokenBarrierReason;
  /** The same for a person. */
  readonly what: string;
}

/** The error of a party that does not get through. @param details added to the reason, such as the message of an action that failed */
export function brokenBarrier(name: string, { reason, what }: BarrierBreak, details = ''): BrokenBarrierError {
  const remedy = reason === 'reset' ? 'wait again' : 'reset() makes it usable again';
  return new BrokenBarrierError(`the parties of "${name}" do not get through: ${what}${details}; ${remedy}`, { object: name, reason });
}
