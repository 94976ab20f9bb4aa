import type { State } from '../../../proto/state.js';
import { timerState, type Clock, type ClockTimer } from '../../core/clock.js';
import { Heap } from '../../core/heap.js';
import type { Restoring } from '../../core/restoring.js';

interface DelayedItem<T> {
  readonly item: T;
  readonly due: number;
  readonly number: number;
}

export interface DelaysState<S extends State> {
  readonly [field: string]: State;
  readonly items: readonly (readonly [item: S, due: number])[];
  readonly timer: number | undefined;
}

/**
 * Items that wait until they are due. The earliest is released first, and of equal ones the one that was added first. Uses one timer for
 * all.
 */
export class Delays<T> {
  readonly #items = new Heap<DelayedItem<T>>((a, b) => a.due < b.due || (a.due === b.due && a.number < b.number));
  #added = 0;
  #timer: ClockTimer | undefined;

  constructor(
    private readonly clock: Clock,
    /** Receives the items that are due. */
    readonly release: (items: T[]) => void,
  ) {}

  get length(): number {
    return this.#items.length;
  }

  add(item: T, delayMs: number): void {
    const delayed = { item, due: this.clock.now + delayMs, number: ++this.#added };
    this.#items.push(delayed);
    if (this.#items.first === delayed) this.#wait();
  }

  /** The items in the order in which they are released, each with its time. */
  state<S extends State>(describe: (item: T) => S): DelaysState<S> {
    const items = this.peek(this.length).map(([item, due]): [S, number] => [describe(item), due]);
    return { items, timer: timerState(this.#timer) };
  }

  restore<S extends State>({ items, timer }: DelaysState<S>, restoring: Restoring, made: (item: S, due: number) => T): void {
    for (const [item, due] of items) this.#items.push({ item: made(item, due), due, number: ++this.#added });
    this.#timer = restoring.timer(timer, () => this.#timeIsUp());
  }

  /** Returns items in the order in which they are due, from a place on, each with its time, without removing them. */
  peek(count: number, start = 0): (readonly [item: T, due: number])[] {
    return this.#items.peek(count, start).map(({ item, due }) => [item, due] as const);
  }

  /** Drops items, which changes nothing in the order of the others. */
  drop(dropped: (item: T) => boolean): void {
    for (const delayed of this.#items.clear()) if (!dropped(delayed.item)) this.#items.push(delayed);
    this.#wait();
  }

  /** Removes an item, in linear time. Returns false if it is not there. */
  remove(item: T): boolean {
    const isFirst = this.#items.first?.item === item;
    const removed = this.#items.removeOne((delayed) => delayed.item === item);
    if (isFirst) this.#wait();
    return removed;
  }

  /** Removes all items without releasing them, and returns them. */
  clear(): T[] {
    this.#timer?.stop();
    return this.#items.clear().map(({ item }) => item);
  }

  #wait(): void {
    this.#timer?.stop();
    const { first } = this.#items;
    if (first === undefined) return;
    this.#timer = this.clock.at(first.due, () => this.#timeIsUp());
  }

  #timeIsUp(): void {
    const due: T[] = [];
    const { now } = this.clock;
    while (this.#items.first !== undefined && this.#items.first.due <= now) due.push(this.#items.pop()!.item);
    this.#wait();
    if (due.length > 0) this.release(due);
  }
}
