import { ManagerError } from '../../proto/errors.js';
import type { DictChange as DictChangeWire } from '../../proto/gen/commonhold/v1/dict_wire.js';
import type { ListChange as ListChangeWire } from '../../proto/gen/commonhold/v1/list_wire.js';
import type { Key, Payload } from '../../proto/wire/values.js';
import type { Frozen } from './frozen.js';

/** Fields of all changes. */
interface Changed {
  /** Number of the change, which only grows, also across successive objects of one name. A later watch can resume after it: see `from`. */
  readonly revision: number;
}

/**
 * A change of a dict. `set`: the key has this value now. `delete`, `expire`, `evict`: the key was removed, by a call, because its time to
 * live ended, or because the dict had more entries than its `maxEntries`. `clear`: all keys were removed. `destroy`: the dict was destroyed; nothing follows.
 */
export type DictChange<K extends Key = Key, V = unknown> = Changed &
  (
    | { readonly type: 'set'; readonly key: K; readonly value: Frozen<V> }
    | { readonly type: 'delete' | 'expire' | 'evict'; readonly key: K; readonly value?: undefined }
    | { readonly type: 'clear' | 'destroy'; readonly key?: undefined; readonly value?: undefined }
  );

/** Position of a change in a list. */
interface Spanned extends Changed {
  /** Index of the first item concerned. */
  readonly index: number;
  /** Number of items concerned. */
  readonly count: number;
}

/**
 * A change of a list; a copy of the list stays equal to it by applying the changes in order. `insert`: `values` were inserted before
 * `index`. `set`: the item at `index` is `values[0]` now. `delete`: `count` items from `index` on were removed. `clear`: all items were
 * removed. `reorder`: each place now has the item of the place given by `order`: `copy = order.map((place) => copy[place])`. `destroy`: the
 * list was destroyed; nothing follows.
 */
export type ListChange<V = unknown> = Spanned &
  (
    | { readonly type: 'insert' | 'set'; readonly values: Frozen<V>[]; readonly order?: undefined }
    | { readonly type: 'reorder'; readonly order: number[]; readonly values?: undefined }
    | { readonly type: 'delete' | 'clear' | 'destroy'; readonly values?: undefined; readonly order?: undefined }
  );

/** Types of changes, by their numbers on the wire from 1 on. */
const DICT_TYPES = ['set', 'delete', 'expire', 'clear', 'destroy', 'evict'] as const;
const LIST_TYPES = ['insert', 'set', 'delete', 'clear', 'reorder', 'destroy'] as const;

/** Converts a change of a dict for users. */
export function dictChange<K extends Key, V>(change: DictChangeWire, decode: (payload: Payload) => unknown): DictChange<K, V> {
  const { revision } = change;
  const key = change.key as K;
  const type = DICT_TYPES[change.type - 1];
  switch (type) {
    case 'set':
      return { type, key, value: decode(change.value!) as Frozen<V>, revision };
    case 'delete':
    case 'expire':
    case 'evict':
      return { type, key, revision };
    case 'clear':
    case 'destroy':
      return { type, revision };
    default:
      throw unknownType(change.type);
  }
}

/** Converts a change of a list for users. */
export function listChange<V>(change: ListChangeWire, decode: (payload: Payload) => unknown): ListChange<V> {
  const { index, count, order, revision } = change;
  const type = LIST_TYPES[change.type - 1];
  switch (type) {
    case 'insert':
    case 'set':
      return { type, index, count, values: change.values.map((value) => decode(value) as Frozen<V>), revision };
    case 'reorder':
      return { type, index, count, order, revision };
    case 'delete':
    case 'clear':
    case 'destroy':
      return { type, index, count, revision };
    default:
      throw unknownType(change.type);
  }
}

function unknownType(type: number): ManagerError {
  return new ManagerError(`a change of the type ${type}, which this version does not know: use versions of the same release`);
}
