import type { Holder } from '../../../proto/gen/commonhold/v1/lock_wire.js';
import { A_CLOSED, GONE, O_LIST0, O_LIST1, O_LIST2, L_COUNT, O_DATA, O_PINNED, O_SEQ, O_UID } from '../kernel/layout.js';
import type { ObjectAddress } from '../memory/place.js';
import type { Kernel } from '../memory/region.js';
import { destroyed } from './directory.js';
import type { SharedKind } from './kind-numbers.js';
import type { ArenaThread } from '../memory/arena-thread.js';
import type { ThreadWaits } from '../threads/thread-waits.js';

/** The parts that all objects of a thread share. */
export interface EngineContext {
  readonly thread: ArenaThread;
  readonly waits: ThreadWaits;
}

/** Number of attempts without excluding other threads for the whole operation. */
const TRIES = 3;
/** Thrown if an object has changed since its first part was read. */
const CHANGED = new Error('the object has changed');

/** An object of the arena, as one thread works on it. */
export abstract class ObjectView {
  protected readonly thread: ArenaThread;
  protected readonly waits: ThreadWaits;
  protected readonly kernel: Kernel;
  /** Offset of the thread's slot. */
  protected readonly self: number;
  readonly object: number;
  readonly uid: number;
  /** Offset of the fields of the kind. */
  protected readonly data: number;

  constructor(
    { thread, waits }: EngineContext,
    readonly kind: SharedKind,
    readonly name: string,
    { object, uid }: ObjectAddress,
  ) {
    this.thread = thread;
    this.waits = waits;
    this.kernel = thread.kernel;
    this.self = thread.self;
    this.object = object;
    this.uid = uid;
    this.data = object + O_DATA;
  }

  /** True while the object exists and the arena is open. */
  get there(): boolean {
    const { words } = this.thread.region;
    return words[(this.object + O_UID) >> 2] === this.uid && words[A_CLOSED >> 2] === 0;
  }

  /** Number of entries or items; 1 for other kinds. */
  get size(): number {
    return 1;
  }

  /** Size of the payloads in bytes: keys and values, items, elements. Counted at each call. */
  get bytes(): number {
    return 0;
  }

  /** Its options as text, for display. */
  options(): Record<string, string> {
    return {};
  }

  /** Marks the object as referred to by another one: an anonymous object then does not end with its last proxy. */
  pin(): void {
    this.thread.setWord(this.object + O_PINNED, 1);
  }

  /** Number of waits on it; 0 if it has ended. */
  get waiters(): number {
    // Under the guard: in the middle of a change, a wait may be counted that never begins, because its thread dies.
    const count = (): number => this.countOf(O_LIST0) + this.countOf(O_LIST1) + this.countOf(O_LIST2);
    return this.thread.guards.during(this.object, this.uid, count, () => 0);
  }

  /** Number of nodes in one of its lists. Without the guard, some may be in it only until a change is rolled back. */
  protected countOf(list: number): number {
    return this.thread.word(this.object + list + L_COUNT);
  }

  /** Its holders, for display. */
  holders(): Holder[] {
    return [];
  }

  /** Checks, after a read without the kernel, that the memory was still this object's. @throws NotFoundError, ClosedError */
  protected assertThere(): void {
    if (!this.there) this.again(GONE);
  }

  /** Passes a node to the kernel, repeating the call like {@link again}. If it throws, the node is released. */
  protected enlist(node: number, call: () => number, insists = false): number {
    try {
      let answer: number;
      while (this.again((answer = call()), insists));
      return answer;
    } catch (error) {
      this.waits.done(node);
      throw error;
    }
  }

  /**
   * Returns true if a kernel call with this result has to be repeated: `while (this.again(r = kernel.f(...)));`
   * @param insists the step must not be given up: see {@link finish}
   * @throws NotFoundError if the object has ended; OutOfMemoryError; ClosedError; ManagerError if another thread does not give a guard back
   */
  protected again(answer: number, insists = false): boolean {
    if (answer >= 0) return false;
    if (this.thread.again(answer, this.object, insists)) return true;
    if (answer === GONE) throw destroyed(this.name);
    return false;
  }

  /**
   * Calls the kernel for a step that must not be given up, because it ends what this thread began: it leaves a line, or gives back what was
   * taken. Returns its result, GONE if the object has ended.
   */
  protected finish(call: () => number): number {
    let answer: number;
    while (this.thread.again((answer = call()), this.object, true));
    return answer;
  }

  /** Reads a number of the object, but not in the middle of a change, which could be rolled back. */
  protected committed(field: number): number {
    const { words } = this.thread.region;
    const [seq, at] = [(this.object + O_SEQ) >> 2, (this.data + field) >> 2];
    for (let tries = TRIES; tries > 0; tries--) {
      const before = Atomics.load(words, seq);
      const number = Atomics.load(words, at);
      if ((before & 1) === 0 && Atomics.load(words, seq) === before) return number;
    }
    return this.guarded(() => this.thread.word(this.data + field));
  }

  /** Runs work under the guard of the object: see {@link Guards}. @throws NotFoundError, ClosedError */
  protected guarded<R>(work: () => R): R {
    return this.thread.guards.during(this.object, this.uid, work, this.#gone);
  }

  readonly #gone = (): never => {
    this.again(GONE);
    throw destroyed(this.name);
  };

  /** Counter of the object's changes. Requires the guard. */
  get #changes(): number {
    return this.thread.word(this.object + O_SEQ);
  }

  /**
   * Works on the parts of the object as of one moment. Other threads are excluded only while one part is read. If one changes the object in
   * between, the work starts over; the last attempt reads all parts under one guard.
   * @param begin starts reading: its result returns one part after another, and undefined at the end. Called under the guard
   */
  protected picture<T, R>(begin: () => () => T | undefined, work: (parts: Iterable<T>) => R): R {
    for (let tries = TRIES; tries > 0; tries--) {
      try {
        return work(this.#parts(begin));
      } catch (error) {
        if (error !== CHANGED) throw error;
      }
    }
    return work(this.guarded(() => [...partsOf(begin())]));
  }

  *#parts<T>(begin: () => () => T | undefined): Generator<T, void, undefined> {
    let next: (() => T | undefined) | undefined;
    let changes = 0;
    for (;;) {
      // Two at a time, so that a short object is read in one step.
      const [one, another] = this.guarded(() => {
        if (next === undefined) [next, changes] = [begin(), this.#changes];
        if (this.#changes !== changes) throw CHANGED;
        return [next(), next()];
      });
      if (one !== undefined) yield one;
      if (another === undefined) return;
      yield another;
    }
  }

  /**
   * Prepares a change while other threads work on the object, and makes it if the object is unchanged since. Otherwise it starts over; the
   * last attempt prepares under the guard.
   * @param change called under the guard
   */
  protected prepared<P, R>(prepare: () => P, change: (prepared: P) => R): R {
    for (let tries = TRIES; tries > 0; tries--) {
      const changes = this.guarded(() => this.#changes);
      const ready = prepare();
      const done = this.guarded(() => (this.#changes === changes ? [change(ready)] : undefined));
      if (done !== undefined) return done[0]!;
    }
    return this.guarded(() => change(prepare()));
  }

  /** Called when this thread has ended the object: ends its holds here. Other threads notice when they use it. */
  ended(): void {}

  /** Called when this thread forgets the ended object, whichever thread has ended it: ends everything that this thread serves of it. */
  forgotten(): void {}

  /** Drops the content of the ended object: see {@link ArenaThread.dispose}. */
  dispose(): void {}
}

/** Yields the parts that a reader returns, until undefined. */
export function* partsOf<T>(next: () => T | undefined): Generator<T, void, undefined> {
  for (let part = next(); part !== undefined; part = next()) yield part;
}
