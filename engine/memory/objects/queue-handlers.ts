import type { Handlers } from '../../../proto/contract.js';
import { InvalidArgumentError, OptionsConflictError } from '../../../proto/errors.js';
import type { DeadLetter, QueueService, QueueServiceOpenRequest } from '../../../proto/gen/commonhold/v1/queue_wire.js';
import type { StateOf } from '../../../proto/state.js';
import { mapAnswer } from '../../../proto/thenable.js';
import { lostDelivery } from './deliveries.js';
import type { Keyspace } from '../lifetime/keyspace.js';
import { MemoryQueue, queueKind } from './queue.js';
import { ORDERS } from '../../core/queue-orders.js';
import { type QueueItem } from './queue-order.js';
import type { DeadLetters, QueueSettings } from './queue-settings.js';
import { checkLease } from '../../core/lease.js';
import { watchState } from '../watching/watch.js';
import type { GrowingNumbers } from '../../core/growing-numbers.js';

/** Default lease of a delivery, in milliseconds. */
const DELIVERY_LEASE_MS = 30_000;

export function queueHandlers(keyspace: Keyspace, tokens: GrowingNumbers): Handlers<typeof QueueService> {
  return {
    open(request, context) {
      const { name } = request;
      const settings = settingsOf(keyspace, request);
      const make = (): MemoryQueue => new MemoryQueue(name, keyspace.histories, settings);
      const { object, created } = keyspace.create({ kind: 'queue', make }, request, context);
      if (created && settings.deadLetters) object.links.addName(settings.deadLetters.queue);
      checkSettings(object, settings);
      return { created };
    },

    put(request, context) {
      const { name, value, timeoutMs } = request;
      return mapAnswer(keyspace.open(queueKind, name, context).put([value], request, context, timeoutMs), nothing);
    },

    putMany(request, context) {
      const { name, values, timeoutMs, restores = false, attempts = 0 } = request;
      if (attempts > 0 && !restores)
        throw new InvalidArgumentError('attempts without restores: only items of a dump have had some', { object: name });
      if (restores) {
        keyspace.open(queueKind, name, context).restorePut(values, request, attempts);
        return {};
      }
      return mapAnswer(keyspace.open(queueKind, name, context).put(values, request, context, timeoutMs), nothing);
    },

    get: ({ name, timeoutMs }, context) =>
      mapAnswer(keyspace.open(queueKind, name, context).get(1, context, timeoutMs), ([value]) => ({ value: value! })),

    getMany({ name, max, timeoutMs }, context) {
      if (max === 0) throw new InvalidArgumentError('getMany of 0 items: ask for at least 1', { object: name });
      return mapAnswer(keyspace.open(queueKind, name, context).get(max, context, timeoutMs), (values) => ({ values }));
    },

    deliver({ name, max, timeoutMs, leaseMs = DELIVERY_LEASE_MS }, context) {
      checkLease(name, leaseMs);
      const queue = keyspace.open(queueKind, name, context);
      return mapAnswer(queue.deliver(max || 1, leaseMs, tokens, context, timeoutMs), (items) => ({ items }));
    },

    ack({ name, token }) {
      holderOf(keyspace, name, token).acknowledge(token);
      return {};
    },

    nak({ name, token, delayMs }) {
      holderOf(keyspace, name, token).giveBack(token, delayMs);
      return {};
    },

    extend({ name, token, leaseMs }) {
      checkLease(name, leaseMs);
      holderOf(keyspace, name, token).extend(token, leaseMs);
      return {};
    },

    peek: ({ name, count }, context) => ({ values: keyspace.open(queueKind, name, context).peek(count || 1) }),

    watch: (request, context) => watchState(keyspace, queueKind, request, ({ size }) => ({ size }), context),

    size: ({ name }, context) => ({ size: keyspace.open(queueKind, name, context).size }),

    clear: ({ name }, context) => ({ cleared: keyspace.open(queueKind, name, context).clear() }),

    taskDone({ name, count }, context) {
      keyspace.open(queueKind, name, context).tasks.done(count || 1);
      return {};
    },

    join: ({ name, timeoutMs }, context) => mapAnswer(keyspace.open(queueKind, name, context).tasks.join(context, timeoutMs), nothing),

    shutdown({ name, immediate }, context) {
      keyspace.open(queueKind, name, context).shutDown(immediate);
      return {};
    },
  };
}

function settingsOf(keyspace: Keyspace, { name, capacity, order, deadLetter }: QueueServiceOpenRequest): QueueSettings {
  if (order >= ORDERS.length)
    throw new InvalidArgumentError(`an order ${order}: this manager knows fifo, lifo and priority`, { object: name });
  return { capacity, order: ORDERS[order], deadLetters: deadLetter && deadLettersOf(keyspace, name, deadLetter) };
}

/** Returns the options of a queue from its state. */
export function restoredSettings(keyspace: Keyspace, { capacity, order, deadLetters }: StateOf<MemoryQueue>): QueueSettings {
  return { capacity, order, deadLetters: deadLetters && deadLettersIn(keyspace, ...deadLetters) };
}

function deadLettersOf(keyspace: Keyspace, name: string, { queue, maxDeliveries }: DeadLetter): DeadLetters {
  if (queue === name) throw new InvalidArgumentError(`"${name}" cannot be its own queue of dead letters: name another`, { object: name });
  if (maxDeliveries === 0)
    throw new InvalidArgumentError('0 deliveries before an item is a dead letter: give at least 1', { object: name });
  keyspace.check(queueKind, queue);
  return deadLettersIn(keyspace, queue, maxDeliveries);
}

function deadLettersIn(keyspace: Keyspace, queue: string, maxDeliveries: number): DeadLetters {
  return { queue, maxDeliveries, accept: (item) => acceptDeadLetter(keyspace, queue, item) };
}

/**
 * Moves a dead letter to its queue. Returns false if that queue is shut down, or if the name belongs to another kind or another process by
 * now.
 */
function acceptDeadLetter(keyspace: Keyspace, name: string, item: QueueItem): boolean {
  const found = keyspace.get(name);
  return (found === undefined || (found.kind === 'queue' && found.home === undefined)) && keyspace.obtain(queueKind, name).accept(item);
}

/** Throws if an option differs from the existing queue's. Options that were left out never conflict. */
function checkSettings(queue: MemoryQueue, { capacity, order, deadLetters }: QueueSettings): void {
  const { name } = queue;
  if (capacity !== undefined && queue.capacity !== capacity) {
    throw new OptionsConflictError(`"${name}" has the capacity ${queue.capacity}, not ${capacity}`, { object: name });
  }
  if (order !== undefined && queue.order !== order) {
    throw new OptionsConflictError(`"${name}" has the order ${queue.order}, not ${order}`, { object: name });
  }
  const present = queue.deadLetters;
  if (deadLetters && (deadLetters.queue !== present?.queue || deadLetters.maxDeliveries !== present.maxDeliveries)) {
    const has = present ? `its dead letters in "${present.queue}" after ${present.maxDeliveries} deliveries` : 'no queue of dead letters';
    throw new OptionsConflictError(`"${name}" has ${has}, not in "${deadLetters.queue}" after ${deadLetters.maxDeliveries}`, {
      object: name,
    });
  }
}

/** Returns the queue of a delivery token. A queue that has ended has no deliveries. */
function holderOf(keyspace: Keyspace, name: string, token: number): MemoryQueue {
  const queue = keyspace.find(queueKind, name);
  if (queue === undefined) throw lostDelivery(name, token);
  return queue;
}

const nothing = (): Record<string, never> => ({});
