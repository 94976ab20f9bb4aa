import type { Handlers } from '../../../proto/contract.js';
import { InvalidArgumentError, OptionsConflictError } from '../../../proto/errors.js';
import type {
  DeliveredItem,
  QueueService,
  QueueServiceOpenRequest,
  QueueServicePutManyRequest,
} from '../../../proto/gen/commonhold/v1/queue_wire.js';
import type { StateOf } from '../../../proto/state.js';
import { mapAnswer } from '../../../proto/thenable.js';
import type { Clock } from '../../core/clock.js';
import { deadLettersIn, deadLettersOf, detailsOf, letterOf, requeue } from './dead-letters.js';
import { lostDelivery, type Delivered } from './deliveries.js';
import type { Keyspace } from '../lifetime/keyspace.js';
import { MemoryQueue, queueKind } from './queue.js';
import { ORDERS } from '../../core/queue-orders.js';
import { listItems } from './queue-listing.js';
import type { Puts } from './queue-puts.js';
import type { QueueSettings, RestoredPlacing } from './queue-settings.js';
import { checkLease } from '../../core/lease.js';
import { watchState } from '../watching/watch.js';
import type { GrowingNumbers } from '../../core/growing-numbers.js';

/** Default lease of a delivery, in milliseconds. */
const DELIVERY_LEASE_MS = 30_000;
/** Limit of the characters of the reason of a `Nak`. */
const LONGEST_REASON = 1024;

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
      const queue = keyspace.open(queueKind, request.name, context);
      const puts = { values: [request.value], placing: request, each: NONE };
      return mapAnswer(queue.put(puts, context, request.timeoutMs), (duplicates) => (duplicates > 0 ? DUPLICATE : NEW));
    },

    putMany(request, context) {
      const { restores = false, timeoutMs } = request;
      checkMany(request);
      const queue = keyspace.open(queueKind, request.name, context);
      if (restores) return { duplicates: queue.restorePut(restoredPuts(request, keyspace.clock.now)) };
      const puts = { values: request.values, placing: request, each: request.each };
      return mapAnswer(queue.put(puts, context, timeoutMs), (duplicates) => ({ duplicates }));
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
      return mapAnswer(queue.deliver(max || 1, leaseMs, tokens, context, timeoutMs), (delivered) => ({
        items: delivered.map((one) => deliveredItem(one, keyspace.clock)),
      }));
    },

    ack({ name, token }) {
      holderOf(keyspace, name, token).acknowledge(token);
      return {};
    },

    nak({ name, token, delayMs, reason }) {
      if (reason !== undefined && reason.length > LONGEST_REASON)
        throw new InvalidArgumentError(`a reason of ${reason.length} characters: give ${LONGEST_REASON} at most`, { object: name });
      holderOf(keyspace, name, token).giveBack(token, delayMs, reason);
      return {};
    },

    extend({ name, token, leaseMs }) {
      checkLease(name, leaseMs);
      holderOf(keyspace, name, token).extend(token, leaseMs);
      return {};
    },

    peek: ({ name, count }, context) => ({ values: keyspace.open(queueKind, name, context).peek(count || 1) }),

    watch: (request, context) => watchState(keyspace, queueKind, request, (queue) => ({ size: queue?.size ?? 0 }), context),

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

    items: (request, context) => listItems(keyspace.open(queueKind, request.name, context), request, keyspace.clock.now),

    cancel: ({ name, id }, context) => ({ cancelled: keyspace.open(queueKind, name, context).cancel(id) }),

    move: ({ name, id, ...placing }, context) => ({ moved: keyspace.open(queueKind, name, context).move(id, placing) }),

    pause({ name }, context) {
      keyspace.open(queueKind, name, context).pause(true);
      return {};
    },

    resume({ name }, context) {
      keyspace.open(queueKind, name, context).pause(false);
      return {};
    },

    requeue(request, context) {
      const letters = keyspace.open(queueKind, request.name, context);
      return { requeued: requeue(keyspace, letters, request, context) };
    },
  };
}

const NONE: readonly never[] = [];
const NEW = { duplicate: false };
const DUPLICATE = { duplicate: true };

/** @throws InvalidArgumentError for fields that do not go together */
function checkMany({ name, values, restores, attempts, each }: QueueServicePutManyRequest): void {
  const about = { object: name };
  if (each.length > 0 && each.length !== values.length)
    throw new InvalidArgumentError(`${each.length} placings of ${values.length} values: give one for each, or none`, about);
  if (restores) return;
  if (attempts !== undefined && attempts > 0)
    throw new InvalidArgumentError('attempts without restores: only items of a dump have had some', about);
  if (each.some(({ attempts, letter }) => attempts !== undefined || letter !== undefined))
    throw new InvalidArgumentError('attempts or letters without restores: only items of a dump have them', about);
}

function restoredPuts({ values, priority, delayMs, attempts = 0, each }: QueueServicePutManyRequest, now: number): Puts<RestoredPlacing> {
  return {
    values,
    placing: { priority, delayMs, attempts, head: attempts > 0 },
    each: each.map(({ letter, ...placing }) => ({ ...placing, letter: letter && letterOf(letter, now) })),
  };
}

/** The time is that of the answer, which may come later than the call. */
function deliveredItem({ token, item: { value, attempts, id, letter } }: Delivered, clock: Clock): DeliveredItem {
  return { token, value, attempts, id, letter: letter && detailsOf(letter, clock.now) };
}

function settingsOf(keyspace: Keyspace, { name, capacity, order, deadLetter, rate }: QueueServiceOpenRequest): QueueSettings {
  if (order >= ORDERS.length)
    throw new InvalidArgumentError(`an order ${order}: this manager knows fifo, lifo and priority`, { object: name });
  if (rate && (rate.max === 0 || rate.perMs === 0))
    throw new InvalidArgumentError(`a rate of ${rate.max} items in ${rate.perMs} ms: give at least 1 of each`, { object: name });
  return { capacity, order: ORDERS[order], deadLetters: deadLetter && deadLettersOf(keyspace, name, deadLetter), rate };
}

/** Returns the options of a queue from its state. */
export function restoredSettings(keyspace: Keyspace, { capacity, order, deadLetters, rate }: StateOf<MemoryQueue>): QueueSettings {
  return {
    capacity,
    order,
    deadLetters: deadLetters && deadLettersIn(keyspace, ...deadLetters),
    rate: rate && { max: rate[0], perMs: rate[1] },
  };
}

/** Throws if an option differs from the existing queue's. Options that were left out never conflict. */
function checkSettings(queue: MemoryQueue, { capacity, order, deadLetters, rate }: QueueSettings): void {
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
  if (rate && (rate.max !== queue.rate?.max || rate.perMs !== queue.rate.perMs)) {
    const has = queue.rate ? `the rate of ${queue.rate.max} in ${queue.rate.perMs} ms` : 'no rate';
    throw new OptionsConflictError(`"${name}" has ${has}, not ${rate.max} in ${rate.perMs} ms`, { object: name });
  }
}

/** Returns the queue of a delivery token. A queue that has ended has no deliveries. */
function holderOf(keyspace: Keyspace, name: string, token: number): MemoryQueue {
  const queue = keyspace.find(queueKind, name);
  if (queue === undefined) throw lostDelivery(name, token);
  return queue;
}

const nothing = (): Record<string, never> => ({});
