import { Held } from '../locking/held.js';
import type { OptionNames } from '../../proto/known-options.js';
import { timeoutOf, WAIT_OPTIONS, type WaitOptions } from '../wait.js';
import type { ProxyContext } from './object-proxy.js';

/** Options of writes to an object that has a lock of its own. */
export interface WriteOptions extends WaitOptions {
  /** A hold of the object's lock: the write is made under it, and does not wait. */
  held?: Held | undefined;
}

const WRITE_OPTIONS = { ...WAIT_OPTIONS, held: true } satisfies OptionNames<WriteOptions>;

/** The fields of a write: how long it may wait, and the hold and the owner under which it is made. */
export function writeFields({ transport, owners }: ProxyContext, options: WriteOptions | undefined) {
  const timeoutMs = timeoutOf(options, WRITE_OPTIONS);
  const held = options?.held;
  return { timeoutMs, token: held === undefined ? undefined : Held.tokenOf(held, transport), owner: owners.name(undefined) };
}
