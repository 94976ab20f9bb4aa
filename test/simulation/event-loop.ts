import { Heap } from '../../engine/core/heap.js';
import type { Draw } from '../support/random.js';

/** Longest delay of a timer of Node; a longer one fires at once, as one below 1. */
const LONGEST_MS = 2 ** 31 - 1;

/** A timer, with the surface of Node's. */
export class SimulatedTimer {
  running = true;
  /** Time for which it has its place among the timers of its loop, and the one at which it fires. */
  due: number;
  dueLater: number;
  #alive = true;

  constructor(
    /** The clock of the world. */
    private readonly clock: { readonly now: number },
    private readonly ms: number,
    readonly number: number,
    readonly run: () => void,
    readonly repeats: boolean,
  ) {
    this.dueLater = this.due = this.#fromNow();
  }

  // Node takes the time of the loop in whole milliseconds.
  #fromNow(): number {
    return Math.floor(this.clock.now) + this.ms;
  }

  /** Has its time begin now. If it waits, it keeps its place among the timers until that is due. */
  refresh(): this {
    this.dueLater = this.#fromNow();
    return this;
  }

  ref(): this {
    this.#alive = true;
    return this;
  }

  unref(): this {
    this.#alive = false;
    return this;
  }

  hasRef(): boolean {
    return this.#alive;
  }
}

/** Something that happens to a process from outside, such as the arrival of bytes. */
interface Arrival {
  readonly at: number;
  readonly number: number;
  readonly run: () => void;
}

/**
 * The event loop of one process of a world, in the phases of Node's: the timers that are due, then what has arrived, then the immediates.
 * While the process stands still, all of that gathers, and happens in the same order when it goes on.
 */
export class EventLoop {
  readonly #timers = new Heap<SimulatedTimer>((a, b) => a.due < b.due || (a.due === b.due && a.number < b.number));
  readonly #arrivals = new Heap<Arrival>((a, b) => a.at < b.at || (a.at === b.at && a.number < b.number));
  #immediates: (() => void)[] = [];
  /** The immediates of this iteration. */
  #checking: (() => void)[] = [];
  #phase: 'timers' | 'arrivals' | 'check' = 'timers';
  #count = 0;
  /** Time until which the process stands still. */
  #stoppedUntil = -Infinity;
  #ended = false;
  /** Time of the world at which the clock of this process was 0. */
  readonly origin: number;

  constructor(
    readonly name: string,
    /** The chance of this process. */
    readonly draw: Draw,
  ) {
    this.origin = -draw(1_000_000);
  }

  /** False once the process has ended. */
  get alive(): boolean {
    return !this.#ended;
  }

  /** The end of the last time that the process stood still. */
  get stoppedUntil(): number {
    return this.#stoppedUntil;
  }

  setTimer(clock: { readonly now: number }, run: () => void, ms: number, repeats: boolean): SimulatedTimer {
    const whole = ms >= 1 && ms <= LONGEST_MS ? Math.trunc(ms) : 1;
    const timer = new SimulatedTimer(clock, whole, ++this.#count, run, repeats);
    if (!this.#ended) this.#timers.push(timer);
    return timer;
  }

  setImmediate(run: () => void): void {
    this.#immediates.push(run);
  }

  /** Something arrives at a time of the world. */
  post(at: number, run: () => void): void {
    if (!this.#ended) this.#arrivals.push({ at, number: ++this.#count, run });
  }

  /** The process stands still: it is stopped, or one of its functions does not return. */
  stop(until: number): void {
    this.#stoppedUntil = Math.max(this.#stoppedUntil, until);
  }

  /** The process ends at once. */
  end(): void {
    this.#ended = true;
    this.#timers.clear();
    this.#arrivals.clear();
    this.#immediates = this.#checking = [];
  }

  /** The time at which something runs next; Infinity if nothing is due. */
  readyAt(now: number): number {
    if (this.#ended) return Infinity;
    const busy = this.#checking.length > 0 || this.#immediates.length > 0;
    const next = busy ? now : Math.min(this.#firstTimer()?.due ?? Infinity, this.#arrivals.first?.at ?? Infinity);
    return Math.max(next, this.#stoppedUntil, now);
  }

  /** Returns the next callback that is ready at this time; undefined if there is none. */
  next(now: number): (() => void) | undefined {
    if (this.#phase === 'timers') {
      const timer = this.#firstTimer();
      if (timer !== undefined && timer.due <= now) return this.#fire(timer);
      this.#phase = 'arrivals';
    }
    if (this.#phase === 'arrivals') {
      const first = this.#arrivals.first;
      if (first !== undefined && first.at <= now) return this.#arrivals.pop()!.run;
      this.#phase = 'check';
      this.#checking = this.#immediates;
      this.#immediates = [];
    }
    const immediate = this.#checking.shift();
    if (immediate === undefined) this.#phase = 'timers';
    return immediate;
  }

  #firstTimer(): SimulatedTimer | undefined {
    for (;;) {
      const { first } = this.#timers;
      if (first === undefined || (first.running && first.due === first.dueLater)) return first;
      this.#timers.pop();
      if (first.running) this.#wait(first);
    }
  }

  #wait(timer: SimulatedTimer): void {
    timer.due = timer.dueLater;
    this.#timers.push(timer);
  }

  #fire(timer: SimulatedTimer): () => void {
    this.#timers.pop();
    if (timer.repeats) this.#wait(timer.refresh());
    else timer.running = false;
    return timer.run;
  }
}
