import type { CallContext, Handlers } from '../../../proto/contract.js';
import { ListService } from '../../../proto/gen/commonhold/v1/list_wire.js';
import type { Payload } from '../../../proto/wire/values.js';
import { LAST_PAGE } from '../../core/snapshots.js';
import { PAYLOADS } from '../memory/cells.js';
import { listKind, type SharedMemoryList } from '../objects/list.js';
import type { Objects } from '../objects/objects.js';
import { unoffered } from '../objects/unoffered.js';
import { fillCall, openCall, type RebuildCalls } from './rebuild.js';

export function listHandlers(objects: Objects): Handlers<typeof ListService> {
  const find = (name: string, context: CallContext): SharedMemoryList => objects.open(listKind, name, context);
  return {
    open(request) {
      return { created: objects.create(listKind, request, () => {}).created };
    },

    at: ({ name, index }, context) => ({ value: find(name, context).at(index, PAYLOADS) as Payload | undefined }),

    set({ name, index, value }, context) {
      find(name, context).set(index, value, PAYLOADS);
      return {};
    },

    compareAndSet: ({ name, index, expected, next }, context) => ({ swapped: find(name, context).swap(index, expected, next) }),

    length: ({ name }, context) => ({ length: find(name, context).size }),

    push: ({ name, values }, context) => ({ length: find(name, context).push(values, PAYLOADS) }),

    pop: ({ name, index }, context) => ({ value: find(name, context).pop(index, PAYLOADS) as Payload | undefined }),

    unshift: ({ name, values }, context) => ({ length: find(name, context).unshift(values, PAYLOADS) }),

    shift: ({ name }, context) => ({ value: find(name, context).shift(PAYLOADS) as Payload | undefined }),

    insert({ name, index, value }, context) {
      find(name, context).insert(index, value, PAYLOADS);
      return {};
    },

    splice: ({ name, start, deleteCount, values }, context) => ({
      removed: find(name, context).splice(start, deleteCount, values, PAYLOADS) as Payload[],
    }),

    slice: ({ name, start, end }, context) => ({ values: find(name, context).slice(start, end, PAYLOADS) as Payload[] }),

    indexOf: ({ name, value }, context) => ({ index: find(name, context).indexOf(value) }),

    count: ({ name, value }, context) => ({ count: find(name, context).count(value) }),

    remove: ({ name, value }, context) => ({ removed: find(name, context).remove(value) }),

    reverse({ name }, context) {
      find(name, context).reverse();
      return {};
    },

    sort({ name, descending, by }, context) {
      find(name, context).sort(descending, by);
      return {};
    },

    clear({ name }, context) {
      find(name, context).clear();
      return {};
    },

    scan({ name, pageToken, pageSize, leave }, context) {
      // Only looks up the list: leaving an iteration must not recreate a destroyed list.
      if (leave) return objects.find(listKind, name)?.snapshots.leave(pageToken) ?? LAST_PAGE;
      const list = find(name, context);
      if (pageToken !== '') return list.snapshots.next(pageToken, pageSize);
      return list.snapshots.first(list.toArray(PAYLOADS) as Payload[], pageSize, context.session);
    },

    watch({ name }) {
      throw unoffered('watching', name);
    },
  };
}

export function rebuildList(list: SharedMemoryList): RebuildCalls {
  const { open, push } = ListService.methods;
  return [openCall(open, list), fillCall(push, list, { values: list.toArray(PAYLOADS) })];
}
