import type { CallContext, Handlers } from '../../../proto/contract.js';
import { type DictEntry, DictService } from '../../../proto/gen/commonhold/v1/dict_wire.js';
import type { Key, Payload } from '../../../proto/wire/values.js';
import { PAGE_BYTES, pageSize, pageToken, parsePageToken } from '../../core/page.js';
import { PAYLOADS } from '../memory/cells.js';
import { dictKind, type SharedMemoryDict } from '../objects/dict.js';
import type { Objects } from '../objects/objects.js';
import { unoffered } from '../objects/unoffered.js';
import { fillCall, openCall, type RebuildCalls } from './rebuild.js';

export function dictHandlers(objects: Objects): Handlers<typeof DictService> {
  const find = (name: string, context: CallContext): SharedMemoryDict => objects.open(dictKind, name, context);
  return {
    open(request) {
      if (request.maxEntries !== undefined) throw unoffered('maxEntries', request.name);
      return { created: objects.create(dictKind, request, () => {}).created };
    },

    get: ({ name, key }, context) => ({ value: find(name, context).get(key, PAYLOADS) as Payload | undefined }),

    getMany: ({ name, keys }, context) => ({ entries: find(name, context).getMany(keys, PAYLOADS).map(toWire) }),

    set({ name, key, value, ...end }, context) {
      assertNoEnd(name, end);
      find(name, context).set(key, value, PAYLOADS);
      return NOTHING;
    },

    setMany({ name, entries, ...end }, context) {
      assertNoEnd(name, end);
      const given = entries.map(({ key, value }) => [key, value] as const);
      find(name, context).setMany(given, PAYLOADS);
      return NOTHING;
    },

    has: ({ name, key }, context) => ({ found: find(name, context).has(key) }),

    delete: ({ name, key }, context) => ({ deleted: find(name, context).delete(key) }),

    deleteMany: ({ name, keys }, context) => ({ deleted: find(name, context).deleteMany(keys) }),

    size: ({ name }, context) => ({ size: find(name, context).size }),

    clear({ name }, context) {
      find(name, context).clear();
      return NOTHING;
    },

    getOrInsert({ name, key, value: given, ...end }, context) {
      assertNoEnd(name, end);
      const { value, inserted } = find(name, context).getOrInsert(key, given, PAYLOADS);
      return { value: value as Payload, inserted };
    },

    pop: ({ name, key }, context) => ({ value: find(name, context).pop(key, PAYLOADS) as Payload | undefined }),

    popItem({ name }, context) {
      const entry = find(name, context).popItem(PAYLOADS);
      return { entry: entry && toWire(entry) };
    },

    add({ name, key, delta, ...end }, context) {
      assertNoEnd(name, end);
      return { value: find(name, context).add(key, delta) };
    },

    addMany({ name, deltas, ...end }, context) {
      assertNoEnd(name, end);
      find(name, context).addMany(deltas);
      return NOTHING;
    },

    compareAndSet({ name, key, expected, next, ...end }, context) {
      assertNoEnd(name, end);
      return { swapped: find(name, context).swap(key, expected, next) };
    },

    scan({ name, pageToken: token, pageSize: asked, keysOnly, prefix }, context) {
      const [after, before] = parsePageToken(token) ?? [0, undefined];
      const { entries, last, until } = find(name, context).page(after, before, pageSize(asked), PAGE_BYTES, prefix);
      return {
        entries: keysOnly ? entries.map(([key]) => ({ key, value: '' })) : entries.map(toWire),
        nextPageToken: last < until ? pageToken(last, until) : '',
      };
    },

    snapshot: ({ name }, context) => ({ entries: find(name, context).entries(PAYLOADS).map(toWire) }),

    watch({ name }) {
      throw unoffered('watching', name);
    },

    touch({ name }) {
      throw unoffered('a time to live', name);
    },

    ttl({ name }) {
      throw unoffered('a time to live', name);
    },
  };
}

const NOTHING = {};

function assertNoEnd(name: string, { ttlMs, refresh }: { ttlMs?: number | undefined; refresh?: boolean | undefined }): void {
  if (ttlMs !== undefined || refresh === true) throw unoffered('a time to live', name);
}

function toWire([key, value]: [Key, unknown]): DictEntry {
  return { key, value: value as Payload };
}

export function rebuildDict(dict: SharedMemoryDict): RebuildCalls {
  const { open, setMany } = DictService.methods;
  const entries = dict.entries(PAYLOADS).map(([key, value]) => ({ key, value: value as Payload }));
  return [openCall(open, dict), fillCall(setMany, dict, { entries })];
}
