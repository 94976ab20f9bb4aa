import type { Stateful, StateOf } from '../../proto/state.js';
import { Heap } from './heap.js';

/** Returns a rounded time as a response can have it: not below 0, and not beyond the whole numbers of the contract. */
export function boundedMs(ms: number): number {
  return Math.min(Math.max(0, ms), Number.MAX_SAFE_INTEGER);
}

/** Number of stopped timers from which they are thrown away, if they are also more than half of all. */
const STALE = 32;

/** The process around an engine, as far as its clock needs it. */
export interface TimeSource {
  /** Milliseconds on a clock that never goes back. */
  now(): number;
  /** Milliseconds since 1970. */
  wallTime(): number;
  /** Calls back once at a time of `now`, or never. Replaces the earlier request. */
  wake(at: number | undefined, tick: () => void): void;
  /** Reports an error that was thrown outside of any call: a defect of the engine. */
  defect(error: unknown): void;
}

/** A timer of a clock. */
export interface ClockTimer {
  /** Keeps it from firing. */
  stop(): void;
}

/** The time, and timers. */
export interface Timers {
  /** Milliseconds on a clock that never goes back. */
  readonly now: number;
  /** Runs something in `ms` milliseconds; `Infinity` is never. */
  after(ms: number, run: () => void): ClockTimer;
}

/**
 * The clock of an engine, which has no other source of time. Time stands still, but for the start of a turn: a turn reads the time, fires
 * the timers that are due by then, runs its work, and then everything that was deferred in it. Timers fire in the order of their times, and
 * timers of equal times in the order in which they were started. So the same turns at the same times have the same effects.
 */
export class Clock implements Timers, Stateful {
  /** Milliseconds since 1970 when the clock was made. */
  readonly wallTime: number;
  readonly #timers = new Heap<Alarm>((a, b) => a.due < b.due || (a.due === b.due && a.number < b.number));
  #started = 0;
  #stopped = 0;
  #now: number;
  #inTurn = false;
  /**
   * True once something happened in the turn under way, other than a call that reads, which must not be lost if a client hears of the turn: a timer
   * fired, or a part of the engine has set it.
   */
  changed = false;
  /** The times of timers that are not resumed yet, by number, while the clock is restored. */
  #unclaimed: Map<number, number> | undefined;
  readonly #deferred: (() => void)[] = [];
  readonly #deferredLast: (() => void)[] = [];
  /** The time for which the source was asked to wake this clock. */
  #wakesAt: number | undefined;

  constructor(private readonly source: TimeSource) {
    this.wallTime = source.wallTime();
    this.#now = source.now();
  }

  /** The time of the turn, or of the last one between turns. */
  get now(): number {
    return this.#now;
  }

  /** True while a turn is under way. */
  get inTurn(): boolean {
    return this.#inTurn;
  }

  /** Runs work as one turn. Within a turn, the work belongs to that turn. */
  turn<R>(run: () => R): R {
    if (this.#inTurn) return run();
    this.#begin();
    try {
      return run();
    } finally {
      this.#end();
    }
  }

  /** Runs something at the end of the turn, so that what happens in one turn is dealt with once, and never in the middle of an operation. */
  defer(run: () => void): void {
    this.#assertTurn();
    this.#deferred.push(run);
  }

  /** Runs something at the end of the turn, once nothing else is left to do in it. */
  deferLast(run: () => void): void {
    this.#assertTurn();
    this.#deferredLast.push(run);
  }

  after(ms: number, run: () => void): ClockTimer {
    return this.at(this.#now + ms, run);
  }

  /** Runs something at a time of `now`. */
  at(due: number, run: () => void): ClockTimer {
    this.#assertTurn();
    // A part that starts a timer while it is restored resumes the timer of its state afterwards.
    if (this.#unclaimed !== undefined) return STOPPED;
    return this.#start(due, ++this.#started, run);
  }

  #start(due: number, number: number, run: () => void): Alarm {
    const alarm = new Alarm(due, number, run, this.#onStop);
    this.#timers.push(alarm);
    return alarm;
  }

  /**
   * Its timers, each with its number and its time. The parts that started them name them by number. The time itself is left out: each turn
   * brings its own.
   */
  state() {
    const running = this.#timers.peek(this.#timers.length).filter(({ running }) => running);
    return { started: this.#started, timers: running.flatMap(({ number, due }) => [number, due]) };
  }

  /** Begins to restore the timers, in the turn in which the parts that started them {@link resume} them. No others start until {@link restored}. */
  restore({ started, timers }: StateOf<Clock>): void {
    this.#assertTurn();
    this.#started = started;
    this.#unclaimed = new Map();
    for (let i = 0; i < timers.length; i += 2) this.#unclaimed.set(timers[i]!, timers[i + 1]!);
  }

  /** Lets a timer run on under its number. */
  resume(number: number, run: () => void): ClockTimer {
    const due = this.#unclaimed?.get(number);
    if (due === undefined) throw new Error(`the state is damaged: its clock has no timer ${number}`);
    this.#unclaimed!.delete(number);
    return this.#start(due, number, run);
  }

  /** Ends the restoring of the timers. */
  restored(): void {
    const left = this.#unclaimed!.size;
    if (left > 0) throw new Error(`the state is damaged: ${left} timers of its clock belong to nothing`);
    this.#unclaimed = undefined;
  }

  #assertTurn(): void {
    if (!this.#inTurn) throw new Error('a defect: the engine was entered outside of a turn');
  }

  #begin(): void {
    this.#inTurn = true;
    this.changed = false;
    this.#now = Math.max(this.#now, this.source.now());
    for (let alarm = this.#first(); alarm !== undefined && alarm.due <= this.#now; alarm = this.#first()) {
      this.#timers.pop();
      this.changed = true;
      this.#attempt(alarm.fire());
    }
  }

  #end(): void {
    do this.#runDeferred();
    while (this.#attemptLast());
    this.#inTurn = false;
    this.#wakeForFirst();
  }

  #runDeferred(): void {
    const deferred = this.#deferred;
    // Work that is deferred meanwhile runs in the same loop.
    for (const run of deferred) this.#attempt(run);
    deferred.length = 0;
  }

  /** Runs the first of the work that comes last; returns false if there is none. */
  #attemptLast(): boolean {
    const run = this.#deferredLast.shift();
    if (run !== undefined) this.#attempt(run);
    return run !== undefined;
  }

  /** Runs something that belongs to no call, which therefore gets none of its errors. */
  #attempt(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.source.defect(error);
    }
  }

  readonly #onStop = (): void => {
    this.#stopped++;
    if (this.#stopped > STALE && 2 * this.#stopped > this.#timers.length) this.#dropStopped();
    if (!this.#inTurn) this.#wakeForFirst();
  };

  #dropStopped(): void {
    const running = this.#timers.clear().filter(({ running }) => running);
    for (const alarm of running) this.#timers.push(alarm);
    this.#stopped = 0;
  }

  readonly #tick = (): void => {
    this.#wakesAt = undefined;
    this.turn(() => {});
  };

  /** The timer that fires next. */
  #first(): Alarm | undefined {
    for (; this.#timers.first?.running === false; this.#stopped--) this.#timers.pop();
    return this.#timers.first;
  }

  /** Asks its source to wake it, which is another one than before. */
  wakeAgain(): void {
    this.#wakesAt = undefined;
    this.#wakeForFirst();
  }

  #wakeForFirst(): void {
    const due = this.#first()?.due;
    const at = due === Infinity ? undefined : due;
    if (at === this.#wakesAt) return;
    this.#wakesAt = at;
    this.source.wake(at, this.#tick);
  }
}

/** Returns the number of a timer of a clock while it runs. */
export function timerState(timer: ClockTimer | undefined): number | undefined {
  return timer instanceof Alarm && timer.running ? timer.number : undefined;
}

/** In the place of a timer that is started while the clock is restored. */
const STOPPED: ClockTimer = { stop() {} };

class Alarm implements ClockTimer {
  /** False once it has fired or was stopped. */
  running = true;

  constructor(
    readonly due: number,
    readonly number: number,
    private readonly run: () => void,
    private readonly stopped: () => void,
  ) {}

  /** Returns the work that is due now. */
  fire(): () => void {
    this.running = false;
    return this.run;
  }

  stop(): void {
    if (!this.running) return;
    this.running = false;
    this.stopped();
  }
}
