import type { CallContext, Handlers } from '../../../proto/contract.js';
import { OptionsConflictError } from '../../../proto/errors.js';
import { SemaphoreService } from '../../../proto/gen/commonhold/v1/semaphore_wire.js';
import type { Objects } from '../objects/objects.js';
import { semaphoreKind, semaphoreOf, type SharedMemorySemaphore } from '../objects/semaphore.js';
import { fillCall, openCall, type RebuildCalls } from './rebuild.js';

export function semaphoreHandlers(objects: Objects): Handlers<typeof SemaphoreService> {
  const find = (name: string, context: CallContext): SharedMemorySemaphore => objects.open(semaphoreKind, name, context);
  return {
    open(request) {
      const { name, permits, bounded } = request;
      const make = permits === undefined ? undefined : semaphoreOf(objects.surroundings.thread, permits, bounded ?? false);
      const { object, created } = objects.create(semaphoreKind, request, make);
      if (permits !== undefined && object.permits !== permits) {
        throw new OptionsConflictError(`"${name}" was made with ${object.permits} permits, not ${permits}`, { object: name });
      }
      if (bounded !== undefined && object.bounded !== bounded) {
        throw new OptionsConflictError(`"${name}" is ${object.bounded ? 'a bounded' : 'not a bounded'} semaphore`, { object: name });
      }
      return { created };
    },

    acquire: (request, context) => find(request.name, context).take(context, request),

    consume: (request, context) => find(request.name, context).use(context, request),

    release({ name, token }, context) {
      find(name, context).release(token);
      return {};
    },

    extend({ name, token, leaseMs }, context) {
      find(name, context).extend(token, leaseMs);
      return {};
    },

    add({ name, permits }, context) {
      find(name, context).add(permits || 1);
      return {};
    },

    available({ name }, context) {
      const object = find(name, context);
      return { permits: object.available(), waiters: object.waiters };
    },
  };
}

export function rebuildSemaphore(semaphore: SharedMemorySemaphore): RebuildCalls {
  const { open, add, consume } = SemaphoreService.methods;
  const { permits, bounded, total } = semaphore;
  const opening = openCall(open, semaphore, { permits, bounded });
  if (total > permits) return [opening, fillCall(add, semaphore, { permits: total - permits })];
  if (total < permits) return [opening, fillCall(consume, semaphore, { permits: permits - total, timeoutMs: 0 })];
  return [opening];
}
