import type { CallContext, Handlers } from '../../../proto/contract.js';
import { InvalidArgumentError, OptionsConflictError } from '../../../proto/errors.js';
import type { ConditionService } from '../../../proto/gen/commonhold/v1/condition_wire.js';
import { conditionKind, conditionOf, type NamedLock, type SharedMemoryCondition } from '../condition.js';
import { lockKind } from '../lock.js';
import type { Objects } from '../objects.js';
import { mutexHandlers } from './lock.js';
import { unoffered } from './unoffered.js';

export function conditionHandlers(objects: Objects): Handlers<typeof ConditionService> {
  const find = (name: string, context: CallContext): SharedMemoryCondition => objects.open(conditionKind, name, context);
  return {
    open(request, context) {
      const { name, lock, rlock, ttlMs } = request;
      if (ttlMs !== undefined) throw unoffered('a time to live', name);
      const asked = namedLock(name, lock, rlock);
      // Before the condition, because there may be something else of its name.
      if (asked && objects.find(conditionKind, name) === undefined) objects.open(lockKind(asked.kind), asked.name, context).pin();
      const { object, created } = objects.create(conditionKind, request, conditionOf(objects.surroundings.space, asked));
      if (asked && (object.lock?.name !== asked.name || object.lock.kind !== asked.kind)) {
        const has = object.lock ? `the ${object.lock.kind} "${object.lock.name}"` : 'a lock of its own';
        throw new OptionsConflictError(`"${name}" goes with ${has}, not with the ${asked.kind} "${asked.name}"`, { object: name });
      }
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

function namedLock(name: string, lock: string | undefined, rlock: string | undefined): NamedLock | undefined {
  const given = lock ?? rlock;
  if (given === undefined) return undefined;
  if (lock !== undefined && rlock !== undefined) {
    throw new InvalidArgumentError('a condition goes with one lock: give a lock or an rlock, not both', { object: name });
  }
  if (given === name) throw new InvalidArgumentError(`"${name}" cannot be the condition and its lock: use two names`, { object: name });
  return { kind: lock === undefined ? 'rlock' : 'lock', name: given };
}
