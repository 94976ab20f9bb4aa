import { bytesOf } from '../../../proto/codec/binary.js';
import { elementsOfBytes, shown, storedPayload, typecodeNamed } from '../../../proto/codec/elements.js';
import { encodePayload } from '../../../proto/codec/payload.js';
import type { CallContext, Handlers } from '../../../proto/contract.js';
import { ArrayService, type ArrayServiceOpenRequest } from '../../../proto/gen/commonhold/v1/array_wire.js';
import { checkOptions, lengthOf, placeOf, receivedElements, roomOf } from '../../core/array-elements.js';
import { write } from '../../core/writing.js';
import { arrayKind, arrayOf, type SharedMemoryArray } from '../objects/array.js';
import type { Make } from '../objects/directory.js';
import type { Objects } from '../objects/objects.js';
import { openCall, type RebuildCalls } from './rebuild.js';

export function arrayHandlers(objects: Objects): Handlers<typeof ArrayService> {
  const find = (name: string, context: CallContext): SharedMemoryArray => objects.open(arrayKind, name, context);
  return {
    open(request) {
      const { object, created } = objects.create(arrayKind, request, makeOf(objects, request));
      if (!created) checkOptions(object, request.type === undefined ? undefined : typecodeNamed(request.type), request);
      return { created };
    },

    length: ({ name }, context) => ({ length: find(name, context).length }),

    get({ name, index }, context) {
      const array = find(name, context);
      return { value: array.payload(placeOf(array, index)) };
    },

    set(request, context) {
      const { name, index, value } = request;
      const array = find(name, context);
      const place = placeOf(array, index);
      const stored = storedPayload(array.type, value);
      return write(array, context, request, () => {
        array.store(place, stored);
        return {};
      });
    },

    add(request, context) {
      const { name, index, delta } = request;
      const array = find(name, context);
      const place = placeOf(array, index);
      return write(array, context, request, () => ({ value: encodePayload(shown(array.type, array.addPayload(place, delta))) }));
    },

    compareAndSet(request, context) {
      const { name, index, expected, next } = request;
      const array = find(name, context);
      const place = placeOf(array, index);
      const [wanted, stored] = [storedPayload(array.type, expected), storedPayload(array.type, next)];
      return write(array, context, request, () => ({ swapped: array.swap(place, wanted, stored) }));
    },

    read({ name, start, end }, context) {
      const array = find(name, context);
      return { type: array.type, elements: bytesOf(array.read(start, end)) };
    },

    write(request, context) {
      const { name, start, type, elements } = request;
      const array = find(name, context);
      const received = receivedElements(array.type, type, elements);
      const place = roomOf(array, start, received.length);
      return write(array, context, request, () => {
        array.storeAll(place, received);
        return {};
      });
    },

    fill(request, context) {
      const { name, value, start, end } = request;
      const array = find(name, context);
      const stored = storedPayload(array.type, value);
      return write(array, context, request, () => {
        array.fillAll(stored, start, end);
        return {};
      });
    },

    lock: (request, context) => find(request.name, context).acquire(context, request),

    unlock({ name, token }, context) {
      find(name, context).release(token);
      return {};
    },

    extend({ name, token, leaseMs }, context) {
      find(name, context).extend(token, leaseMs);
      return {};
    },
  };
}

/** Returns the creation step for the array that a request describes; undefined if it does not say type and length. */
function makeOf({ surroundings }: Objects, request: ArrayServiceOpenRequest): Make | undefined {
  if (request.type === undefined) return undefined;
  const type = typecodeNamed(request.type);
  const { initial } = request;
  if (initial === undefined && request.length === undefined) return undefined;
  return (object) => {
    const elements = initial && elementsOfBytes(type, initial);
    arrayOf(surroundings, type, elements?.length ?? lengthOf(type, request)!, elements)(object);
  };
}

export function rebuildArray(array: SharedMemoryArray): RebuildCalls {
  return [openCall(ArrayService.methods.open, array, { type: array.type, initial: bytesOf(array.read()) })];
}
