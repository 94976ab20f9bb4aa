import { bytesOf } from '../../../proto/codec/binary.js';
import { bytesPerElement, shown, storedPayload, typecodeNamed, type Elements, type StoredElement } from '../../../proto/codec/elements.js';
import { encodePayload } from '../../../proto/codec/payload.js';
import type { Typecode } from '../../../proto/codec/typecode.js';
import type { Handlers } from '../../../proto/contract.js';
import { NotFoundError } from '../../../proto/errors.js';
import type { ArrayService } from '../../../proto/gen/commonhold/v1/array_wire.js';
import type { StateOf } from '../../../proto/state.js';
import type { Payload } from '../../../proto/wire/values.js';
import { sum } from '../../core/arithmetic.js';
import { checkOptions, equal, initialElements, lengthOf, placeOf, rangeOf, receivedElements, roomOf } from '../../core/array-elements.js';
import type { Restoring } from '../../core/restoring.js';
import { write } from '../../core/writing.js';
import { SharedObject, type Keyspace, type ObjectKind } from '../lifetime/keyspace.js';
import { MemoryMutex } from '../locking/mutex.js';
import type { Exclusion } from '../locking/queued-lock.js';

/** Numbers of one type with a lock, as Python's Array. */
export class MemoryArray extends SharedObject {
  readonly kind = 'array';
  readonly mutex: MemoryMutex;

  constructor(
    name: string,
    exclusion: Exclusion,
    readonly type: Typecode,
    readonly elements: Elements,
  ) {
    super(name);
    this.mutex = new MemoryMutex(name, exclusion);
  }

  get size(): number {
    return this.elements.length;
  }

  override get waiters(): number {
    return this.mutex.waiters;
  }

  override state() {
    return { type: this.type, elements: Uint8Array.from(bytesOf(this.elements)), mutex: this.mutex.state() };
  }

  override restore({ mutex }: StateOf<MemoryArray>, restoring: Restoring): void {
    this.mutex.restore(mutex, restoring);
  }

  override options(): Record<string, string> {
    return { type: this.type };
  }

  override heldUnder(token: number): boolean {
    return this.mutex.holds(token);
  }

  override holders() {
    const holder = this.mutex.holder();
    return holder ? [holder] : [];
  }

  override destroyed(gone: () => NotFoundError): void {
    this.mutex.destroy(gone);
  }

  /** Converts a payload to an element of this array. */
  stored(payload: Payload): StoredElement {
    return storedPayload(this.type, payload);
  }

  payload(place: number): Payload {
    return encodePayload(shown(this.type, this.elements[place]!));
  }
}

/** Finds existing arrays. A call that gives only a name cannot make one. */
const kind: ObjectKind<MemoryArray> = {
  kind: 'array',
  make(name) {
    throw new NotFoundError(`there is no array "${name}": open it with a type, and a length or elements, first`, { object: name });
  },
};

export function arrayHandlers(keyspace: Keyspace, exclusion: Exclusion): Handlers<typeof ArrayService> {
  return {
    open(request, context) {
      const { name } = request;
      const type = request.type === undefined ? undefined : typecodeNamed(request.type);
      const make = (): MemoryArray => {
        const length = type && lengthOf(type, request);
        if (length !== undefined) keyspace.use.demandMemory(length * bytesPerElement(type!));
        const elements = type && initialElements(type, request);
        return type && elements ? new MemoryArray(name, exclusion, type, elements) : kind.make(name, keyspace);
      };
      const { object, created } = keyspace.create({ kind: 'array', make }, request, context);
      if (created) object.links.addBytes(object.elements.byteLength);
      else checkOptions(object, type, request);
      return { created };
    },

    length: ({ name }, context) => ({ length: keyspace.open(kind, name, context).size }),

    get({ name, index }, context) {
      const array = keyspace.open(kind, name, context);
      return { value: array.payload(placeOf(array, index)) };
    },

    set(request, context) {
      const { name, index, value } = request;
      const array = keyspace.open(kind, name, context);
      const place = placeOf(array, index);
      const stored = array.stored(value);
      return write(array.mutex, context, request, () => {
        array.elements[place] = stored;
        return {};
      });
    },

    add(request, context) {
      const { name, index, delta } = request;
      const array = keyspace.open(kind, name, context);
      const place = placeOf(array, index);
      return write(array.mutex, context, request, () => {
        array.elements[place] = array.stored(sum(array.payload(place), delta));
        return { value: array.payload(place) };
      });
    },

    compareAndSet(request, context) {
      const { name, index, expected, next } = request;
      const array = keyspace.open(kind, name, context);
      const place = placeOf(array, index);
      const [wanted, stored] = [array.stored(expected), array.stored(next)];
      return write(array.mutex, context, request, () => {
        if (!equal(array.elements[place]!, wanted)) return { swapped: false };
        array.elements[place] = stored;
        return { swapped: true };
      });
    },

    read({ name, start, end }, context) {
      const array = keyspace.open(kind, name, context);
      // A view, not a copy: it is written into the response before anything else can run.
      return { type: array.type, elements: bytesOf(array.elements.subarray(...rangeOf(array, start, end))) };
    },

    write(request, context) {
      const { name, start, type, elements } = request;
      const array = keyspace.open(kind, name, context);
      const received = receivedElements(array.type, type, elements);
      const place = roomOf(array, start, received.length);
      return write(array.mutex, context, request, () => {
        array.elements.set(received, place);
        return {};
      });
    },

    fill(request, context) {
      const { name, value, start, end } = request;
      const array = keyspace.open(kind, name, context);
      const stored = array.stored(value);
      return write(array.mutex, context, request, () => {
        array.elements.fill(stored, ...rangeOf(array, start, end));
        return {};
      });
    },

    lock: (request, context) => keyspace.open(kind, request.name, context).mutex.acquire(context, request),

    unlock({ name, token }, context) {
      keyspace.open(kind, name, context).mutex.release(token);
      return {};
    },

    extend({ name, token, leaseMs }, context) {
      keyspace.open(kind, name, context).mutex.extend(token, leaseMs);
      return {};
    },
  };
}
