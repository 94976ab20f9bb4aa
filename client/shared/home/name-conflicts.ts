import { decodePayload, encodePayload } from '../../../proto/codec/payload.js';
import { fromWire, KindMismatchError, OptionsConflictError, toWire, type ManagerError } from '../../../proto/errors.js';
import type { Error as WireError } from '../../../proto/gen/commonhold/v1/errors_wire.js';
import type { ValueCodec } from '../../../engine/shared/memory/cells.js';
import { dictKind, type SharedMemoryDict } from '../../../engine/shared/objects/dict.js';
import { HIDDEN, type Objects } from '../../../engine/shared/objects/objects.js';

/** Codec of this package's own objects in shared memory. */
export const OWN_VALUES: ValueCodec = { encode: encodePayload, decode: decodePayload, plain: true };

const NAME = `${HIDDEN}refused`;

/**
 * The names that the manager refused to this home, because an object of that name exists elsewhere. No thread of this process may create an
 * object of such a name: its contents would differ from the other object's.
 */
export class NameConflicts {
  constructor(private readonly objects: Objects) {}

  /** Returns true if the error means that an object of that name exists elsewhere. */
  static is(error: unknown): error is ManagerError {
    return error instanceof OptionsConflictError || error instanceof KindMismatchError;
  }

  /** Throws the error with which the manager refused the name, if it did. */
  check(name: string): void {
    const error = this.#errors.get(name, OWN_VALUES);
    if (error !== undefined) throw fromWire(error as WireError);
  }

  add(name: string, error: ManagerError): void {
    this.#errors.set(name, toWire(error), OWN_VALUES);
  }

  /** Forgets a refusal, before the manager is asked again. */
  forget(name: string): void {
    this.#errors.delete(name);
  }

  get #errors(): SharedMemoryDict {
    return this.objects.open(dictKind, NAME);
  }
}
