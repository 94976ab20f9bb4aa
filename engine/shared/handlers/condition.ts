import type { CallContext, Handlers } from '../../../proto/contract.js';
import { ConditionService } from '../../../proto/gen/commonhold/v1/condition_wire.js';
import { mutexHandlers } from '../../core/mutex-handlers.js';
import { checkNamedLock, namedLock } from '../../core/named-lock.js';
import { conditionKind, conditionOf, type SharedMemoryCondition } from '../objects/condition.js';
import { lockKind } from '../objects/lock.js';
import type { Objects } from '../objects/objects.js';
import { openCall, type RebuildCalls } from './rebuild.js';

export function conditionHandlers(objects: Objects): Handlers<typeof ConditionService> {
  const find = (name: string, context: CallContext): SharedMemoryCondition => objects.open(conditionKind, name, context);
  return {
    open(request) {
      const { name, lock, rlock } = request;
      const asked = namedLock(name, lock, rlock);
      // The lock first: if its name is taken by another kind, the condition must not be made.
      if (asked && objects.find(conditionKind, name) === undefined) {
        const kind = lockKind(asked.kind);
        objects.create(kind, { name: asked.name, exclusive: false }, kind.make?.(objects.surroundings)).object.pin();
      }
      const { object, created } = objects.create(conditionKind, request, conditionOf(objects.surroundings.thread, asked));
      checkNamedLock(name, object.lock, asked);
      return { created };
    },

    ...mutexHandlers((name, context) => find(name, context).mutex),

    wait: ({ name, token, timeoutMs }, context) => find(name, context).pause(context, token, timeoutMs),

    notify({ name, token, count }, context) {
      find(name, context).tell(token, count ?? 1);
      return {};
    },

    notifyAll({ name, token }, context) {
      find(name, context).tell(token, undefined);
      return {};
    },
  };
}

export function rebuildCondition(condition: SharedMemoryCondition): RebuildCalls {
  const { lock } = condition;
  return [openCall(ConditionService.methods.open, condition, lock === undefined ? {} : { [lock.kind]: lock.name })];
}
