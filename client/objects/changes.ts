import { ManagerError } from '../../proto/errors.js';
import type { DictChange as DictChangeWire } from '../../proto/gen/commonhold/v1/dict_wire.js';
import type { ListChange as ListChangeWire } from '../../proto/gen/commonhold/v1/list_wire.js';
import type { Key, Payload } from '../../proto/wire/values.js';
import type { Frozen } from './frozen.js';

/** What every change has. */
interface Changed {
  /** Only grows, also from an object to the next one of its name. A later watch can go on from it: see `from`. */
  readonly revision: number;
}

/**
 * One change of a dict. `set`: the key has this value now. `delete`, `expire`: the key was removed, by someone or
 * because its time was over. `clear`: all keys were removed. `destroy`: the dict is gone; nothing follows.
 */
export type DictChange<K extends Key = Key, V = unknown> = Changed &
  (
    | { readonly type: 'set'; readonly key: K; readonly value: Frozen<V> }
    | { readonly type: 'delete' | 'expire'; readonly key: K; readonly value?: undefined }
    | { readonly type: 'clear' | 'destroy'; readonly key?: undefined; readonly value?: undefined }
  );

/** Where a change of a list happened. */
interface Spanned extends Changed {
  /** Of the first item that it concerns. */
  readonly index: number;
  /** How many items it concerns. */
  readonly count: number;
}

/**
 * One change of a list; done in their order to a copy, they make it what the list is. `insert`: `values` came in
 * before what was at `index`. `set`: the item at `index` is `values[0]` now. `delete`: `count` items from `index`
 * on went. `clear`: all items went. `reorder`: at each place is now the item that was at the place `order` says,
 * `copy = order.map((place) => copy[place])`. `destroy`: the list is gone; nothing follows.
 */
export type ListChange<V = unknown> = Spanned &
  (
    | { readonly type: 'insert' | 'set'; readonly values: Frozen<V>[]; readonly order?: undefined }
    | { readonly type: 'reorder'; readonly order: number[]; readonly values?: undefined }
    | { readonly type: 'delete' | 'clear' | 'destroy'; readonly values?: undefined; readonly order?: undefined }
  );

/** Types of changes by their numbers, from 1 on. */
const DICT_TYPES = ['set', 'delete', 'expire', 'clear', 'destroy'] as const;
const LIST_TYPES = ['insert', 'set', 'delete', 'clear', 'reorder', 'destroy'] as const;

/** A change of a dict as users see it. */
export function dictChange<K extends Key, V>(change: DictChangeWire, decode: (payload: Payload) => unknown): DictChange<K, V> {
  const { revision } = change;
  const key = change.key as K;
  const type = DICT_TYPES[change.type - 1];
  switch (type) {
    case 'set':
      return { type, key, value: decode(change.value!) as Frozen<V>, revision };
    case 'delete':
    case 'expire':
      return { type, key, revision };
    case 'clear':
    case 'destroy':
      return { type, revision };
    default:
      throw unknownType(change.type);
  }
}

/** A change of a list as users see it. */
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
