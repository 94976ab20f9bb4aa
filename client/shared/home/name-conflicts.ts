import { fromWire, KindMismatchError, OptionsConflictError, toWire, type ManagerError } from '../../../proto/errors.js';
import type { Error as WireError } from '../../../proto/gen/commonhold/v1/errors_wire.js';
import { HIDDEN } from '../../../engine/shared/objects/objects.js';
import type { Client } from '../../connect/client.js';
import { SharedDict } from '../../objects/dict.js';

/**
 * The names that the manager does not give this home, since an object of that name is elsewhere. Here there is none
 * then, for any thread: two objects of one name would be two truths.
 */
export class NameConflicts {
  readonly #errors: SharedDict<string, WireError>;

  constructor(client: Client) {
    this.#errors = new SharedDict<string, WireError>(client, `${HIDDEN}refused`);
  }

  /** Whether an error says that an object of that name is elsewhere. */
  static is(error: unknown): error is ManagerError {
    return error instanceof OptionsConflictError || error instanceof KindMismatchError;
  }

  /** Throws why there must be no object of that name here. */
  check(name: string): void {
    const error = this.#errors.sync.get(name);
    if (error !== undefined) throw fromWire(error as WireError);
  }

  add(name: string, error: ManagerError): void {
    this.#errors.sync.set(name, toWire(error));
  }

  /** The manager is going to be asked again. */
  forget(name: string): void {
    this.#errors.sync.delete(name);
  }
}
