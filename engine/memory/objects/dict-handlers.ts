import { mapKey } from '../../../proto/codec/key.js';
import type { Handlers } from '../../../proto/contract.js';
import type { DictChange, DictService } from '../../../proto/gen/commonhold/v1/dict_wire.js';
import type { Key } from '../../../proto/wire/values.js';
import { sum, sums } from '../../core/arithmetic.js';
import { compact } from '../collections/bytes.js';
import { destroyedAt, dictKind } from './dict.js';
import type { Keyspace } from '../lifetime/keyspace.js';
import { toWire } from '../collections/ordered-map.js';
import { PAGE_BYTES, pageSize, pageToken, parsePageToken } from '../../core/page.js';
import { watchChanges, type Telling } from '../watching/watch.js';

export function dictHandlers(keyspace: Keyspace): Handlers<typeof DictService> {
  return {
    open: (request, context) => ({ created: keyspace.create(dictKind, request, context).created }),

    get: ({ name, key }, context) => ({ value: keyspace.open(dictKind, name, context).get(key) }),

    getMany({ name, keys }, context) {
      const { entries } = keyspace.open(dictKind, name, context);
      const found = keys.map((key) => entries.get(key)).filter((entry) => entry !== undefined);
      return { entries: found.map(toWire) };
    },

    set({ name, key, value, ttlMs, fence }, context) {
      const dict = keyspace.open(dictKind, name, context);
      if (fence !== undefined) keyspace.checkFence(fence, name);
      dict.set(key, compact(value), ttlMs);
      return NOTHING;
    },

    setMany({ name, entries }, context) {
      const dict = keyspace.open(dictKind, name, context);
      for (const { key, value } of entries) dict.set(key, compact(value));
      return NOTHING;
    },

    has: ({ name, key }, context) => ({ found: keyspace.open(dictKind, name, context).get(key) !== undefined }),

    delete: ({ name, key }, context) => ({ deleted: keyspace.open(dictKind, name, context).delete(key) !== undefined }),

    deleteMany({ name, keys }, context) {
      const dict = keyspace.open(dictKind, name, context);
      let deleted = 0;
      for (const key of keys) if (dict.delete(key) !== undefined) deleted++;
      return { deleted };
    },

    size: ({ name }, context) => ({ size: keyspace.open(dictKind, name, context).size }),

    clear({ name }, context) {
      keyspace.open(dictKind, name, context).clear();
      return NOTHING;
    },

    getOrInsert({ name, key, value }, context) {
      const dict = keyspace.open(dictKind, name, context);
      const found = dict.get(key);
      if (found !== undefined) return { value: found, inserted: false };
      const kept = compact(value);
      dict.set(key, kept);
      return { value: kept, inserted: true };
    },

    pop: ({ name, key }, context) => ({ value: keyspace.open(dictKind, name, context).delete(key) }),

    popItem({ name }, context) {
      const entry = keyspace.open(dictKind, name, context).pop();
      return { entry: entry && toWire(entry) };
    },

    add({ name, key, delta }, context) {
      const dict = keyspace.open(dictKind, name, context);
      const value = compact(sum(dict.get(key), delta));
      dict.replace(key, value);
      return { value };
    },

    addMany({ name, deltas }, context) {
      const dict = keyspace.open(dictKind, name, context);
      dict.replaceMany(sums((key) => dict.get(key), deltas));
      return NOTHING;
    },

    compareAndSet: ({ name, key, expected, next }, context) => ({
      swapped: keyspace.open(dictKind, name, context).compareAndSet(key, expected, next),
    }),

    scan({ name, pageToken: token, pageSize: asked, keysOnly }, context) {
      const { entries } = keyspace.open(dictKind, name, context);
      const [after, until] = parsePageToken(token) ?? [0, entries.sequence];
      const page = entries.page(after, until, pageSize(asked), PAGE_BYTES);
      const last = page.at(-1)?.sequence ?? until;
      return {
        entries: page.map(toWire).map((entry) => (keysOnly ? { key: entry.key, value: '' } : entry)),
        nextPageToken: last < until ? pageToken(last, until) : '',
      };
    },

    snapshot({ name }, context) {
      const { entries } = keyspace.open(dictKind, name, context);
      return { entries: entries.page(0, entries.sequence, entries.size).map(toWire) };
    },

    watch(request, context) {
      return watchChanges(keyspace, dictKind, request, request.key === undefined ? ALL : changesOf(request.key), context);
    },
  };
}

const NOTHING = {};

/** The changes of all keys. */
const ALL: Telling<DictChange> = { concerns: () => true, destroyed: destroyedAt };

/** Chooses the changes of one key, and of the whole dict. */
function changesOf(key: Key): Telling<DictChange> {
  const wanted = mapKey(key);
  const concerns = (change: DictChange): boolean => change.key === undefined || Object.is(mapKey(change.key), wanted);
  return { concerns, chosen: wanted, destroyed: destroyedAt };
}
