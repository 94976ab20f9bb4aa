import { mapKey, textsWith } from '../../../proto/codec/key.js';
import type { Handlers } from '../../../proto/contract.js';
import { InvalidArgumentError, OptionsConflictError } from '../../../proto/errors.js';
import type { DictChange, DictService } from '../../../proto/gen/commonhold/v1/dict_wire.js';
import type { Key } from '../../../proto/wire/values.js';
import { sum, sums } from '../../core/arithmetic.js';
import { compact } from '../collections/bytes.js';
import { destroyedAt, dictKind, MemoryDict } from './dict.js';
import type { Keyspace } from '../lifetime/keyspace.js';
import { toWire } from '../collections/ordered-map.js';
import { PAGE_BYTES, pageSize, pageToken, parsePageToken } from '../../core/page.js';
import { watchChanges, type Telling } from '../watching/watch.js';

export function dictHandlers(keyspace: Keyspace): Handlers<typeof DictService> {
  return {
    open(request, context) {
      const { name, maxEntries } = request;
      if (maxEntries === 0) throw new InvalidArgumentError('maxEntries is 0: give 1 or more', { object: name });
      const make = (): MemoryDict => new MemoryDict(name, keyspace.histories, maxEntries);
      const { object, created } = keyspace.create({ kind: dictKind.kind, make }, request, context);
      if (maxEntries !== undefined && maxEntries !== object.maxEntries) throw otherLimit(object, maxEntries);
      return { created };
    },

    get: ({ name, key }, context) => ({ value: keyspace.open(dictKind, name, context).get(key) }),

    getMany: ({ name, keys }, context) => ({ entries: keyspace.open(dictKind, name, context).getMany(keys).map(toWire) }),

    set({ name, key, value, ttlMs }, context) {
      keyspace.open(dictKind, name, context).set(key, compact(value), ttlMs);
      return NOTHING;
    },

    setMany({ name, entries, ttlMs }, context) {
      const dict = keyspace.open(dictKind, name, context);
      for (const { key, value } of entries) dict.set(key, compact(value), ttlMs);
      return NOTHING;
    },

    has: ({ name, key }, context) => ({ found: keyspace.open(dictKind, name, context).peek(key) !== undefined }),

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

    getOrInsert({ name, key, value, ttlMs, refresh }, context) {
      const dict = keyspace.open(dictKind, name, context);
      const found = dict.get(key);
      if (found !== undefined) {
        if (refresh === true) dict.touch(key, ttlMs);
        return { value: found, inserted: false };
      }
      const kept = compact(value);
      dict.set(key, kept, ttlMs);
      return { value: kept, inserted: true };
    },

    pop: ({ name, key }, context) => ({ value: keyspace.open(dictKind, name, context).delete(key) }),

    popItem({ name }, context) {
      const entry = keyspace.open(dictKind, name, context).pop();
      return { entry: entry && toWire(entry) };
    },

    add(request, context) {
      const { name, key, delta } = request;
      const dict = keyspace.open(dictKind, name, context);
      const value = compact(sum(dict.peek(key), delta));
      dict.replace(key, value, request);
      return { value };
    },

    addMany(request, context) {
      const dict = keyspace.open(dictKind, request.name, context);
      dict.replaceMany(
        sums((key) => dict.peek(key), request.deltas),
        request,
      );
      return NOTHING;
    },

    compareAndSet(request, context) {
      const { name, key, expected, next } = request;
      return { swapped: keyspace.open(dictKind, name, context).compareAndSet(key, expected, next, request) };
    },

    touch: ({ name, key, ttlMs }, context) => ({ found: keyspace.open(dictKind, name, context).touch(key, ttlMs) }),

    ttl: ({ name, key }, context) => keyspace.open(dictKind, name, context).ttl(key),

    scan({ name, pageToken: token, pageSize: asked, keysOnly, prefix }, context) {
      const { entries } = keyspace.open(dictKind, name, context);
      const [after, until] = parsePageToken(token) ?? [0, entries.sequence];
      const isWanted = prefix === undefined ? undefined : textsWith(prefix);
      const { entries: page, reached } = entries.page(after, until, pageSize(asked), PAGE_BYTES, isWanted);
      return {
        entries: page.map(toWire).map((entry) => (keysOnly ? { key: entry.key, value: '' } : entry)),
        nextPageToken: reached < until ? pageToken(reached, until) : '',
      };
    },

    snapshot: ({ name }, context) => ({ entries: keyspace.open(dictKind, name, context).entries.all().map(toWire) }),

    watch(request, context) {
      return watchChanges(keyspace, dictKind, request, request.key === undefined ? ALL : changesOf(request.key), context);
    },
  };
}

const NOTHING = {};

function otherLimit({ name, maxEntries }: MemoryDict, asked: number): OptionsConflictError {
  const limit = maxEntries === undefined ? 'no limit of entries' : `maxEntries ${maxEntries}`;
  return new OptionsConflictError(`"${name}" has ${limit}, not maxEntries ${asked}: open it with the same, or without`, { object: name });
}

/** The changes of all keys. */
const ALL: Telling<DictChange> = { concerns: () => true, destroyed: destroyedAt };

/** Chooses the changes of one key, and of the whole dict. */
function changesOf(key: Key): Telling<DictChange> {
  const wanted = mapKey(key);
  const concerns = (change: DictChange): boolean => change.key === undefined || Object.is(mapKey(change.key), wanted);
  return { concerns, chosen: wanted, destroyed: destroyedAt };
}
