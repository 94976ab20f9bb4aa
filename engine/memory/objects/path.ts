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
import { placeIn, taken } from './slots.js';

/** The common fields of all requests. */
interface PathRequest {
  readonly name: string;
  readonly key: Key;
  readonly path: readonly Key[];
}

export function pathHandlers(keyspace: Keyspace, maxMessageBytes: number): Handlers<typeof PathService> {
  const visiting = ({ name, key, path }: PathRequest, context: CallContext): PathCursor =>
    new PathCursor(keyspace.open(dictKind, name, context), key, path, maxMessageBytes);

  return {
    get: (request, context) => ({ value: visiting(request, context).find()?.read() }),

    has: (request, context) => ({ found: visiting(request, context).find()?.has() ?? false }),

    size(request, context) {
      const visit = visiting(request, context);
      const value = visit.find()?.get() ?? undefined;
      if (value === undefined) return { size: undefined };
      if (typeof value === 'string') return { size: value.length };
      const size = SIZES[kindAt(value)]?.(value);
      if (size === undefined) throw visit.unfit('size', value, 'a container or a text');
      return { size };
    },

    keys(request, context) {
      const visit = visiting(request, context);
      const value = visit.find()?.get() ?? undefined;
      if (value === undefined) return { found: false, keys: [] };
      const kind = kindAt(value);
      if (kind !== 'object' && kind !== 'map') throw visit.unfit('keys', value, 'an object or a Map');
      const keys: Payload[] = [];
      let bytes = 0;
      for (const key of kind === 'map' ? (value as Map<unknown, unknown>).keys() : Object.keys(value)) {
        const payload = encodePayload(key);
        // Parts that several keys share are counted for each, because each response has them in full, so the keys may be far larger than
        // the value.
        if ((bytes += payload.length) > maxMessageBytes)
          throw new PayloadTooLargeError(`keys: all keys at ${visit.where()} together exceed a message`);
        keys.push(payload);
      }
      return { found: true, keys };
    },

    includes(request, context) {
      const visit = visiting(request, context);
      const elements = elementsAt(visit, 'includes');
      return { found: [...elements].some(visit.root.comparer(request.value)) };
    },

    set(request, context) {
      const visit = visiting(request, context);
      visit.reach().write(request.value);
      visit.store();
      return {};
    },

    delete(request, context) {
      const visit = visiting(request, context);
      const deleted = visit.find()?.delete() ?? false;
      visit.store();
      return { deleted };
    },

    getOrInsert(request, context) {
      const visit = visiting(request, context);
      const present = visit.find()?.read();
      if (present !== undefined) return { value: present, inserted: false };
      const place = visit.reach();
      place.write(request.value);
      visit.store();
      return { value: place.read()!, inserted: true };
    },

    add(request, context) {
      const visit = visiting(request, context);
      const place = visit.reach();
      place.write(sum(place.read(), request.delta));
      visit.store();
      return { value: place.read()! };
    },

    compareAndSet({ expected, next, ...request }, context) {
      const visit = visiting(request, context);
      const present = visit.find()?.get();
      const holds = expected === undefined || present === undefined ? expected === present : visit.root.comparer(expected)(present);
      if (!holds) return { swapped: false };
      if (next === undefined) visit.find()?.delete();
      else visit.reach().write(next);
      visit.store();
      return { swapped: true };
    },

    assign({ entries, ...request }, context) {
      const visit = visiting(request, context);
      const container = orNew(visit, () => ({}));
      const kind = kindAt(container);
      if (kind !== 'object' && kind !== 'map') throw visit.unfit('assign', container, 'an object or a Map');
      for (const { key, value } of entries) placeIn(visit.root, container, key, () => visit.where()).write(value);
      visit.store();
      return {};
    },

    push({ values, ...request }, context) {
      const visit = visiting(request, context);
      const array = arrayOrNew(visit, 'push');
      for (const value of values) array.push(taken(value));
      if (values.length > 0) visit.root.changed();
      visit.store();
      return { length: array.length };
    },

    insert({ index, values, ...request }, context) {
      const visit = visiting(request, context);
      const array = arrayOrNew(visit, 'insert');
      const { length } = array;
      const gap = Math.min(Math.max(index < 0 ? index + length : index, 0), length);
      // Not splice: it takes the values as arguments on the stack, which overflows with very many.
      array.length += values.length;
      array.copyWithin(gap + values.length, gap, length);
      for (const [i, value] of values.entries()) array[gap + i] = taken(value);
      if (values.length > 0) visit.root.changed();
      visit.store();
      return { length: array.length };
    },

    pop({ index = -1, ...request }, context) {
      const visit = visiting(request, context);
      const array = visit.find()?.get() ?? undefined;
      if (array === undefined) return { value: undefined };
      if (!isArray(array)) throw visit.unfit('pop', array, 'an array');
      const place = index < 0 ? index + array.length : index;
      if (place < 0 || place >= array.length) return { value: undefined };
      const [removed] = array.splice(place, 1);
      const value = removed === undefined ? undefined : visit.root.encode(removed);
      visit.root.changed();
      visit.store();
      return { value };
    },

    remove(request, context) {
      const visit = visiting(request, context);
      const elements = elementsAt(visit, 'remove');
      const all = [...elements];
      const index = all.findIndex(visit.root.comparer(request.value));
      if (index < 0) return { removed: false };
      if (isArray(elements)) elements.splice(index, 1);
      else elements.delete(all[index]);
      visit.root.changed();
      visit.store();
      return { removed: true };
    },

    addMembers({ values, ...request }, context) {
      const visit = visiting(request, context);
      const set = orNew(visit, () => new Set());
      if (!isSet(set)) throw visit.unfit('addMembers', set, 'a Set');
      const forms = new Set(Array.from(set, (member) => visit.root.form(member)));
      const { size } = set;
      for (const value of values) {
        const form = canonical(value);
        if (forms.has(form)) continue;
        forms.add(form);
        set.add(taken(value));
      }
      if (set.size > size) visit.root.changed();
      visit.store();
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
function orNew(visit: PathCursor, make: () => unknown): unknown {
  const place = visit.reach();
  if (place.get() === undefined) place.put(make());
  return place.get();
}

function arrayOrNew(visit: PathCursor, operation: string): unknown[] {
  const array = orNew(visit, () => []);
  if (isArray(array)) return array;
  throw visit.unfit(operation, array, 'an array');
}

/** Returns the elements or members at the path; none if there is no value. */
function elementsAt(visit: PathCursor, operation: string): unknown[] | Set<unknown> {
  const elements = visit.find()?.get() ?? [];
  if (isArray(elements) || isSet(elements)) return elements;
  throw visit.unfit(operation, elements, 'an array or a Set');
}
