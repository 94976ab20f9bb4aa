import type { CallContext } from '../../../proto/contract.js';
import { InvalidArgumentError, NotFoundError } from '../../../proto/errors.js';
import type { DeadLetter, DeadLetterDetails, QueueServiceRequeueRequest } from '../../../proto/gen/commonhold/v1/queue_wire.js';
import { boundedMs } from '../../core/clock.js';
import { DEAD_LETTER_CAUSES } from '../../core/queue-orders.js';
import { assertMayWrite } from '../../core/rights.js';
import type { Keyspace } from '../lifetime/keyspace.js';
import { shutDownError } from './queue-errors.js';
import { QueueItem, type LetterRecord } from './queue-item.js';
import type { DeadLetters } from './queue-settings.js';
import { queueKind, type MemoryQueue } from './queue.js';

/** Number of items among which letters are looked for at first. */
const FIRST_LOOK = 10_000;

/** Returns the queue of dead letters that a request names. @throws InvalidArgumentError, KindMismatchError */
export function deadLettersOf(keyspace: Keyspace, name: string, { queue, maxDeliveries }: DeadLetter): DeadLetters {
  if (queue === name) throw new InvalidArgumentError(`"${name}" cannot be its own queue of dead letters: name another`, { object: name });
  if (maxDeliveries === 0)
    throw new InvalidArgumentError('0 deliveries before an item is a dead letter: give at least 1', { object: name });
  keyspace.check(queueKind, queue);
  return deadLettersIn(keyspace, queue, maxDeliveries);
}

export function deadLettersIn(keyspace: Keyspace, queue: string, maxDeliveries: number): DeadLetters {
  return { queue, maxDeliveries, accept: (item, letter) => acceptDeadLetter(keyspace, queue, item, letter) };
}

/**
 * Moves a dead letter to its queue, which is made although there may be as many objects as allowed: the item has left its place already.
 * Returns false if that queue is shut down, if the name belongs to another kind or another process by now, or if the manager only reads, and so
 * makes no queue.
 */
function acceptDeadLetter(keyspace: Keyspace, name: string, { value, priority }: QueueItem, letter: LetterRecord): boolean {
  const found = keyspace.get(name);
  if (found === undefined ? keyspace.refusal !== undefined : found.kind !== 'queue' || found.home !== undefined) return false;
  const letters = keyspace.use.exempt(() => keyspace.obtain(queueKind, name));
  return letters.accept(new QueueItem(value, { priority, letter }));
}

/**
 * Sends dead letters back to the queues that they came from, and returns their number.
 * @throws NotFoundError, QueueShutDownError, PermissionDeniedError for one of these queues, with nothing sent
 */
export function requeue(keyspace: Keyspace, letters: MemoryQueue, request: QueueServiceRequeueRequest, context: CallContext): number {
  const { max = Infinity } = request;
  const origins = new Map<string, { readonly queue: MemoryQueue; readonly ids: Set<string> }>();
  const sent = new Set<QueueItem>();
  for (const item of wantedLetters(letters, request)) {
    const { queue: name, id } = letterIn(item);
    let origin = origins.get(name);
    if (origin === undefined) origins.set(name, (origin = { queue: originOf(keyspace, name, letters, context), ids: new Set() }));
    if (id !== undefined && (origin.ids.has(id) || origin.queue.items.has(id))) continue;
    if (id !== undefined) origin.ids.add(id);
    sent.add(item);
    if (sent.size === max) break;
  }
  letters.removeAll(sent);
  for (const item of sent) {
    const { queue, id } = letterIn(item);
    origins.get(queue)!.queue.accept(new QueueItem(item.value, { priority: item.priority, id }));
  }
  return sent.size;
}

/** Yields the letters that a request names. Looks at as many items as are asked for, and at more and more of them if it has to. */
function* wantedLetters(letters: MemoryQueue, { ids }: QueueServiceRequeueRequest): Generator<QueueItem, void> {
  const named = new Set(ids);
  const isWanted = ({ id }: LetterRecord): boolean => named.size === 0 || (id !== undefined && named.has(id));
  for (let start = 0, count = FIRST_LOOK; start < letters.size; start += count, count *= 2) {
    for (const item of letters.items.peek(count, start)) if (item instanceof QueueItem && item.letter && isWanted(item.letter)) yield item;
  }
}

function letterIn(item: QueueItem): LetterRecord {
  return item.letter!;
}

function originOf(keyspace: Keyspace, name: string, letters: MemoryQueue, { session }: CallContext): MemoryQueue {
  if (session.rights) assertMayWrite(session.rights, name);
  const origin = keyspace.find(queueKind, name);
  if (origin === undefined) {
    throw new NotFoundError(`"${name}" is gone, to which a letter in "${letters.name}" belongs: open it first, or take the letter`, {
      object: name,
    });
  }
  if (origin.isShutDown) throw shutDownError(name);
  return origin;
}

/** Describes a letter for a response. */
export function detailsOf({ queue, id, cause, reason, attempts, deliveredAt, diedAt }: LetterRecord, now: number): DeadLetterDetails {
  const [deliveredAgoMs, diedAgoMs] = [boundedMs(Math.floor(now - deliveredAt)), boundedMs(Math.floor(now - diedAt))];
  return { queue, id, cause: DEAD_LETTER_CAUSES.indexOf(cause), reason, attempts, deliveredAgoMs, diedAgoMs };
}

/** Returns the letter that a request describes. */
export function letterOf(details: DeadLetterDetails, now: number): LetterRecord {
  const { queue, id, cause, reason, attempts, deliveredAgoMs, diedAgoMs } = details;
  const named = DEAD_LETTER_CAUSES[cause];
  if (named === undefined) throw new InvalidArgumentError(`a cause ${cause} of a dead letter: this manager knows 1 to 3`);
  return { queue, id, cause: named, reason, attempts, deliveredAt: now - deliveredAgoMs, diedAt: now - diedAgoMs };
}
