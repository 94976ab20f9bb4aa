import { canonical } from '../../proto/codec/canonical.js';
import { comparePayloads, fieldOf } from '../../proto/codec/order.js';
import type { Handlers } from '../../proto/contract.js';
import { OutOfRangeError } from '../../proto/errors.js';
import type { ListService } from '../../proto/gen/commonhold/v1/list_wire.js';
import type { Payload } from '../../proto/wire/values.js';
import { keep, keepAll } from './bytes.js';
import { Deque } from './deque.js';
import { SharedObject, type Keyspace, type Kind } from './keyspace.js';
import { LAST_PAGE, Snapshots } from './snapshots.js';

/** A list: Python's list, JavaScript's Array. */
class List extends SharedObject {
  readonly kind = 'list';
  readonly items = new Deque<Payload>();
  readonly snapshots = new Snapshots();

  get size(): number {
    return this.items.length;
  }

  /** The place an index names, negative ones from the end; undefined where there is none. */
  place(index: number): number | undefined {
    const place = index < 0 ? index + this.items.length : index;
    return place >= 0 && place < this.items.length ? place : undefined;
  }

  /** The nearest place between two items, or at an end, to an index. */
  gap(index: number): number {
    return Math.min(Math.max(index < 0 ? index + this.items.length : index, 0), this.items.length);
  }

  /** Index of the first equal item; -1 where there is none. */
  indexOf(value: Payload): number {
    const wanted = canonical(value);
    for (let i = 0; i < this.items.length; i++) if (canonical(this.items.at(i)) === wanted) return i;
    return -1;
  }
}

export const listKind: Kind<List> = { kind: 'list', make: (name) => new List(name) };

export function listHandlers(keyspace: Keyspace): Handlers<typeof ListService> {
  return {
    open: ({ name, exclusive }) => ({ created: keyspace.create(listKind, name, exclusive).created }),

    at({ name, index }, context) {
      const list = keyspace.open(listKind, name, context);
      const place = list.place(index);
      return { value: place === undefined ? undefined : list.items.at(place) };
    },

    set({ name, index, value }, context) {
      const list = keyspace.open(listKind, name, context);
      const place = list.place(index);
      if (place === undefined) {
        throw new OutOfRangeError(`index ${index} of a list of ${list.size}: set() replaces what is there, push() and insert() add`, {
          object: name,
        });
      }
      list.items.set(place, keep(value));
      return {};
    },

    length: ({ name }, context) => ({ length: keyspace.open(listKind, name, context).size }),

    push({ name, values }, context) {
      const { items } = keyspace.open(listKind, name, context);
      items.pushAll(keepAll(values));
      return { length: items.length };
    },

    pop({ name, index }, context) {
      const list = keyspace.open(listKind, name, context);
      if (index === undefined) return { value: list.items.pop() };
      const place = list.place(index);
      return { value: place === undefined ? undefined : list.items.splice(place, 1, [])[0] };
    },

    unshift({ name, values }, context) {
      const { items } = keyspace.open(listKind, name, context);
      items.unshiftAll(keepAll(values));
      return { length: items.length };
    },

    shift: ({ name }, context) => ({ value: keyspace.open(listKind, name, context).items.shift() }),

    insert({ name, index, value }, context) {
      const list = keyspace.open(listKind, name, context);
      list.items.splice(list.gap(index), 0, [keep(value)]);
      return {};
    },

    splice({ name, start, deleteCount, values }, context) {
      const list = keyspace.open(listKind, name, context);
      return { removed: list.items.splice(list.gap(start), deleteCount ?? list.size, keepAll(values)) };
    },

    slice({ name, start, end }, context) {
      const list = keyspace.open(listKind, name, context);
      return { values: list.items.slice(list.gap(start ?? 0), list.gap(end ?? list.size)) };
    },

    indexOf: ({ name, value }, context) => ({ index: keyspace.open(listKind, name, context).indexOf(value) }),

    count({ name, value }, context) {
      const { items } = keyspace.open(listKind, name, context);
      const wanted = canonical(value);
      return { count: items.slice(0, items.length).filter((item) => canonical(item) === wanted).length };
    },

    remove({ name, value }, context) {
      const list = keyspace.open(listKind, name, context);
      const index = list.indexOf(value);
      if (index >= 0) list.items.splice(index, 1, []);
      return { removed: index >= 0 };
    },

    reverse({ name }, context) {
      const { items } = keyspace.open(listKind, name, context);
      items.replace(items.slice(0, items.length).reverse());
      return {};
    },

    sort({ name, descending, by }, context) {
      const { items } = keyspace.open(listKind, name, context);
      items.replace(sorted(items.slice(0, items.length), descending, by));
      return {};
    },

    clear({ name }, context) {
      keyspace.open(listKind, name, context).items.replace([]);
      return {};
    },

    scan({ name, pageToken, pageSize, leave }, context) {
      // Looks only: whoever leaves a list that is gone does not bring it back.
      if (leave) return keyspace.find(listKind, name)?.snapshots.leave(pageToken) ?? LAST_PAGE;
      const { snapshots, items } = keyspace.open(listKind, name, context);
      if (pageToken !== '') return snapshots.next(pageToken, pageSize);
      return snapshots.first(items.slice(0, items.length), pageSize, context.session);
    },
  };
}

/** Sorted stably, also when descending; what has not the field comes last. */
function sorted(items: Payload[], descending: boolean, by: string): Payload[] {
  const keyed = items.map((item) => ({ item, key: by === '' ? item : fieldOf(item, by) }));
  const direction = descending ? -1 : 1;
  keyed.sort((a, b) => {
    if (a.key === undefined || b.key === undefined) return Number(a.key === undefined) - Number(b.key === undefined);
    return direction * comparePayloads(a.key, b.key);
  });
  return keyed.map(({ item }) => item);
}
