import { equalPayloads } from '../../../proto/codec/equal.js';
import type { CallContext, Handlers } from '../../../proto/contract.js';
import { LimitExceededError, OutOfRangeError, PayloadTooLargeError } from '../../../proto/errors.js';
import {
  ListService,
  type ListServiceCountRequest,
  type ListServiceIndexOfRequest,
  type ListServiceSortRequest,
} from '../../../proto/gen/commonhold/v1/list_wire.js';
import type { Method } from '../../../proto/wire/codec.js';
import type { Payload } from '../../../proto/wire/values.js';
import { compact, compactAll } from '../collections/bytes.js';
import type { Keyspace } from '../lifetime/keyspace.js';
import { LAST_PAGE } from '../../core/snapshots.js';
import { destroyedAt, listKind, type MemoryList } from './list.js';
import { sortedPlaces, SortedPlaces } from '../../core/sorting.js';
import { finished, type Steps } from '../../core/steps.js';
import type { Preparation, Prepare } from '../locking/long-calls.js';
import { watchChanges } from '../watching/watch.js';

export function listHandlers(keyspace: Keyspace): Handlers<typeof ListService> {
  return {
    open: (request, context) => ({ created: keyspace.create(listKind, request, context).created }),

    at({ name, index }, context) {
      const list = keyspace.open(listKind, name, context);
      const place = list.place(index);
      return { value: place === undefined ? undefined : list.at(place) };
    },

    set({ name, index, value }, context) {
      const list = keyspace.open(listKind, name, context);
      const place = list.place(index);
      if (place === undefined) {
        throw new OutOfRangeError(`index ${index} of a list of ${list.size}: set() replaces what is there, push() and insert() add`, {
          object: name,
        });
      }
      list.set(place, compact(value));
      return {};
    },

    compareAndSet({ name, index, expected, next }, context) {
      const list = keyspace.open(listKind, name, context);
      const place = list.place(index);
      if (place === undefined || !equalPayloads(list.at(place), expected)) return { swapped: false };
      list.set(place, compact(next));
      return { swapped: true };
    },

    length: ({ name }, context) => ({ length: keyspace.open(listKind, name, context).size }),

    push({ name, values }, context) {
      const list = keyspace.open(listKind, name, context);
      list.push(compactAll(values));
      return { length: list.size };
    },

    pop({ name, index }, context) {
      const list = keyspace.open(listKind, name, context);
      if (index === undefined) return { value: list.pop() };
      const place = list.place(index);
      return { value: place === undefined ? undefined : list.splice(place, 1, [])[0] };
    },

    unshift({ name, values }, context) {
      const list = keyspace.open(listKind, name, context);
      list.unshift(compactAll(values));
      return { length: list.size };
    },

    shift: ({ name }, context) => ({ value: keyspace.open(listKind, name, context).shift() }),

    insert({ name, index, value }, context) {
      const list = keyspace.open(listKind, name, context);
      list.splice(list.gap(index), 0, [compact(value)]);
      return {};
    },

    splice({ name, start, deleteCount, values }, context) {
      const list = keyspace.open(listKind, name, context);
      const from = list.gap(start);
      const count = deleteCount ?? list.size;
      const bytes = list.slice(from, Math.min(from + count, list.size)).reduce((sum, item) => sum + item.length, 0);
      const { maxMessageBytes } = keyspace.limits;
      // Items that would not fit into a response are not removed.
      if (bytes > maxMessageBytes) {
        throw new PayloadTooLargeError(
          `the items to remove have ${bytes} bytes, and messages at most ${maxMessageBytes}: remove fewer at once`,
          {
            object: name,
          },
        );
      }
      return { removed: list.splice(from, count, compactAll(values)) };
    },

    slice({ name, start, end }, context) {
      const list = keyspace.open(listKind, name, context);
      return { values: list.slice(list.gap(start ?? 0), list.gap(end ?? list.size)) };
    },

    indexOf({ name, value }, context) {
      const list = keyspace.open(listKind, name, context);
      return { index: indexOf(list, value, context) };
    },

    count({ name, value }, context) {
      const list = keyspace.open(listKind, name, context);
      return { count: (context.prepared as number | undefined) ?? finished(list.count(value)) };
    },

    remove({ name, value }, context) {
      const list = keyspace.open(listKind, name, context);
      const index = indexOf(list, value, context);
      if (index >= 0) list.splice(index, 1, []);
      return { removed: index >= 0 };
    },

    reverse({ name }, context) {
      const list = keyspace.open(listKind, name, context);
      const order = new Uint32Array(list.size);
      for (let place = 0; place < order.length; place++) order[place] = order.length - 1 - place;
      list.reorder(order);
      return {};
    },

    sort({ name, descending, by }, context) {
      const list = keyspace.open(listKind, name, context);
      if (list.bytes > MOST_SORTED_BYTES) throw tooLargeToSort(list);
      list.reorder((context.prepared as Uint32Array | undefined) ?? sortedPlaces(list.all(), descending, by));
      return {};
    },

    clear({ name }, context) {
      keyspace.open(listKind, name, context).clear();
      return {};
    },

    scan({ name, pageToken, pageSize, leave }, context) {
      // Only looks the list up: to leave a list that has ended must not make a new one.
      if (leave) return keyspace.find(listKind, name)?.snapshots.leave(pageToken) ?? LAST_PAGE;
      const list = keyspace.open(listKind, name, context);
      if (pageToken !== '') return list.snapshots.next(pageToken, pageSize);
      return list.snapshots.first(list.all(), pageSize, context.session);
    },

    watch: (request, context) => watchChanges(keyspace, listKind, request, ALL, context),
  };
}

function indexOf(list: MemoryList, value: Payload, { prepared }: CallContext): number {
  return (prepared as number | undefined) ?? finished(list.indexOf(value));
}

/** The work that goes before long calls. */
export function listPreparations(keyspace: Keyspace): [Method, Prepare][] {
  const search = ({ name, value }: ListServiceIndexOfRequest): Preparation | undefined => {
    const list = keyspace.find(listKind, name);
    return list !== undefined && list.bytes > SOON_SEARCHED_BYTES ? { objects: [list], steps: list.indexOf(value) } : undefined;
  };
  const count = ({ name, value }: ListServiceCountRequest): Preparation | undefined => {
    const list = keyspace.find(listKind, name);
    return list !== undefined && list.bytes > SOON_SEARCHED_BYTES ? { objects: [list], steps: list.count(value) } : undefined;
  };
  const sort = ({ name, descending, by }: ListServiceSortRequest): Preparation | undefined => {
    const list = keyspace.find(listKind, name);
    const isLong = list !== undefined && list.bytes > SOON_SORTED_BYTES && list.bytes <= MOST_SORTED_BYTES;
    return isLong ? { objects: [list], steps: orderOf(list, descending, by) } : undefined;
  };
  const { indexOf, remove } = ListService.methods;
  return [
    [indexOf, search],
    [remove, search],
    [ListService.methods.count, count],
    [ListService.methods.sort, sort],
  ];
}

function* orderOf(list: MemoryList, descending: boolean, by: string): Steps<Uint32Array> {
  return yield* new SortedPlaces(descending, by).steps(list.all());
}

/** Limit of the bytes of a list that is searched at once, which takes some milliseconds. */
const SOON_SEARCHED_BYTES = 1024 * 1024;

/** Limit of the bytes of a list that is sorted at once, which takes some milliseconds. */
const SOON_SORTED_BYTES = 64 * 1024;

/** Limit of the bytes of a list that the manager sorts. Takes up to 0.2 s for each MiB. */
const MOST_SORTED_BYTES = 16 * 1024 * 1024;

function tooLargeToSort({ name, bytes }: MemoryList): LimitExceededError {
  return new LimitExceededError(
    `the manager sorts lists of at most ${MOST_SORTED_BYTES} bytes, since other calls on it wait meanwhile, and "${name}" has ${bytes}: ` +
      'sort it in the program',
    { object: name, retryable: false },
  );
}

/** A watch of a list reports all changes. */
const ALL = { concerns: () => true, destroyed: destroyedAt };
