import { ManagerError, OutOfMemoryError } from '../../../proto/errors.js';
import { A_HEAP, BUSY, CONTENDED, O_GUARD } from '../kernel/layout.js';
import { now } from '../threads/parking.js';
import type { ClearPart } from '../threads/clear-part.js';
import type { ObjectAddress } from './place.js';
import { arenaEnded, type Kernel, type Region } from './region.js';
import { assertStackWithin } from '../threads/stack.js';
import type { Threads } from '../threads/threads.js';
import type { ThreadWatch } from '../threads/watch.js';

/** Offset of an imaginary object whose guard is the heap's. */
export const HEAP = A_HEAP - O_GUARD;
/** Limit of a wait for the guard of a living thread, in milliseconds. */
const PATIENCE = 10_000;

/** A thread, as it works in an arena. */
interface Worker {
  readonly kernel: Kernel;
  readonly self: number;
  readonly region: Region;
  readonly threads: Threads;
  readonly watch: ThreadWatch;
  /** False until this thread has the memory that it needs to clear a dead one away. */
  readonly equipped: boolean;
  /** Updates the views to show each object whose guard this thread has. */
  see(): void;
}

/** Describes a living thread that does not give a guard back. */
export interface Standstill {
  readonly text: string;
  /** Name of the object, if known. */
  readonly name?: string | undefined;
}

/**
 * The guards that a thread takes: that of one object at a time (the directory is one), and besides it the heap's, whose holder waits for
 * nothing. So threads never wait for each other in a cycle. See "The order of the guards" in docs/shared-memory.md.
 */
export class Guards {
  /** Time after which a wait for a guard fails or warns, in milliseconds. */
  patience = PATIENCE;
  /** The object whose guard this thread has for several steps, or 0. */
  #held = 0;
  /** The object for whose guard this thread waits, or 0. */
  #awaited = 0;
  /** True while this thread clears away what a dead thread left. */
  #clearing = false;
  /** True if this thread has claimed dead threads that it has yet to clear away; not before the time `#later`. */
  #owes = false;
  #later = 0;

  /** @param clearAway clears away a part of what a dead thread left */
  constructor(
    private readonly worker: Worker,
    private readonly clearAway: ClearPart,
  ) {}

  /**
   * Describes the thread that has had the guard of an object for too long.
   * @param looks true if the calling thread may look for what else that thread has
   */
  describe: (object: number, holder: number, looks: boolean) => Standstill = () => ({ text: 'another thread does not go on' });

  /**
   * Runs work under the guard of an object.
   * @param gone returns the result if the object does not exist any more
   */
  during<R>(object: number, uid: number, work: () => R, gone: () => R): R {
    const { kernel, self, threads } = this.worker;
    const outer = this.#held;
    if (outer !== 0 && outer !== object) throw new ManagerError('a thread that has the guard of one object asks for that of another');
    assertStackWithin();
    const entered = this.step(object, () => kernel.enterObject(self, object, uid));
    if (entered < 0) return gone();
    this.#held = object;
    try {
      this.worker.see();
      return work();
    } finally {
      this.#held = outer;
      if (entered === 0) kernel.leaveObject(self, object);
      if (this.#owes && outer === 0 && !this.#clearing && now() >= this.#later) {
        this.#owes = false;
        threads.goOn();
      }
    }
  }

  /** Calls a kernel function, again while another thread works on the object, and returns its result. */
  step(object: number, call: () => number): number {
    let answer: number;
    while ((answer = call()) === BUSY) this.pass(object);
    return answer;
  }

  /**
   * Sleeps until the thread that works on an object gives its guard back, or is found dead.
   * @param insists the wait must not be given up
   * @throws ManagerError if that thread lives and has the guard for too long; with `insists`, warns the program instead
   */
  pass(object: number, insists = false): void {
    const { kernel, self, region, watch } = this.worker;
    const { words } = region;
    const guard = object + O_GUARD;
    const holder = Atomics.load(words, guard >> 2) & ~CONTENDED;
    const outer = this.#awaited;
    this.#awaited = object;
    try {
      let end = now() + this.patience;
      for (;;) {
        const seen = Atomics.load(words, guard >> 2);
        if (holder === 0 || (seen & ~CONTENDED) !== holder) return;
        if (kernel.guardContend(object, seen) === 0) continue;
        if (watch.sleep(guard, seen | CONTENDED, end - now())) return;
        watch.look();
        const late = now() >= end;
        if (region.closed && (late || !insists)) throw arenaEnded();
        if (!late) continue;
        const { text, name } = this.describe(object, holder, this.#held === 0);
        if (!insists) {
          // Free what the failed call had prepared.
          kernel.discard(self);
          throw new ManagerError(`${text}; nothing was done here: try again when it goes on`, { object: name, retryable: true });
        }
        process.emitWarning(`${text}; this thread waits on, as it ends what it has begun`, 'CommonholdWarning');
        end = Infinity;
      }
    } finally {
      this.#awaited = outer;
    }
  }

  /**
   * Clears away a part of what a dead thread left, after this thread has claimed it: at once, or later if this thread has a guard that
   * others wait for. A thread that is not equipped yet leaves it to be continued. The heap's guard, and the one that this thread waits for,
   * are given back at once.
   * @returns the serial to continue with; undefined if it is done later
   */
  clear(slot: number, token: number, from: number, first: ObjectAddress | undefined): number | undefined {
    const { kernel, equipped } = this.worker;
    kernel.reapHeap(slot, token);
    if (!equipped) return from;
    if (this.#awaited !== 0 && this.#awaited !== HEAP) kernel.reapGuard(this.#awaited, slot, token);
    this.#owes = true;
    if (this.#held !== 0 || this.#clearing || now() < this.#later) return undefined;
    // Clearing this one away leads on to the other dead threads.
    this.#owes = false;
    this.#clearing = true;
    try {
      return this.clearAway(slot, token, from, first);
    } catch (error) {
      // Another thread has had a guard for too long, or the name of an ended object needs memory while there is none: try again later.
      if (!(error instanceof OutOfMemoryError || (error instanceof ManagerError && error.retryable))) throw error;
      this.#owes = true;
      this.#later = now() + this.patience;
      return undefined;
    } finally {
      this.#clearing = false;
    }
  }
}
