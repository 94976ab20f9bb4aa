import { SLICE } from '../../../engine/shared/threads/parking.js';
import { PLACE, PLACES, POINT, type Asleep, type Coroutine } from './points.js';

/** The thread that begins, the switches to other threads, and the deaths. */
export interface Schedule {
  readonly first: number;
  /** At this point, counted over all threads, that thread continues. */
  readonly switches: readonly (readonly [point: number, thread: number])[];
  /** The thread dies before its n-th change of the memory. */
  readonly deaths: readonly (readonly [thread: number, cut: number])[];
}

/** A thread that runs to the end of its operation, or until it sleeps; or one that dies. */
export type Turn = number | { readonly dies: number };

/** Chooses the next turn: see {@link Machine.choose}. */
export type Choice = (ready: readonly number[]) => Turn;

/** Number of points after which a run counts as endless. */
const MOST_POINTS = 200_000;
/** Number of times that all threads may sleep until a timeout; after that they sleep for ever. */
const MOST_SLICES = 12;

export type State = 'ready' | 'asleep' | 'dead' | 'done';

class Thread {
  state: State = 'ready';
  asleep = 0;
  /** True if it was woken from its last sleep; false if that timed out. */
  woken = true;
  cuts = 0;
  /** Its present place in the source. */
  place = 0;

  constructor(readonly coroutine: Coroutine) {}
}

/**
 * Runs threads that are coroutines one step at a time, by a schedule. Unless the schedule switches, a thread runs until it sleeps or ends.
 */
export class Machine {
  /** In milliseconds. */
  clock = 0;
  /** Time by which each reading of the clock advances it, in milliseconds. */
  pace = 0;
  points = 0;
  /** Number of times that all threads slept until a timeout. */
  slices = 0;
  /** The turns of a run, in the order of their ends. */
  turns: Turn[] = [];
  #threads: Thread[] = [];

  constructor(readonly words: Int32Array) {}

  now(): number {
    return (this.clock += this.pace);
  }

  state(thread: number): State {
    return this.#threads[thread]?.state ?? 'ready';
  }

  /** Place of each thread in the source. */
  get places(): string[] {
    return this.#threads.map(({ state, place }, thread) => `thread ${thread} is ${state} at ${PLACES[place]}`);
  }

  /** Places in the source at which threads have died. */
  get deathPlaces(): string[] {
    return this.#threads.filter(({ state }) => state === 'dead').map(({ place }) => PLACES[place]!);
  }

  /** True if the first `count` threads have ended. */
  over(count: number): boolean {
    return this.#threads.slice(0, count).every(({ state }) => state === 'dead' || state === 'done');
  }

  /** Number of cuts that each thread has reached. */
  get cuts(): number[] {
    return this.#threads.map(({ cuts }) => cuts);
  }

  /** Lets threads that sleep on a word continue. */
  notify(offset: number, count: number): number {
    const asleep = this.#threads.filter((thread) => thread.state === 'asleep' && thread.asleep === offset).slice(0, count);
    for (const thread of asleep) thread.state = 'ready';
    return asleep.length;
  }

  begin(coroutines: readonly Coroutine[], pace: number): void {
    this.#threads = coroutines.map((coroutine) => new Thread(coroutine));
    this.clock = 1_000_000;
    this.pace = pace;
    this.points = this.slices = 0;
    this.turns = [];
  }

  /** @param cutting kinds of points at which a thread can die */
  run({ first, switches, deaths }: Schedule, cutting: number): void {
    const next = new Map(switches);
    const ends = new Map(deaths);
    for (let current = this.#ready(first); current >= 0; current = this.#ready(current)) {
      const thread = this.#threads[current]!;
      const stopped = this.#step(thread);
      if (stopped === 0 || stopped === POINT.operation) this.turns.push(current);
      if (stopped === 0) continue;
      if ((stopped & cutting) !== 0 && ends.get(current) === ++thread.cuts) {
        thread.state = 'dead';
        this.turns.push({ dies: current });
        // The reapers have all of their time to notice.
        this.slices = Math.min(this.slices, 1);
      }
      const other = next.get(this.points);
      if (other !== undefined && this.#awake(other)) current = other;
    }
  }

  /** Runs each operation as a whole, until it ends or sleeps; then `choice` chooses the next thread. */
  choose(choice: Choice): void {
    const threads = this.#threads;
    while (this.#ready(0) >= 0) {
      const able = ({ state, asleep }: Thread): boolean => state === 'ready' || (state === 'asleep' && asleep === IDLE);
      const chosen = choice([...threads.keys()].filter((index) => able(threads[index]!)));
      if (typeof chosen === 'object') {
        const victim = threads[chosen.dies]!;
        if (victim.state !== 'done') victim.state = 'dead';
        continue;
      }
      const thread = threads[chosen]!;
      this.#awake(chosen);
      while (thread.state === 'ready' && this.#step(thread) !== POINT.operation);
    }
  }

  /** Runs the thread to its next point, and returns its kind; 0 if the thread sleeps or has ended. */
  #step(thread: Thread): number {
    const { done, value } = thread.coroutine.next(thread.woken);
    if (++this.points > MOST_POINTS) throw new Error('the run does not end');
    if (done === true) thread.state = 'done';
    else if (typeof value === 'object') this.#sleep(thread, value);
    else {
      thread.place = Math.floor(value / PLACE);
      return value % PLACE;
    }
    return 0;
  }

  #sleep(thread: Thread, { offset, seen }: Asleep): void {
    if (offset !== IDLE && Atomics.load(this.words, offset >> 2) !== seen) return;
    thread.state = 'asleep';
    thread.woken = true;
    thread.asleep = offset;
  }

  /** True if a thread can continue; one that only lets time pass continues early. */
  #awake(index: number): boolean {
    const thread = this.#threads[index]!;
    if (thread.state === 'asleep' && thread.asleep === IDLE) {
      this.clock += SLICE + 1;
      thread.state = 'ready';
    }
    return thread.state === 'ready';
  }

  /** A thread that can continue, preferably this one; -1 if all have ended. */
  #ready(preferred: number): number {
    for (let first = preferred; ; first = 0) {
      const { length } = this.#threads;
      for (let i = 0; i < length; i++) if (this.#threads[(first + i) % length]!.state === 'ready') return (first + i) % length;
      const asleep = this.#threads.filter(({ state }) => state === 'asleep');
      if (asleep.length === 0) return -1;
      if (++this.slices > MOST_SLICES) return -1;
      this.clock += SLICE + 1;
      for (const thread of asleep) [thread.state, thread.woken] = ['ready', false];
    }
  }
}

/** Offset on which a thread sleeps that only lets time pass. */
const IDLE = -8;

/** Lets time pass. */
export function* idle(): Coroutine<void> {
  yield { offset: IDLE, seen: 0 };
}
