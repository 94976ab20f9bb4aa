import type { CallContext, Handlers } from '../../../proto/contract.js';
import { EventService } from '../../../proto/gen/commonhold/v1/event_wire.js';
import { mapAnswer } from '../../../proto/thenable.js';
import { eventKind, type SharedMemoryEvent } from '../objects/event.js';
import type { Objects } from '../objects/objects.js';
import { unoffered } from '../objects/unoffered.js';
import { fillCall, openCall, type RebuildCalls } from './rebuild.js';

export function eventHandlers(objects: Objects): Handlers<typeof EventService> {
  const find = (name: string, context: CallContext): SharedMemoryEvent => objects.open(eventKind, name, context);
  return {
    open(request) {
      return { created: objects.create(eventKind, request, () => {}).created };
    },

    isSet: ({ name }, context) => ({ set: find(name, context).isSet() }),

    set({ name }, context) {
      find(name, context).set();
      return {};
    },

    clear({ name }, context) {
      find(name, context).clear();
      return {};
    },

    watch({ name }) {
      throw unoffered('watching', name);
    },

    wait({ name, timeoutMs }, context) {
      return mapAnswer(find(name, context).reached(context, timeoutMs), (set) => ({ set }));
    },
  };
}

export function rebuildEvent(event: SharedMemoryEvent): RebuildCalls {
  const { open, set } = EventService.methods;
  return event.isSet() ? [openCall(open, event), fillCall(set, event)] : [openCall(open, event)];
}
