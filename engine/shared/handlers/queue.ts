import type { CallContext, Handlers } from '../../../proto/contract.js';
import { InvalidArgumentError, OptionsConflictError } from '../../../proto/errors.js';
import { QueueService, type ItemPlacing, type QueueServiceOpenRequest } from '../../../proto/gen/commonhold/v1/queue_wire.js';
import { mapAnswer } from '../../../proto/thenable.js';
import { ORDERS } from '../../core/queue-orders.js';
import type { Objects } from '../objects/objects.js';
import { QueueCalls } from '../objects/queue-calls.js';
import { queueKind, queueOf, type SharedMemoryQueue } from '../objects/queue.js';
import { unoffered } from '../objects/unoffered.js';
import { PAYLOADS } from '../memory/cells.js';
import { fillCall, openCall, type RebuildCalls } from './rebuild.js';

/** Order of a request that names none. */
const ANY = 0;
/** The only order of queues in shared memory. */
const FIFO = ORDERS.indexOf('fifo');

const nothing = (): Record<string, never> => ({});

export function queueHandlers(objects: Objects): Handlers<typeof QueueService> {
  const { surroundings } = objects;
  const find = (name: string, context: CallContext): SharedMemoryQueue => objects.open(queueKind, name, context);
  const calls = (name: string, context: CallContext): QueueCalls => new QueueCalls(find(name, context), surroundings);
  return {
    open(request) {
      refuseOptions(request);
      const { name, capacity } = request;
      const { object, created } = objects.create(queueKind, request, queueOf(surroundings, capacity ?? 0));
      if (capacity !== undefined && object.capacity !== capacity) {
        throw new OptionsConflictError(`"${name}" has the capacity ${object.capacity}, not ${capacity}`, { object: name });
      }
      return { created };
    },

    put(request, context) {
      refusePlacing(request.name, request);
      return mapAnswer(calls(request.name, context).put([request.value], context, request.timeoutMs), () => ({ duplicate: false }));
    },

    putMany(request, context) {
      for (const placing of [request, ...request.each]) refusePlacing(request.name, placing);
      if (request.restores) throw unoffered('items of a dump', request.name);
      return mapAnswer(calls(request.name, context).put(request.values, context, request.timeoutMs), () => ({ duplicates: 0 }));
    },

    get: ({ name, timeoutMs }, context) => mapAnswer(calls(name, context).take(1, context, timeoutMs), ([value]) => ({ value: value! })),

    getMany({ name, max, timeoutMs }, context) {
      if (max === 0) throw new InvalidArgumentError('getMany of 0 items: ask for at least 1', { object: name });
      return mapAnswer(calls(name, context).take(max, context, timeoutMs), (values) => ({ values }));
    },

    peek: ({ name, count }, context) => ({ values: find(name, context).first(count || 1) }),

    size: ({ name }, context) => ({ size: find(name, context).size }),

    clear: ({ name }, context) => ({ cleared: find(name, context).clear() }),

    taskDone({ name, count }, context) {
      find(name, context).taskDone(count || 1);
      return {};
    },

    join: ({ name, timeoutMs }, context) => mapAnswer(calls(name, context).join(context, timeoutMs), nothing),

    shutdown({ name, immediate }, context) {
      find(name, context).shutdown(immediate);
      return {};
    },

    deliver: refuseDelivery,
    ack: refuseDelivery,
    nak: refuseDelivery,
    extend: refuseDelivery,

    cancel: refuseIds,
    move: refuseIds,

    watch({ name }) {
      throw unoffered('watching', name);
    },

    items({ name }) {
      throw unoffered('lists of the items of a queue', name);
    },

    pause: refusePauses,
    resume: refusePauses,

    requeue({ name }) {
      throw unoffered('dead letters', name);
    },
  };
}

function refuseOptions({ name, order, deadLetter, rate }: QueueServiceOpenRequest): void {
  if (order !== ANY && ORDERS[order] !== 'fifo') throw unoffered('queue orders other than first in, first out', name);
  if (deadLetter !== undefined) throw unoffered('dead letters', name);
  if (rate !== undefined) throw unoffered('a limit of the pace of a queue', name);
}

function refusePlacing(name: string, { priority, delayMs, id, head }: ItemPlacing): void {
  if (priority !== undefined) throw unoffered('priorities', name);
  if (delayMs) throw unoffered('delays', name);
  if (id !== undefined) throw unoffered('ids of items', name);
  if (head) throw unoffered('puts at the head', name);
}

function refuseIds({ name }: { name: string }): never {
  throw unoffered('ids of items', name);
}

function refusePauses({ name }: { name: string }): never {
  throw unoffered('pauses of a queue', name);
}

function refuseDelivery({ name }: { name: string }): never {
  throw unoffered('acknowledged deliveries', name);
}

export function rebuildQueue(queue: SharedMemoryQueue): RebuildCalls {
  const { open, putMany } = QueueService.methods;
  const capacity = queue.capacity === 0 ? undefined : queue.capacity;
  return [
    openCall(open, queue, { capacity, order: FIFO }),
    fillCall(putMany, queue, { each: [], values: queue.peek(queue.size, PAYLOADS) }),
  ];
}
