import type { Holder } from '../../../proto/gen/commonhold/v1/lock_wire.js';
import { A_CLOSED, GONE, O_LIST0, O_LIST1, O_LIST2, L_COUNT, O_DATA, O_PINNED, O_SEQ, O_UID } from '../kernel/layout.js';
import type { ObjectAddress } from '../memory/place.js';
import type { Kernel } from '../memory/region.js';
import { destroyed } from './directory.js';
import type { SharedKind } from './kind-numbers.js';
import type { ArenaThread } from '../memory/arena-thread.js';
import type { ThreadWaits } from '../threads/thread-waits.js';

/** What the bound objects of a thread have in common. */
export interface EngineContext {
  readonly thread: ArenaThread;
  readonly waits: ThreadWaits;
}

/** How often something is tried without keeping others from the object all the time. */
const TRIES = 3;
/** Thrown where an object has changed since its first part was read. */
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
  /** Offset of what the kind has for itself. */
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

  /** Whether the object is still there. */
  get there(): boolean {
    const { words } = this.thread.region;
    return words[(this.object + O_UID) >> 2] === this.uid && words[A_CLOSED >> 2] === 0;
  }

  /** Entries, items; 1 for what has none. */
  get size(): number {
    return 1;
  }

  /** Bytes of the payloads it holds: keys and values, items, elements. Counted when asked for. */
  get bytes(): number {
    return 0;
  }

  /** Its options, for people. */
  options(): Record<string, string> {
    return {};
  }

  /** Another object refers to it: where it has no name, it does not end with the last thread that has a proxy of it. */
  pin(): void {
    this.thread.setWord(this.object + O_PINNED, 1);
  }

  /** How many wait on it. */
  get waiters(): number {
    return this.countOf(O_LIST0) + this.countOf(O_LIST1) + this.countOf(O_LIST2);
  }

  /** How many nodes one of its lists has. */
  protected countOf(list: number): number {
    return this.thread.word(this.object + list + L_COUNT);
  }

  /** Who holds it, for people. */
  holders(): Holder[] {
    return [];
  }

  /** For what is read without the kernel, and is no object's any more where this throws. @throws NotFoundError, ClosedError */
  protected assertThere(): void {
    if (!this.there) this.again(GONE);
  }

  /** Has the kernel take a node, as {@link again} calls it; where that fails, the node is free. */
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
   * Whether to make a call of the kernel again that answered this: `while (this.again(r = kernel.f(...)));`
   * @param insists the step must not be given up: see {@link finish}
   * @throws NotFoundError where the object is gone; OutOfMemoryError; ClosedError; ManagerError where another thread does not go on
   */
  protected again(answer: number, insists = false): boolean {
    if (answer >= 0) return false;
    if (this.thread.again(answer, this.object, insists)) return true;
    if (answer === GONE) throw destroyed(this.name);
    return false;
  }

  /**
   * Answers what the kernel does for a step that must not be given up, because it ends what this thread has begun: it
   * leaves a line, or gives back what was taken. Where the object is gone, so is that.
   */
  protected finish(call: () => number): number {
    let answer: number;
    while (this.thread.again((answer = call()), this.object, true));
    return answer;
  }

  /** A number that the object has, as no change in progress makes it: that may be taken back. */
  protected settled(field: number): number {
    const { words } = this.thread.region;
    const [seq, at] = [(this.object + O_SEQ) >> 2, (this.data + field) >> 2];
    for (let tries = TRIES; tries > 0; tries--) {
      const before = Atomics.load(words, seq);
      const number = Atomics.load(words, at);
      if ((before & 1) === 0 && Atomics.load(words, seq) === before) return number;
    }
    return this.guarded(() => this.thread.word(this.data + field));
  }

  /** Runs something that no other thread's work on the object comes between: see {@link Guards}. @throws NotFoundError, ClosedError */
  protected guarded<R>(work: () => R): R {
    return this.thread.guards.during(this.object, this.uid, work, this.#gone);
  }

  readonly #gone = (): never => {
    this.again(GONE);
    throw destroyed(this.name);
  };

  /** Counts the changes of the object. Under the guard. */
  get #changes(): number {
    return this.thread.word(this.object + O_SEQ);
  }

  /**
   * Works on the parts of the object as they are at one moment. Others are kept from it only while one part is read; where
   * one of them changes it meanwhile, the work begins again, and at last all parts are read at once.
   * @param begin begins to read: its result answers one part after another, and undefined behind the last. Under the guard
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
      // Two at a time: a short object needs one turn.
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
   * Prepares a change while others work on the object, and makes it where none of them has changed that meanwhile; otherwise
   * it begins again, and at last prepares it under the guard.
   * @param change under the guard
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

  /** This thread has ended it: whoever holds it here is told. Other threads find out when they use it. */
  ended(): void {}

  /** Drops what the object holds, which has ended: see {@link ArenaThread.dispose}. */
  dispose(): void {}
}

/** What a reader answers, until it is at the end. */
export function* partsOf<T>(next: () => T | undefined): Generator<T, void, undefined> {
  for (let part = next(); part !== undefined; part = next()) yield part;
}
