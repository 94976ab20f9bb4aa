import { equalPayloads } from '../../../proto/codec/equal.js';
import { coercePayload, type Typecode } from '../../../proto/codec/typecode.js';
import { typecodeNamed } from '../../../proto/codec/elements.js';
import type { Handlers } from '../../../proto/contract.js';
import { NotFoundError, OptionsConflictError } from '../../../proto/errors.js';
import type { ValueService } from '../../../proto/gen/commonhold/v1/value_wire.js';
import type { StateOf } from '../../../proto/state.js';
import { mapAnswer } from '../../../proto/thenable.js';
import type { Payload } from '../../../proto/wire/values.js';
import { sum } from '../../core/arithmetic.js';
import { AT_ONCE, lockedTooLong } from '../../core/late.js';
import type { Restoring } from '../../core/restoring.js';
import { checkOwner } from '../../core/ownership.js';
import { write, type Writing } from '../../core/writing.js';
import { compact } from '../collections/bytes.js';
import { SharedObject, type Keyspace, type ObjectKind } from '../lifetime/keyspace.js';
import { StateVersion } from '../watching/state-version.js';
import { watchState } from '../watching/watch.js';
import { MemoryMutex } from '../locking/mutex.js';
import type { Exclusion } from '../locking/queued-lock.js';
import type { GrowingNumbers } from '../../core/growing-numbers.js';

/** A value with a lock, as Python's Value. */
export class MemoryValue extends SharedObject {
  readonly kind = 'value';
  readonly size = 1;
  readonly mutex: MemoryMutex;
  readonly version: StateVersion;
  #value: Payload;

  constructor(
    name: string,
    exclusion: Exclusion,
    initial: Payload,
    readonly type: Typecode | undefined,
    revisions: GrowingNumbers,
  ) {
    super(name);
    this.version = new StateVersion(revisions);
    this.mutex = new MemoryMutex(name, exclusion);
    this.#value = this.checked(initial);
  }

  get value(): Payload {
    return this.#value;
  }

  set value(payload: Payload) {
    const next = this.checked(payload);
    this.links.add(next);
    this.links.remove(this.#value);
    this.#value = next;
    this.version.bump();
  }

  /** Converts a payload to the form in which it is kept. Throws if it does not fit the type. */
  checked(payload: Payload): Payload {
    return compact(this.type === undefined ? payload : coercePayload(this.type, payload));
  }

  /** Throws the error that a write would fail with at once: the lock is held by others, or not held under the token of the write. */
  assertWritable({ token, owner }: Writing): void {
    if (token !== undefined) return this.mutex.check(token);
    checkOwner(this.name, owner);
    if (this.mutex.held) throw lockedTooLong(this.name, this.mutex.holder(), AT_ONCE);
  }

  override get waiters(): number {
    return this.mutex.waiters + this.version.waiters;
  }

  override get watches(): number {
    return this.version.waiters;
  }

  override heldUnder(token: number): boolean {
    return this.mutex.holds(token);
  }

  override state() {
    return { type: this.type, value: this.#value, mutex: this.mutex.state(), version: this.version.state() };
  }

  override restore({ mutex, version }: StateOf<MemoryValue>, restoring: Restoring): void {
    this.mutex.restore(mutex, restoring);
    this.version.restore(version, restoring);
  }

  override options(): Record<string, string> {
    return this.type === undefined ? {} : { type: this.type };
  }

  override holders() {
    const holder = this.mutex.holder();
    return holder ? [holder] : [];
  }

  override destroyed(gone: () => NotFoundError): void {
    this.mutex.destroy(gone);
    this.version.destroyed(gone);
  }
}

/** Finds existing values. A call that gives only a name cannot make one. */
export const valueKind: ObjectKind<MemoryValue> = {
  kind: 'value',
  make(name) {
    throw new NotFoundError(`there is no value "${name}": open it with an initial value first`, { object: name });
  },
};

export function valueHandlers(keyspace: Keyspace, exclusion: Exclusion): Handlers<typeof ValueService> {
  return {
    open(request, context) {
      const { name, initial, type: asked } = request;
      const type = asked ? typecodeNamed(asked) : undefined;
      const make = (): MemoryValue => {
        if (initial === undefined) return valueKind.make(name, keyspace);
        return new MemoryValue(name, exclusion, initial, type, keyspace.histories.revisions);
      };
      const { object, created } = keyspace.create({ kind: 'value', make }, request, context);
      if (created) object.links.add(object.value);
      if (asked !== undefined && object.type !== type) {
        throw new OptionsConflictError(`"${name}" has the type ${object.type ?? 'any'}, not ${type ?? 'any'}`, { object: name });
      }
      return { created };
    },

    get: ({ name }, context) => ({ value: keyspace.open(valueKind, name, context).value }),

    set(request, context) {
      const object = keyspace.open(valueKind, request.name, context);
      return write(object.mutex, context, request, () => {
        object.value = request.value;
        return {};
      });
    },

    add(request, context) {
      const object = keyspace.open(valueKind, request.name, context);
      return write(object.mutex, context, request, () => {
        object.value = sum(object.value, request.delta);
        return { value: object.value };
      });
    },

    compareAndSet(request, context) {
      const object = keyspace.open(valueKind, request.name, context);
      return write(object.mutex, context, request, () => {
        if (!equalPayloads(object.value, request.expected)) return { swapped: false };
        object.value = request.next;
        return { swapped: true };
      });
    },

    lock(request, context) {
      const object = keyspace.open(valueKind, request.name, context);
      return mapAnswer(object.mutex.acquire(context, request), ({ token, abandoned }) => ({
        token,
        abandoned,
        value: object.value,
      }));
    },

    unlock({ name, token, value }, context) {
      const object = keyspace.open(valueKind, name, context);
      object.mutex.check(token);
      if (value !== undefined) object.value = value;
      object.mutex.release(token);
      return {};
    },

    watch: (request, context) => watchState(keyspace, valueKind, request, (object) => ({ value: object?.value }), context),

    extend({ name, token, leaseMs }, context) {
      keyspace.open(valueKind, name, context).mutex.extend(token, leaseMs);
      return {};
    },
  };
}
