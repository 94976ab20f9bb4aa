import { InvalidArgumentError } from '../../../proto/errors.js';
import type { ItemPlacing } from '../../../proto/gen/commonhold/v1/queue_wire.js';
import { priorityOf } from '../arguments.js';
import { checkOptions, type OptionNames } from '../../../proto/known-options.js';
import { quoted } from '../../../proto/given.js';
import { givenMilliseconds, WAIT_OPTIONS, type WaitOptions } from '../../wait.js';

/** Where an item goes in its queue. */
export interface PlaceOptions {
  /** Position in a queue of the order `'priority'`: lower goes first. Any number. Default: 0. */
  priority?: number | undefined;
  /**
   * Milliseconds before the item can be taken, counted from its entry into the queue. Meanwhile it occupies room, and `join` waits for it,
   * but `size` does not count it. Default: 0.
   */
  delay?: number | undefined;
  /**
   * If true, puts it before all items that wait; in a queue of the order `'priority'`, before all of its priority. Not with a delay.
   * Default: false.
   */
  head?: boolean | undefined;
}

/** Options of an item, wherever it is put. */
export interface ItemOptions extends PlaceOptions {
  /**
   * Names the item in its queue, in 1 to 1024 characters: it is not put while the queue holds another item with this id, one that waits, is
   * delayed or is delivered. By its id it can be cancelled and moved. Default: none.
   */
  id?: string | undefined;
}

/** Options of `put`. */
export interface PutOptions extends ItemOptions, WaitOptions {}

/** Options of `putMany`. Functions give one for each value. */
export interface PutManyOptions<V = unknown> extends WaitOptions {
  /** As {@link PlaceOptions.priority}. */
  priority?: number | ((value: V, index: number) => number | undefined) | undefined;
  /** As {@link PlaceOptions.delay}. */
  delay?: number | ((value: V, index: number) => number | undefined) | undefined;
  /** As {@link ItemOptions.id}. */
  id?: ((value: V, index: number) => string | undefined) | undefined;
}

export const PLACE_OPTIONS = { priority: true, delay: true, head: true } satisfies OptionNames<PlaceOptions>;
const ITEM_OPTIONS = { ...PLACE_OPTIONS, id: true } satisfies OptionNames<ItemOptions>;
export const PUT_OPTIONS = { ...ITEM_OPTIONS, ...WAIT_OPTIONS } satisfies OptionNames<PutOptions>;
export const PUT_MANY_OPTIONS = { ...WAIT_OPTIONS, priority: true, delay: true, id: true } satisfies OptionNames<PutManyOptions>;

/** Returns the fields of a request that places an item. */
export function placingOf(options: ItemOptions | undefined): Pick<ItemPlacing, 'priority' | 'delayMs' | 'id' | 'head'> {
  if (options === undefined) return NO_PLACING;
  return { priority: priorityOf(options), delayMs: delayOf(options.delay), id: idOf(options.id), head: options.head };
}

const NO_PLACING = { priority: undefined, delayMs: undefined, id: undefined, head: undefined };

/** Returns the fields of a step of a batch that places an item. */
export function checkedPlacing(options: ItemOptions | undefined): ReturnType<typeof placingOf> {
  checkOptions(options, ITEM_OPTIONS);
  return placingOf(options);
}

/** Returns the fields of a request that places many items: one placing for all, or one for each if the options have a function. */
export function manyPlacings<V>(
  values: readonly V[],
  { priority, delay, id }: PutManyOptions<V>,
): { priority?: number | undefined; delayMs?: number | undefined; each: ItemPlacing[] } {
  if (typeof priority !== 'function' && typeof delay !== 'function' && id === undefined) {
    return { priority: priorityOf({ priority }), delayMs: delayOf(delay), each: [] };
  }
  if (id !== undefined && typeof id !== 'function') throw new InvalidArgumentError(`id is ${quoted(id)}: give a function of the value`);
  const each = values.map((value, index) => ({
    priority: priorityOf({ priority: typeof priority === 'function' ? priority(value, index) : priority }),
    delayMs: delayOf(typeof delay === 'function' ? delay(value, index) : delay),
    id: idOf(id?.(value, index)),
  }));
  return { each };
}

function delayOf(delay: number | undefined): number | undefined {
  return delay === undefined ? undefined : givenMilliseconds('delay', delay);
}

/** Checks the id of an item, and returns it. */
export function idOf<I extends string | undefined>(id: I): I {
  if (id === undefined || (typeof id === 'string' && id !== '')) return id;
  throw new InvalidArgumentError(`id is ${quoted(id)}: give a text`);
}
