import { ManagerError } from '../../../proto/errors.js';
import { A_HEAP, BUSY, CONTENDED, O_GUARD } from '../kernel/layout.js';
import { now } from '../threads/parking.js';
import type { ClearPart } from '../threads/clear-part.js';
import type { ObjectAddress } from './place.js';
import { arenaEnded, type Kernel, type Region } from './region.js';
import { assertStackWithin } from '../threads/stack.js';
import type { Threads } from '../threads/threads.js';
import type { ThreadWatch } from '../threads/watch.js';

/** An object whose guard would be that of the heap. */
export const HEAP = A_HEAP - O_GUARD;
/** How long a guard is waited for whose thread lives and does not let go of it, in milliseconds. */
const PATIENCE = 10_000;

/** The thread, as it works in an arena. */
interface Worker {
  readonly kernel: Kernel;
  readonly self: number;
  readonly region: Region;
  readonly threads: Threads;
  readonly watch: ThreadWatch;
  /** Makes the views show all that an object has whose guard this thread has. */
  see(): void;
}

/** A thread that has a guard and does not let go of it, for people. */
export interface Standstill {
  readonly text: string;
  /** Name of the object, where that is known. */
  readonly name?: string | undefined;
}

/**
 * The guards that a thread takes: of one object at a time, the directory being one, and beside it that of the heap, whose
 * holder waits for nothing. So no threads wait for each other in a cycle. See "The order of the guards" in
 * docs/shared-memory.md.
 */
export class Guards {
  /** After so long, in milliseconds, one who waits for a guard is told who has it. */
  patience = PATIENCE;
  /** The object whose guard this thread has while it does several steps, or 0. */
  #held = 0;
  /** The object for whose guard it waits, or 0. */
  #awaited = 0;
  /** It clears away what a dead thread left. */
  #clearing = false;
  /** It has found dead threads that it has still to clear away, and not before this time. */
  #owes = false;
  #later = 0;

  /** @param clearAway clears away what a thread left that is gone */
  constructor(
    private readonly worker: Worker,
    private readonly clearAway: ClearPart,
  ) {}

  /**
   * Says which thread has had the guard of an object for too long.
   * @param looks whether this thread may look for what else that one has
   */
  describe: (object: number, holder: number, looks: boolean) => Standstill = () => ({ text: 'another thread does not go on' });

  /**
   * Runs something that no other thread's work on an object comes between.
   * @param gone answers where the object is another one by now
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

  /** Answers what the kernel does as soon as no other thread works on the object. */
  step(object: number, call: () => number): number {
    let answer: number;
    while ((answer = call()) === BUSY) this.pass(object);
    return answer;
  }

  /**
   * Sleeps until the thread that works on an object lets go of it, or is found dead.
   * @param insists what it is waited for is not to be given up
   * @throws ManagerError where that thread lives and holds it for too long; where `insists`, the program is warned instead
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
          // Nothing stays of what was prepared.
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
   * Clears away a part of what a thread left that is gone and that this one has claimed: at once, or later where this one is in
   * the middle of what others wait for. The guard that this one waits for is given back at once.
   * @returns the serial to go on with; undefined where it is done later
   */
  clear(slot: number, token: number, from: number, first: ObjectAddress | undefined): number | undefined {
    const { kernel } = this.worker;
    kernel.reapHeap(slot, token);
    if (this.#awaited !== 0 && this.#awaited !== HEAP) kernel.reapGuard(this.#awaited, slot, token);
    this.#owes = true;
    if (this.#held !== 0 || this.#clearing || now() < this.#later) return undefined;
    // Others that it owes come behind this one.
    this.#owes = false;
    this.#clearing = true;
    try {
      return this.clearAway(slot, token, from, first);
    } catch (error) {
      // Another thread stands still in the middle of something: this comes when that goes on.
      if (!(error instanceof ManagerError && error.retryable)) throw error;
      this.#owes = true;
      this.#later = now() + this.patience;
      return undefined;
    } finally {
      this.#clearing = false;
    }
  }
}
