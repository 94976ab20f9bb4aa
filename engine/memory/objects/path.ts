import { canonical } from '../../../proto/codec/canonical.js';
import { kindOf, type ValueKind } from '../../../proto/codec/kinds.js';
import { encodePayload } from '../../../proto/codec/payload.js';
import type { CallContext, Handlers } from '../../../proto/contract.js';
import { PayloadTooLargeError } from '../../../proto/errors.js';
import type { PathService } from '../../../proto/gen/commonhold/v1/path_wire.js';
import type { Key, Payload } from '../../../proto/wire/values.js';
import { sum } from '../../core/arithmetic.js';
import { dictKind } from './dict.js';
import type { Keyspace } from '../lifetime/keyspace.js';
import { PathCursor } from './path-cursor.js';
import { slotIn, storable } from './slots.js';

/** The common fields of all requests. */
interface PathRequest {
  readonly name: string;
  readonly key: Key;
  readonly path: readonly Key[];
}

export function pathHandlers(keyspace: Keyspace): Handlers<typeof PathService> {
  const cursorAt = ({ name, key, path }: PathRequest, context: CallContext): PathCursor =>
    new PathCursor(keyspace.open(dictKind, name, context), key, path, keyspace.limits.maxMessageBytes);

  return {
    get: (request, context) => ({ value: cursorAt(request, context).find()?.read() }),

    has: (request, context) => ({ found: cursorAt(request, context).find()?.has() ?? false }),

    size(request, context) {
      const cursor = cursorAt(request, context);
      const value = cursor.find()?.get() ?? undefined;
      if (value === undefined) return { size: undefined };
      if (typeof value === 'string') return { size: value.length };
      const size = SIZES[kindAt(value)]?.(value);
      if (size === undefined) throw cursor.unfit('size', value, 'a container or a text');
      return { size };
    },

    keys(request, context) {
      const cursor = cursorAt(request, context);
      const value = cursor.find()?.get() ?? undefined;
      if (value === undefined) return { found: false, keys: [] };
      const kind = kindAt(value);
      if (kind !== 'object' && kind !== 'map') throw cursor.unfit('keys', value, 'an object or a Map');
      const keys: Payload[] = [];
      let bytes = 0;
      for (const key of kind === 'map' ? (value as Map<unknown, unknown>).keys() : Object.keys(value)) {
        const payload = encodePayload(key);
        // Parts that several keys share are counted for each, because each response has them in full, so the keys may be far larger than
        // the value.
        if ((bytes += payload.length) > keyspace.limits.maxMessageBytes)
          throw new PayloadTooLargeError(`keys: all keys at ${cursor.where()} together exceed a message`, { object: request.name });
        keys.push(payload);
      }
      return { found: true, keys };
    },

    includes(request, context) {
      const cursor = cursorAt(request, context);
      const elements = elementsAt(cursor, 'includes');
      return { found: [...elements].some(cursor.root.comparer(request.value)) };
    },

    set(request, context) {
      const cursor = cursorAt(request, context);
      cursor.reach().write(request.value);
      cursor.store();
      return {};
    },

    delete(request, context) {
      const cursor = cursorAt(request, context);
      const deleted = cursor.find()?.delete() ?? false;
      cursor.store();
      return { deleted };
    },

    getOrInsert(request, context) {
      const cursor = cursorAt(request, context);
      const present = cursor.find()?.read();
      if (present !== undefined) return { value: present, inserted: false };
      const slot = cursor.reach();
      slot.write(request.value);
      cursor.store();
      return { value: slot.read()!, inserted: true };
    },

    add(request, context) {
      const cursor = cursorAt(request, context);
      const slot = cursor.reach();
      slot.write(sum(slot.read(), request.delta));
      cursor.store();
      return { value: slot.read()! };
    },

    compareAndSet({ expected, next, ...request }, context) {
      const cursor = cursorAt(request, context);
      const present = cursor.find()?.get();
      const holds = expected === undefined || present === undefined ? expected === present : cursor.root.comparer(expected)(present);
      if (!holds) return { swapped: false };
      if (next === undefined) cursor.find()?.delete();
      else cursor.reach().write(next);
      cursor.store();
      return { swapped: true };
    },

    assign({ entries, ...request }, context) {
      const cursor = cursorAt(request, context);
      const container = orNew(cursor, () => ({}));
      const kind = kindAt(container);
      if (kind !== 'object' && kind !== 'map') throw cursor.unfit('assign', container, 'an object or a Map');
      for (const { key, value } of entries) slotIn(cursor.root, container, key, () => cursor.where()).write(value);
      cursor.store();
      return {};
    },

    push({ values, ...request }, context) {
      const cursor = cursorAt(request, context);
      const array = arrayOrNew(cursor, 'push');
      for (const value of values) array.push(storable(value));
      if (values.length > 0) cursor.root.changed();
      cursor.store();
      return { length: array.length };
    },

    insert({ index, values, ...request }, context) {
      const cursor = cursorAt(request, context);
      const array = arrayOrNew(cursor, 'insert');
      const { length } = array;
      const gap = Math.min(Math.max(index < 0 ? index + length : index, 0), length);
      // Not splice: it takes the values as arguments on the stack, which overflows with very many.
      array.length += values.length;
      array.copyWithin(gap + values.length, gap, length);
      for (const [i, value] of values.entries()) array[gap + i] = storable(value);
      if (values.length > 0) cursor.root.changed();
      cursor.store();
      return { length: array.length };
    },

    pop({ index = -1, ...request }, context) {
      const cursor = cursorAt(request, context);
      const array = cursor.find()?.get() ?? undefined;
      if (array === undefined) return { value: undefined };
      if (!isArray(array)) throw cursor.unfit('pop', array, 'an array');
      const place = index < 0 ? index + array.length : index;
      if (place < 0 || place >= array.length) return { value: undefined };
      const [removed] = array.splice(place, 1);
      const value = removed === undefined ? undefined : cursor.root.encode(removed);
      cursor.root.changed();
      cursor.store();
      return { value };
    },

    remove(request, context) {
      const cursor = cursorAt(request, context);
      const elements = elementsAt(cursor, 'remove');
      const all = [...elements];
      const index = all.findIndex(cursor.root.comparer(request.value));
      if (index < 0) return { removed: false };
      if (isArray(elements)) elements.splice(index, 1);
      else elements.delete(all[index]);
      cursor.root.changed();
      cursor.store();
      return { removed: true };
    },

    addMembers({ values, ...request }, context) {
      const cursor = cursorAt(request, context);
      const set = orNew(cursor, () => new Set());
      if (!isSet(set)) throw cursor.unfit('addMembers', set, 'a Set');
      const forms = new Set(Array.from(set, (member) => cursor.root.form(member)));
      const { size } = set;
      for (const value of values) {
        const form = canonical(value);
        if (forms.has(form)) continue;
        forms.add(form);
        set.add(storable(value));
      }
      if (set.size > size) cursor.root.changed();
      cursor.store();
      return { added: set.size - size };
    },
  };
}

/** Number of parts, by kind of container. */
const SIZES: Partial<Record<ValueKind | 'scalar', (value: object) => number | undefined>> = {
  object: (object) => Object.keys(object).length,
  array: (array) => (array as unknown[]).length,
  map: (map) => (map as Map<unknown, unknown>).size,
  set: (set) => (set as Set<unknown>).size,
  // Undefined for a DataView.
  view: (view) => (view as Partial<ArrayLike<unknown>>).length,
};

function kindAt(value: unknown): ValueKind | 'scalar' {
  return typeof value === 'object' && value !== null ? kindOf(value) : 'scalar';
}

function isArray(value: unknown): value is unknown[] {
  return kindAt(value) === 'array';
}

function isSet(value: unknown): value is Set<unknown> {
  return kindAt(value) === 'set';
}

/** Returns the value at the path. Stores a new one first if there is none. */
function orNew(cursor: PathCursor, make: () => unknown): unknown {
  const slot = cursor.reach();
  if (slot.get() === undefined) slot.put(make());
  return slot.get();
}

function arrayOrNew(cursor: PathCursor, operation: string): unknown[] {
  const array = orNew(cursor, () => []);
  if (isArray(array)) return array;
  throw cursor.unfit(operation, array, 'an array');
}

/** Returns the elements or members at the path; none if there is no value. */
function elementsAt(cursor: PathCursor, operation: string): unknown[] | Set<unknown> {
  const elements = cursor.find()?.get() ?? [];
  if (isArray(elements) || isSet(elements)) return elements;
  throw cursor.unfit(operation, elements, 'an array or a Set');
}
