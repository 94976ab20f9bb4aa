import { Heap } from './heap.js';

/** Number of stopped timers from which they are thrown away, if they are also more than half of all. */
const STALE = 32;

/** The time as the process around an engine knows it. */
export interface TimeSource {
  /** Milliseconds on a clock that never goes back. */
  now(): number;
  /** Milliseconds since 1970. */
  wallTime(): number;
  /** Calls back once at a time of `now`, or never. Replaces the earlier request. */
  wake(at: number | undefined, tick: () => void): void;
  /** Calls back when the work in progress is over. */
  defer(run: () => void): void;
}

/** A timer of a {@link Clock}. */
export interface ClockTimer {
  /** Keeps it from firing. */
  stop(): void;
}

/**
 * The clock of an engine, and its timers. They fire in the order of their times, and timers of equal times in the order in
 * which they were started. An engine has no other source of time.
 */
export class Clock {
  readonly #timers = new Heap<Alarm>((a, b) => a.due < b.due || (a.due === b.due && a.number < b.number));
  #started = 0;
  #stopped = 0;
  /** The time for which the source was asked to wake this clock. */
  #wakesAt: number | undefined;

  constructor(private readonly source: TimeSource) {}

  /** Milliseconds on a clock that never goes back. */
  get now(): number {
    return this.source.now();
  }

  /** Milliseconds since 1970. */
  get wallTime(): number {
    return this.source.wallTime();
  }

  /** Runs something in `ms` milliseconds; 0 is when the turn of the event loop is over, and `Infinity` never. */
  after(ms: number, run: () => void): ClockTimer {
    const alarm = new Alarm(this.now + ms, ++this.#started, run, this.#onStop);
    this.#timers.push(alarm);
    if (this.#timers.first === alarm) this.#wakeAt(alarm.due);
    return alarm;
  }

  /** Runs something when the work in progress is over, so that what happens in one turn is dealt with once. */
  defer(run: () => void): void {
    this.source.defer(run);
  }

  readonly #onStop = (): void => {
    this.#stopped++;
    if (this.#stopped > STALE && 2 * this.#stopped > this.#timers.length) this.#dropStopped();
    this.#wakeForFirst();
  };

  #dropStopped(): void {
    const running = this.#timers.clear().filter(({ running }) => running);
    for (const alarm of running) this.#timers.push(alarm);
    this.#stopped = 0;
  }

  readonly #tick = (): void => {
    this.#wakesAt = undefined;
    const { now } = this;
    try {
      for (let alarm = this.#first(); alarm !== undefined && alarm.due <= now; alarm = this.#first()) {
        this.#timers.pop();
        alarm.fire();
      }
    } finally {
      this.#wakeForFirst();
    }
  };

  /** The timer that fires next. */
  #first(): Alarm | undefined {
    for (; this.#timers.first?.running === false; this.#stopped--) this.#timers.pop();
    return this.#timers.first;
  }

  #wakeForFirst(): void {
    this.#wakeAt(this.#first()?.due);
  }

  #wakeAt(due: number | undefined): void {
    const at = due === Infinity ? undefined : due;
    if (at === this.#wakesAt) return;
    this.#wakesAt = at;
    this.source.wake(at, this.#tick);
  }
}

class Alarm implements ClockTimer {
  /** False once it has fired or was stopped. */
  running = true;

  constructor(
    readonly due: number,
    readonly number: number,
    private readonly run: () => void,
    private readonly stopped: () => void,
  ) {}

  fire(): void {
    this.running = false;
    this.run();
  }

  stop(): void {
    if (!this.running) return;
    this.running = false;
    this.stopped();
  }
}
