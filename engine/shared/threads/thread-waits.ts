import type { CallContext } from '../../../proto/contract.js';
import {
  ENDED,
  GRANTED,
  N_ASYNC,
  N_HELD,
  N_LIST,
  N_OWNER,
  N_RESULT,
  N_SINCE,
  N_SIZE,
  N_STATE,
  N_TOKEN,
  N_WAIT,
  N_WANT,
  NUDGED,
  S_DOORBELL,
  S_LISTENING,
  S_TOKEN,
  WAITING,
} from '../kernel/layout.js';
import { Timer } from '../../../proto/timer.js';
import { listen, now, SLICE, wake } from './parking.js';
import { arenaEnded } from '../memory/region.js';
import type { ArenaThread } from '../memory/arena-thread.js';

/** How a wait ended by its time, beside GRANTED, ENDED and BROKEN. */
export const LATE = -100;
/** How a wait ended that was given up. */
export const GIVEN_UP = -101;
/** How a wait of a blocked thread ended that only this thread could have ended. */
export const STUCK = -102;

type Early = typeof LATE | typeof GIVEN_UP | typeof STUCK;

/** What one waits for, as far as a wait has to know it. */
export interface Awaited {
  /** It may be free: takes it, for the node. GRANTED where it has; WAIT otherwise. */
  retry?(node: number): number;
  /** Gives the wait up: GRANTED where it came too late for that. @param reason of who cancelled a call */
  quit(node: number, why: Early, reason?: Error): number;
  /** Whether only this thread, if it were not blocked, could end the wait of a node. */
  stuck?(node: number): boolean;
  /** Looks whether it can go on, now and then. */
  look?(): void;
}

/** What a node says when it begins to wait. */
export interface Wish {
  want?: number;
  owner?: number;
}

interface PendingWait {
  readonly node: number;
  readonly awaited: Awaited;
  readonly settle: (state: number) => void;
  readonly fail: (error: Error) => void;
  timer: Timer | undefined;
}

/**
 * The waits of one thread. Those of a blocked thread sleep on the word of their node. Those of promises have
 * one doorbell together, which rings when something came for any of them.
 */
export class ThreadWaits {
  /** How many nodes it has given out. */
  #count = 0;
  readonly #pending = new Map<number, PendingWait>();
  /** Whether the doorbell has someone who listens. That cannot be taken back, and there is never more than one. */
  #listening = false;
  /** Keeps the program alive while a promise waits, and looks for threads that are gone. */
  #timer: NodeJS.Timeout | undefined;
  /** Whether it may be long until that looks. */
  #patient = false;

  constructor(private readonly thread: ArenaThread) {}

  /** A node for something to be waited for. */
  node(async: boolean, { want = 0, owner = 0 }: Wish = {}): number {
    const { thread } = this;
    const node = thread.takeNode(N_SIZE);
    Atomics.store(thread.region.words, (node + N_STATE) >> 2, WAITING);
    thread.setWord(node + N_LIST, 0);
    thread.setWord(node + N_TOKEN, thread.word(thread.self + S_TOKEN));
    thread.setWord(node + N_WAIT, ++this.#count);
    thread.setWord(node + N_ASYNC, async ? 1 : 0);
    thread.setWord(node + N_WANT, want);
    thread.setWord(node + N_OWNER, owner);
    thread.setWord(node + N_RESULT, 0);
    thread.setDouble(node + N_SINCE, now());
    thread.setDouble(node + N_HELD, 0);
    return node;
  }

  /** The node is in no list any more. */
  done(node: number): void {
    this.thread.keepNode(node);
  }

  /** Ends a wait that nobody else is going to end: its node is in no list any more. */
  end(node: number): void {
    Atomics.store(this.thread.region.words, (node + N_STATE) >> 2, ENDED);
  }

  state(node: number): number {
    return Atomics.load(this.thread.region.words, (node + N_STATE) >> 2);
  }

  /**
   * Blocks the thread until the wait of a node is over. The node is still the caller's.
   * @param timeout milliseconds; undefined for ever
   */
  block(node: number, awaited: Awaited, timeout: number | undefined): number {
    const { watch } = this.thread;
    const end = timeout === undefined ? Infinity : now() + timeout;
    for (;;) {
      const state = this.#settled(node, awaited);
      if (state !== undefined) return state;
      if (awaited.stuck?.(node) === true) return this.#quit(node, awaited, STUCK);
      const left = end - now();
      if (left <= 0) {
        watch.resign();
        return this.#quit(node, awaited, LATE);
      }
      watch.sleep(node + N_STATE, WAITING, left);
      if (this.state(node) !== WAITING) continue;
      watch.look();
      awaited.look?.();
      if (this.thread.closed) throw arenaEnded();
    }
  }

  /** How the wait of a node ended; undefined while it goes on. */
  #settled(node: number, awaited: Awaited): number | undefined {
    const state = this.state(node);
    if (state === WAITING) return undefined;
    if (state !== NUDGED) return state;
    return awaited.retry?.(node) === GRANTED ? GRANTED : undefined;
  }

  #quit(node: number, awaited: Awaited, why: Early, reason?: Error): number {
    return awaited.quit(node, why, reason) === GRANTED ? GRANTED : (this.#final(node) ?? why);
  }

  #final(node: number): number | undefined {
    const state = this.state(node);
    return state === WAITING || state === NUDGED ? undefined : state;
  }

  /**
   * Resolves when the wait of a node is over.
   * @param cancelable is given what gives the wait up
   */
  promise(
    node: number,
    awaited: Awaited,
    timeout: number | undefined,
    cancelable: (cancel: (reason?: Error) => void) => void,
  ): Promise<number> {
    return new Promise((resolve, reject) => {
      const pending: PendingWait = { node, awaited, settle: resolve, fail: reject, timer: undefined };
      this.#pending.set(node, pending);
      if (timeout !== undefined) pending.timer = new Timer(timeout, () => this.#giveUp(pending, LATE));
      cancelable((reason) => this.#giveUp(pending, GIVEN_UP, reason));
      this.#listen();
      this.#timer ??= setTimeout(() => this.#lookUp(), SLICE);
    });
  }

  /** As {@link promise}, for a call; tells also why that was cancelled, if it was. */
  async call(
    context: Pick<CallContext, 'cancel'>,
    node: number,
    awaited: Awaited,
    timeout: number | undefined,
  ): Promise<{ state: number; reason: Error | undefined }> {
    let reason: Error | undefined;
    const state = await this.promise(node, awaited, timeout, (cancel) => {
      context.cancel = (why) => {
        reason = why;
        cancel(why);
      };
    });
    context.cancel = undefined;
    return { state, reason };
  }

  #giveUp(pending: PendingWait, why: typeof LATE | typeof GIVEN_UP, reason?: Error): void {
    if (this.#pending.has(pending.node)) this.#settle(pending, this.#quit(pending.node, pending.awaited, why, reason));
  }

  #settle(pending: PendingWait, state: number): void {
    this.#drop(pending);
    pending.settle(state);
  }

  #drop(pending: PendingWait): void {
    this.#pending.delete(pending.node);
    pending.timer?.stop();
    if (this.#pending.size === 0) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#patient = false;
      this.thread.watch.resign();
    }
  }

  /** Serves those for whom something came. */
  #serve(): void {
    for (const pending of [...this.#pending.values()]) {
      const state = this.#settled(pending.node, pending.awaited);
      if (state !== undefined) this.#settle(pending, state);
    }
  }

  #lookUp(): void {
    const { thread } = this;
    thread.watch.look();
    for (const { awaited } of [...this.#pending.values()]) awaited.look?.();
    this.#serve();
    if (thread.closed) this.#failAll();
    if (this.#pending.size === 0) return;
    clearTimeout(this.#timer);
    this.#patient = true;
    this.#timer = setTimeout(() => this.#lookUp(), thread.watch.turn());
  }

  #failAll(): void {
    for (const pending of [...this.#pending.values()]) {
      this.#drop(pending);
      pending.fail(arenaEnded());
    }
  }

  /** Has the doorbell heard, once, as long as anything is waited for. */
  #listen(): void {
    if (this.#listening) return;
    const { words } = this.thread.region;
    const bell = this.thread.self + S_DOORBELL;
    this.#listening = true;
    Atomics.store(words, (this.thread.self + S_LISTENING) >> 2, 1);
    const seen = Atomics.load(words, bell >> 2);
    // What came before the bell was looked at is not told by it.
    const heard = this.#anything() ? undefined : listen(words, bell, seen);
    void (heard ?? Promise.resolve()).then(() => this.#heard());
  }

  #heard(): void {
    this.#listening = false;
    const { thread } = this;
    // The slot of a thread that has left may be another one's.
    if (!thread.present) return;
    Atomics.store(thread.region.words, (thread.self + S_LISTENING) >> 2, 0);
    if (this.#patient) this.#lookUp();
    else this.#serve();
    if (this.#pending.size > 0) this.#listen();
  }

  #anything(): boolean {
    for (const node of this.#pending.keys()) if (this.state(node) !== WAITING) return true;
    return false;
  }

  /** The thread leaves: what it waits for is no longer waited for. */
  close(): void {
    if (this.thread.closed) this.#failAll();
    for (const pending of [...this.#pending.values()]) this.#giveUp(pending, GIVEN_UP);
    // Nothing keeps on listening: that would keep what this thread has of the arena.
    if (this.#listening) wake(this.thread.region.words, this.thread.self + S_DOORBELL);
  }
}
