import type { Handlers } from '../../proto/contract.js';
import type { DictService } from '../../proto/gen/commonhold/v1/dict_wire.js';
import { sum } from './arithmetic.js';
import { keep } from './bytes.js';
import { SharedObject, type Keyspace, type Kind } from './keyspace.js';
import { OrderedMap, travelling } from './ordered-map.js';
import { PAGE_BYTES, pageSize, pageToken, parsePageToken } from './page.js';

/** A dict: Python's dict, JavaScript's Map. */
class Dict extends SharedObject {
  readonly kind = 'dict';
  readonly entries = new OrderedMap();

  get size(): number {
    return this.entries.size;
  }
}

export const dictKind: Kind<Dict> = { kind: 'dict', make: (name) => new Dict(name) };

export function dictHandlers(keyspace: Keyspace): Handlers<typeof DictService> {
  return {
    open: ({ name, exclusive }) => ({ created: keyspace.create(dictKind, name, exclusive).created }),

    get: ({ name, key }, context) => ({ value: keyspace.open(dictKind, name, context).entries.get(key)?.value }),

    getMany({ name, keys }, context) {
      const { entries } = keyspace.open(dictKind, name, context);
      const found = keys.map((key) => entries.get(key)).filter((entry) => entry !== undefined);
      return { entries: found.map(travelling) };
    },

    set({ name, key, value }, context) {
      keyspace.open(dictKind, name, context).entries.set(key, keep(value));
      return NOTHING;
    },

    setMany({ name, entries }, context) {
      const dict = keyspace.open(dictKind, name, context);
      for (const { key, value } of entries) dict.entries.set(key, keep(value));
      return NOTHING;
    },

    has: ({ name, key }, context) => ({ found: keyspace.open(dictKind, name, context).entries.get(key) !== undefined }),

    delete: ({ name, key }, context) => ({ deleted: keyspace.open(dictKind, name, context).entries.delete(key) !== undefined }),

    deleteMany({ name, keys }, context) {
      const { entries } = keyspace.open(dictKind, name, context);
      let deleted = 0;
      for (const key of keys) if (entries.delete(key) !== undefined) deleted++;
      return { deleted };
    },

    size: ({ name }, context) => ({ size: keyspace.open(dictKind, name, context).size }),

    clear({ name }, context) {
      keyspace.open(dictKind, name, context).entries.clear();
      return NOTHING;
    },

    getOrInsert({ name, key, value }, context) {
      const { entries } = keyspace.open(dictKind, name, context);
      const found = entries.get(key);
      if (found) return { value: found.value, inserted: false };
      const kept = keep(value);
      entries.set(key, kept);
      return { value: kept, inserted: true };
    },

    pop: ({ name, key }, context) => ({ value: keyspace.open(dictKind, name, context).entries.delete(key) }),

    popItem({ name }, context) {
      const entry = keyspace.open(dictKind, name, context).entries.pop();
      return { entry: entry && travelling(entry) };
    },

    add({ name, key, delta }, context) {
      const { entries } = keyspace.open(dictKind, name, context);
      const value = keep(sum(entries.get(key)?.value, delta));
      entries.set(key, value);
      return { value };
    },

    compareAndSet: ({ name, key, expected, next }, context) => ({
      swapped: keyspace.open(dictKind, name, context).entries.compareAndSet(key, expected, next),
    }),

    scan({ name, pageToken: token, pageSize: asked, keysOnly }, context) {
      const { entries } = keyspace.open(dictKind, name, context);
      const [after, until] = parsePageToken(token) ?? [0, entries.sequence];
      const page = entries.page(after, until, pageSize(asked), PAGE_BYTES);
      const last = page.at(-1)?.sequence ?? until;
      return {
        entries: page.map(travelling).map((entry) => (keysOnly ? { key: entry.key, value: '' } : entry)),
        nextPageToken: last < until ? pageToken(last, until) : '',
      };
    },

    snapshot({ name }, context) {
      const { entries } = keyspace.open(dictKind, name, context);
      return { entries: entries.page(0, entries.sequence, entries.size).map(travelling) };
    },
  };
}

const NOTHING = {};
