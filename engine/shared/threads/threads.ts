import { LimitExceededError } from '../../../proto/errors.js';
import {
  A_DIRECTORY,
  A_LOOKED,
  A_REAPED,
  S_ASLEEP,
  S_DOORBELL,
  S_DUE,
  S_GENERATION,
  S_JOURNAL,
  S_LEFT_COUNT,
  S_LISTENING,
  S_NODES,
  S_OUTER,
  S_PID,
  S_READY,
  S_REAPER,
  S_SCRATCH,
  S_START,
  S_WAKING,
  S_THREAD,
  S_TID,
  S_TOKEN,
  SLOT_COUNT,
  SLOT_SIZE,
  SLOTS,
  TOKEN_BITS,
  TOKEN_INDEX,
} from '../kernel/layout.js';
import { DONE, FIRST, type ClearPart } from './clear-part.js';
import { identify, listThreads, lives } from './identity.js';
import { lookTime, SLICE } from './parking.js';
import type { ObjectAddress } from '../memory/place.js';
import { Region } from '../memory/region.js';

const GENERATIONS = 2 ** 20;

/** A slot, and the token that was seen in it: by now the slot may be another thread's. */
interface Sighting {
  readonly slot: number;
  readonly token: number;
}

/**
 * Interval in milliseconds at which each thread is asked for by itself, and not only looked up in the list of all: its number may be
 * another thread's by now.
 */
const EACH = 1000;

/** No thread of Node has this number. */
const UNKNOWN = -1;

/** The threads of an arena. */
export class Threads {
  /** Offset of this thread's slot. */
  self = 0;

  /** Time at which this thread last asked the system for each thread. */
  #askedEach = -EACH;

  /** True after this thread has cleared away a part of a dead thread, until a thread continues. */
  unfinished = false;
  /** Continues in the next turn of the event loop. */
  #next: NodeJS.Immediate | undefined;

  /** @param clear clears away a part of what a dead thread left; returns undefined if that has to happen later, see {@link goOn} */
  constructor(
    private region: Region,
    private readonly clear: (...part: Parameters<ClearPart>) => number | undefined,
  ) {}

  /** Takes a free slot for this thread. @throws LimitExceededError */
  join(): number {
    const { words, doubles } = this.region;
    const { pid, threadId, tid, start } = identify();
    for (let index = 0; index < SLOT_COUNT; index++) {
      const slot = SLOTS + SLOT_SIZE * index;
      if (Atomics.load(words, (slot + S_TOKEN) >> 2) !== 0) continue;
      const generation = (words[(slot + S_GENERATION) >> 2]! + 1) % GENERATIONS;
      const token = (generation << TOKEN_BITS) | (index + 1);
      if (!this.#exchange(slot, [0, 0], [token, 0])) continue;
      words[(slot + S_GENERATION) >> 2] = generation;
      for (const field of [S_ASLEEP, S_DOORBELL, S_LISTENING, S_SCRATCH, S_OUTER, S_NODES, S_READY, S_WAKING, S_LEFT_COUNT, S_JOURNAL])
        words[(slot + field) >> 2] = 0;
      words[(slot + S_PID) >> 2] = pid;
      doubles[(slot + S_START) >> 3] = start;
      words[(slot + S_THREAD) >> 2] = threadId;
      // Written last: until then, other threads do not take this one for dead.
      Atomics.store(words, (slot + S_TID) >> 2, tid);
      this.self = slot;
      return slot;
    }
    throw new LimitExceededError(`this arena has ${SLOT_COUNT} threads already`);
  }

  /** Releases all that this thread has, and gives its slot back. */
  leave(): void {
    do this.goOn();
    while (this.unfinished);
    clearImmediate(this.#next);
    this.#reap({ slot: this.self, token: this.#own });
    this.#leaveToOthers();
    this.region = Region.ended();
  }

  /** Gives back the slot of this thread, which has nothing else. Dead threads that it has claimed are left to others. */
  vacate(): void {
    clearImmediate(this.#next);
    this.#free({ slot: this.self, token: this.#own }, 0);
    this.region = Region.ended();
  }

  /** Lets another thread clear this one away, if this one could not because a third has had a guard for too long. */
  #leaveToOthers(): void {
    const { words, doubles } = this.region;
    const token = this.#own;
    if (token === 0) return;
    doubles[(this.self + S_DUE) >> 3] = FIRST;
    // No thread of the system has this number, so that the next look finds the slot.
    Atomics.store(words, (this.self + S_TID) >> 2, 0);
    this.#exchange(this.self, [token, token], [token, 0]);
  }

  get #own(): number {
    return Atomics.load(this.region.words, (this.self + S_TOKEN) >> 2);
  }

  /** Returns the slot of a token. */
  slotOf(token: number): number {
    return SLOTS + SLOT_SIZE * ((token & TOKEN_INDEX) - 1);
  }

  /** Yields the slots of all threads in the arena. */
  *slots(): Generator<number, void, undefined> {
    for (const { slot } of this.#all()) yield slot;
  }

  *#all(): Generator<Sighting, void, undefined> {
    for (let index = 0; index < SLOT_COUNT; index++) {
      const slot = SLOTS + SLOT_SIZE * index;
      const token = Atomics.load(this.region.words, (slot + S_TOKEN) >> 2);
      if (token !== 0) yield { slot, token };
    }
  }

  #others(): Sighting[] {
    return [...this.#all()].filter(({ slot }) => slot !== this.self);
  }

  /** Reaps the thread with this number, after its parent was told of its end. */
  ended(threadId: number): void {
    for (const seen of this.#others()) if (this.region.words[(seen.slot + S_THREAD) >> 2] === threadId) this.#reap(seen);
  }

  /**
   * Looks for dead threads, unless another thread has just done so. Returns true if it found any.
   * @param first an object to clear of them before all others
   */
  look(first?: ObjectAddress): boolean {
    const { words } = this.region;
    const at = A_LOOKED >> 2;
    const time = lookTime();
    const before = Atomics.load(words, at);
    if (Math.abs(time - before) < SLICE || Atomics.compareExchange(words, at, before, time) !== before) return false;
    const listed = this.#listed(time);
    const dead = this.#others().filter((seen) => !listed?.has(words[(seen.slot + S_TID) >> 2]!) && !this.#lives(seen));
    for (const seen of dead) this.#reap(seen, first);
    return dead.length > 0;
  }

  /** Returns the threads that need no closer look; undefined every {@link EACH} milliseconds, when all need one. */
  #listed(time: number): ReadonlySet<number> | undefined {
    if (Math.abs(time - this.#askedEach) < EACH) return listThreads();
    this.#askedEach = time;
    return undefined;
  }

  /**
   * Returns true unless the thread in the slot has ended. If the slot has become another thread's, the answer is void, and the claim that
   * follows fails.
   */
  #lives({ slot }: Sighting): boolean {
    const { words, doubles } = this.region;
    if (doubles[(slot + S_DUE) >> 3] !== 0) return false;
    const tid = Atomics.load(words, (slot + S_TID) >> 2);
    if (words[(slot + S_PID) >> 2] !== process.pid) return true;
    return lives({ tid, start: doubles[(slot + S_START) >> 3]! });
  }

  /**
   * Clears away a part of what a thread left; one thread at a time does so. Between two parts others have their turn, and any thread may
   * continue: this one in the next turn of its event loop, or when it looks around while it blocks.
   */
  #reap({ slot, token }: Sighting, first?: ObjectAddress): void {
    const { words, doubles } = this.region;
    if (token === 0) return;
    const other = Atomics.load(words, (slot + S_REAPER) >> 2);
    const mine = this.#own;
    // A reaper that died has not finished.
    if (other !== 0 && other !== mine && this.#present(other)) return;
    if (!this.#exchange(slot, [token, other], [token, mine])) return;
    let due: number | undefined = Math.max(doubles[(slot + S_DUE) >> 3]!, FIRST);
    do {
      // A thread that leaves counts as alive until it is done, and clears itself away without a break.
      if (token !== mine) doubles[(slot + S_DUE) >> 3] = due;
      // In a closed arena there is nothing to give back.
      due = words[A_DIRECTORY >> 2] === 0 || this.region.closed ? DONE : this.clear(slot, token, due, first);
      if (due === undefined) return;
    } while (token === mine && due < DONE);
    if (due < DONE) {
      doubles[(slot + S_DUE) >> 3] = due;
      this.#exchange(slot, [token, mine], [token, 0]);
      this.unfinished = true;
      this.#next ??= setImmediate(() => this.#goOnNow());
      return;
    }
    Atomics.add(words, A_REAPED >> 2, 1);
    this.#free({ slot, token }, mine);
    if (token === mine) return;
    // Continue with the threads that the dead one was clearing away: nothing else may notice that they remain.
    for (const seen of this.#others()) if (this.#reaperOf(seen) === token) this.#reap(seen);
    this.goOn();
  }

  #free({ slot, token }: Sighting, reaper: number): void {
    const { words, doubles } = this.region;
    // With these values, other threads do not take the slot's next thread for dead.
    doubles[(slot + S_DUE) >> 3] = 0;
    words[(slot + S_THREAD) >> 2] = UNKNOWN;
    Atomics.store(words, (slot + S_TID) >> 2, 0);
    this.#exchange(slot, [token, reaper], [0, 0]);
  }

  #reaperOf({ slot }: Sighting): number {
    return Atomics.load(this.region.words, (slot + S_REAPER) >> 2);
  }

  #goOnNow(): void {
    this.#next = undefined;
    this.goOn();
  }

  /**
   * Continues clearing away dead threads: threads that this one claimed while it had a guard, and threads that were cleared in part. Does
   * another part of each.
   */
  goOn(): void {
    this.unfinished = false;
    const { doubles } = this.region;
    for (const seen of this.#others()) {
      const reaper = this.#reaperOf(seen);
      if (reaper === this.#own || (reaper === 0 && doubles[(seen.slot + S_DUE) >> 3] !== 0)) this.#reap(seen);
    }
  }

  /** Exchanges token and reaper of a slot at once, if both are as expected. */
  #exchange(slot: number, expected: readonly [token: number, reaper: number], next: readonly [token: number, reaper: number]): boolean {
    const old = pair(expected);
    return Atomics.compareExchange(this.region.longs, (slot + S_TOKEN) >> 3, old, pair(next)) === old;
  }

  /** Returns true if the token's thread is in the arena and lives. Its slot may be free, or another thread's, by now. */
  #present(token: number): boolean {
    const slot = this.slotOf(token);
    return Atomics.load(this.region.words, (slot + S_TOKEN) >> 2) === token && this.#lives({ slot, token });
  }
}

/** Combines two adjacent words of the memory. */
function pair([low, high]: readonly [number, number]): bigint {
  return BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt.asUintN(32, BigInt(low)));
}
