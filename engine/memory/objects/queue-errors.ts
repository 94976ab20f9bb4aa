import { InvalidArgumentError, QueueEmptyError, QueueFullError, QueueShutDownError } from '../../../proto/errors.js';
import { emptyText, fullText, heldBackText, type Late } from '../../core/late.js';
import type { OrderName } from '../../core/queue-orders.js';
import type { NewPlacing, Rate } from './queue-settings.js';

/** Limit of the characters of an id. */
const LONGEST_ID = 1024;

/** Throws InvalidArgumentError unless a queue of that order has such a place for an item. */
export function checkPlacing(name: string, order: OrderName, placing: NewPlacing): void {
  checkRestored(name, order, placing);
  if (placing.head && placing.delayMs)
    throw new InvalidArgumentError('an item at the head with a delay: give one of them', { object: name });
}

/** As {@link checkPlacing}, for an item of a dump: one that was given back with a delay goes to the head after it. */
export function checkRestored(name: string, order: OrderName, { priority, id }: NewPlacing): void {
  const about = { object: name };
  if (priority !== undefined && Number.isNaN(priority)) throw new InvalidArgumentError('priority is NaN: give a number', about);
  if (priority !== undefined && order !== 'priority') {
    throw new InvalidArgumentError(`"${name}" has the order ${order}, which has no priorities: open it with { order: 'priority' }`, about);
  }
  if (id !== undefined) checkId(name, id);
}

/** Throws InvalidArgumentError unless a text can be the id of an item. */
function checkId(name: string, id: string): void {
  if (id !== '' && id.length <= LONGEST_ID) return;
  throw new InvalidArgumentError(`an id of ${id.length} characters: give 1 to ${LONGEST_ID}`, { object: name });
}

/** @param accepted number of items that the put has added nevertheless */
export function shutDownError(name: string, accepted = 0): QueueShutDownError {
  return new QueueShutDownError(`"${name}" was shut down`, { object: name, mayHaveExecuted: accepted > 0 });
}

/** @param accepted number of items that the put has added nevertheless */
export function fullError(name: string, capacity: number, accepted: number, late: Late): QueueFullError {
  const about = { object: name, accepted, mayHaveExecuted: accepted > 0 };
  return new QueueFullError(fullText(name, capacity, late), about);
}

/** The error of a call that got no item: because there is none, or because none is handed out. */
export function emptyError(
  name: string,
  held: { readonly paused: boolean; readonly rate: Rate | undefined } | undefined,
  late: Late,
): QueueEmptyError {
  const about = { object: name };
  if (held?.paused) return new QueueEmptyError(heldBackText(name, 'is paused', late), about);
  if (held?.rate === undefined) return new QueueEmptyError(emptyText(name, late), about);
  const { max, perMs } = held.rate;
  return new QueueEmptyError(heldBackText(name, `hands out at most ${max} items in ${perMs} ms`, late), about);
}
