import type { CallContext } from '../../../proto/contract.js';
import type { Stateful, StateOf } from '../../../proto/state.js';
import type { Payload } from '../../../proto/wire/values.js';
import type { Future } from '../../core/future.js';
import { AT_ONCE } from '../../core/late.js';
import type { Clock } from '../../core/clock.js';
import type { Restoring } from '../../core/restoring.js';
import { compactAll } from '../collections/bytes.js';
import { WaitList } from '../locking/waiters.js';
import { fullError } from './queue-errors.js';
import type { QueueItems } from './queue-items.js';
import type { NewPlacing } from './queue-settings.js';

/** Values to put, and where each goes. */
export interface Puts<P extends NewPlacing = NewPlacing> {
  readonly values: readonly Payload[];
  /** The placing of all values. */
  readonly placing: P;
  /** Empty, or the placing of each value, which then counts alone. */
  readonly each: readonly P[];
}

/** Returns the placing of one of the values. */
export function placingOf<P extends NewPlacing>({ placing, each }: Puts<P>, index: number): P {
  return each.length === 0 ? placing : each[index]!;
}

/** A put that waits for room. */
interface PendingPut extends Puts {
  /** Number of values that are dealt with: in the queue, or left out as duplicates. */
  accepted: number;
  /** Number of values that were left out, since the queue holds items with their ids. */
  duplicates: number;
}

/** The part of a waiting put that its request does not have. */
type PutState = Pick<PendingPut, 'accepted' | 'duplicates'>;

const NONE_ACCEPTED: PutState = { accepted: 0, duplicates: 0 };

/** The queue that puts go to. */
interface PutQueue {
  readonly name: string;
  readonly capacity: number;
  readonly items: QueueItems;
  /** Called when items were added. May take some, so that there is room for more. */
  added(count: number): void;
}

/** The puts of a queue, of which some wait for room. While puts wait, there is no room. */
export class QueuePuts implements Stateful {
  readonly #waiting: WaitList<PendingPut, number>;

  constructor(
    private readonly queue: PutQueue,
    clock: Clock,
  ) {
    this.#waiting = new WaitList(clock);
  }

  /** Number of puts that wait. */
  get size(): number {
    return this.#waiting.size;
  }

  state() {
    return this.#waiting.state(({ values, placing, each, accepted, duplicates }) => {
      const placings = each.length === 0 ? [placing] : each.slice(accepted);
      return {
        values: compactAll(values.slice(accepted)),
        placings: placings.map(({ priority, delayMs, id, head }) => ({ priority, delayMs, id, head })),
        accepted,
        duplicates,
      };
    });
  }

  restore(waiting: StateOf<QueuePuts>, restoring: Restoring): void {
    this.#waiting.restore(waiting, restoring);
  }

  /** Puts items, and returns the number of duplicates that were left out. */
  put(puts: Puts, context: CallContext, timeoutMs: number | undefined): number | Future<number> {
    const { values, placing, each } = puts;
    const before = this.#waiting.placeOf(context)?.want as PutState | undefined;
    const { accepted, duplicates } = before ?? NONE_ACCEPTED;
    const pending: PendingPut = { values, placing, each, accepted, duplicates };
    // Duplicates need no room, and so do not wait behind others.
    if (this.#waiting.size === 0 || (before === undefined && this.#hasAll(puts))) this.#addSome(pending);
    if (pending.accepted === values.length) return pending.duplicates;
    const { name, capacity } = this.queue;
    return this.#waiting.wait(context, pending, timeoutMs, ({ accepted }, late) => fullError(name, capacity, accepted, late));
  }

  /** Throws the error that a put of `count` new items would fail with at once. */
  assertRoom(count: number): void {
    if (count === 0 || (this.#waiting.size === 0 && this.#room >= count)) return;
    throw fullError(this.queue.name, this.queue.capacity, 0, AT_ONCE);
  }

  /** Goes on with the puts that wait, as far as there is room. */
  admit(): void {
    for (let put = this.#waiting.first; put !== undefined && this.#room > 0; put = this.#waiting.first) {
      this.#addSome(put.want);
      if (put.want.accepted === put.want.values.length) put.succeed(put.want.duplicates);
    }
  }

  /** Fails all puts that wait. @param error is given the number of values that a put has added nevertheless */
  failAll(error: (accepted: number) => Error): void {
    this.#waiting.failAll(({ accepted }) => error(accepted));
  }

  get #room(): number {
    const { capacity, items } = this.queue;
    return capacity === 0 ? Infinity : capacity - items.occupied;
  }

  /** Adds as many items as there is room for, and then is. */
  #addSome(pending: PendingPut): void {
    for (let added = this.#addFitting(pending); added > 0; added = this.#addFitting(pending)) this.queue.added(added);
  }

  /** Adds items until there is no room, and returns their number. */
  #addFitting(pending: PendingPut): number {
    const { values, placing, each } = pending;
    if (each.length === 0 && placing.id === undefined) return this.#addAlike(pending);
    let added = 0;
    for (; pending.accepted < values.length; pending.accepted++) {
      const placing = placingOf(pending, pending.accepted);
      if (this.#isDuplicate(placing)) {
        pending.duplicates++;
      } else {
        if (this.#room <= 0) break;
        this.queue.items.add(values[pending.accepted]!, placing);
        added++;
      }
    }
    return added;
  }

  /** Does the same with items without ids, which can be no duplicates. */
  #addAlike(pending: PendingPut): number {
    const { values, placing, accepted } = pending;
    const end = Math.min(values.length, accepted + Math.max(0, this.#room));
    for (let i = accepted; i < end; i++) this.queue.items.add(values[i]!, placing);
    pending.accepted = end;
    return end - accepted;
  }

  #hasAll(puts: Puts): boolean {
    return puts.values.every((_, index) => this.#isDuplicate(placingOf(puts, index)));
  }

  #isDuplicate({ id }: NewPlacing): boolean {
    return id !== undefined && this.queue.items.has(id);
  }
}
