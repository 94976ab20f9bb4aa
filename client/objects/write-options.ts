import { InvalidArgumentError } from '../../proto/errors.js';
import { Held } from '../locking/held.js';
import type { OptionNames } from '../known-options.js';
import { WAIT_OPTIONS, type WaitOptions } from '../wait.js';

/** Options of writes to an object that has a lock of its own. */
export interface WriteOptions extends WaitOptions {
  /** A hold of the object's lock: the write is made under it, and does not wait. */
  held?: Held | undefined;
}

export const WRITE_OPTIONS = { ...WAIT_OPTIONS, held: true } satisfies OptionNames<WriteOptions>;

/** Returns the token of the hold under which a write is made. */
export function tokenOf(options: WriteOptions | undefined): number | undefined {
  const held = options?.held;
  if (held === undefined) return undefined;
  if (held instanceof Held) return Number(held.token);
  throw new InvalidArgumentError('held: give the result of lock() of this object');
}
