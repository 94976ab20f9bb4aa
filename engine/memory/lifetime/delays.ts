import { Timer } from '../../../proto/timer.js';
import { Heap } from '../collections/heap.js';

interface DelayedItem<T> {
  readonly item: T;
  readonly due: number;
  readonly number: number;
}

/** Items that rest until they are due: the earliest first, of equal ones the one that came first. One timer for all. */
export class Delays<T> {
  readonly #resting = new Heap<DelayedItem<T>>((a, b) => a.due < b.due || (a.due === b.due && a.number < b.number));
  #added = 0;
  #timer: Timer | undefined;

  constructor(
    /** Gets the items that are due. */
    readonly release: (items: T[]) => void,
  ) {}

  get length(): number {
    return this.#resting.length;
  }

  add(item: T, delayMs: number): void {
    const resting = { item, due: performance.now() + delayMs, number: ++this.#added };
    this.#resting.push(resting);
    if (this.#resting.first === resting) this.#wait();
  }

  /** Releases nothing any more; answers what rested. */
  clear(): T[] {
    this.#timer?.stop();
    return this.#resting.clear().map(({ item }) => item);
  }

  #wait(): void {
    this.#timer?.stop();
    const { first } = this.#resting;
    if (first === undefined) return;
    const left = Math.ceil(first.due - performance.now());
    this.#timer = new Timer(Math.max(left, 1), () => this.#timeIsUp());
  }

  /** Releases what is due by now, which the timer may be late to do. */
  check(): void {
    const { first } = this.#resting;
    if (first !== undefined && first.due <= performance.now()) this.#timeIsUp();
  }

  #timeIsUp(): void {
    const due: T[] = [];
    const now = performance.now();
    while (this.#resting.first !== undefined && this.#resting.first.due <= now) due.push(this.#resting.pop()!.item);
    this.#wait();
    if (due.length > 0) this.release(due);
  }
}
