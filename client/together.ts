import { InvalidArgumentError } from '../proto/errors.js';
import type { Transport } from './connect/transport/transport.js';

/** Throws unless an object is of the manager that a call goes to: by its name, that would take another one. */
export function assertTogether(name: string, its: Transport, used: Transport): void {
  if (its.isAt(used.address) || used.isAt(its.address)) return;
  throw new InvalidArgumentError(
    `"${name}" is an object of the manager at ${its.address}: it cannot be used together with objects of the one at ${used.address}`,
    { object: name, address: used.address },
  );
}
