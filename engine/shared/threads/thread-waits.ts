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
  WOKEN,
  S_DOORBELL,
  S_LISTENING,
  S_TOKEN,
  WAITING,
} from '../kernel/layout.js';
import { Timer } from '../../../proto/timer.js';
import { listen, now, SLICE, wake } from './parking.js';
import { arenaEnded } from '../memory/region.js';
import type { ArenaThread } from '../memory/arena-thread.js';

/** Ends of a wait besides GRANTED, ENDED and BROKEN. This one: the timeout is over. */
export const LATE = -100;
/** The wait was cancelled. */
export const GIVEN_UP = -101;
/** The thread blocked in a wait that only this thread itself could have ended. */
export const STUCK = -102;

type Early = typeof LATE | typeof GIVEN_UP | typeof STUCK;

/** The thing that a thread waits for, as the wait uses it. */
export interface Awaited {
  /** Tries to take it for the node after it was woken. Returns GRANTED if it did, otherwise WAIT. */
  retry?(node: number): number;
  /** Ends the wait early. Returns GRANTED if it was granted before. @param reason error of the call's cancellation */
  quit(node: number, why: Early, reason?: Error): number;
  /** Returns true if only this thread could end the node's wait, so that blocking would never end. */
  stuck?(node: number): boolean;
  /** Called now and then during the wait, to notice what wakes no one. */
  look?(): void;
}

/** Initial fields of a waiting node. */
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
 * The waits of one thread. A blocked thread sleeps on the word of its node. All promises of the thread share one doorbell, which rings when
 * the state of any of their nodes changes.
 */
export class ThreadWaits {
  /** Number of nodes made. */
  #count = 0;
  readonly #pending = new Map<number, PendingWait>();
  /** True while a listener waits on the doorbell. It cannot be cancelled, so there is never more than one. */
  #listening = false;
  /** Keeps the program alive while a promise waits, and looks for dead threads. */
  #timer: NodeJS.Timeout | undefined;
  /** True if the timer's next look may be far off. */
  #patient = false;

  constructor(private readonly thread: ArenaThread) {}

  /** Returns a node for a new wait. */
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

  /** Returns a node to the reserve. It is in no list any more. */
  done(node: number): void {
    this.thread.keepNode(node);
  }

  /** Ends a wait that nothing else would end, because its node is in no list any more. */
  end(node: number): void {
    Atomics.store(this.thread.region.words, (node + N_STATE) >> 2, ENDED);
  }

  state(node: number): number {
    return Atomics.load(this.thread.region.words, (node + N_STATE) >> 2);
  }

  /**
   * Blocks the thread until the wait of a node is over, and returns its end. The node remains the caller's.
   * @param timeout in milliseconds; undefined for none
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

  /** Returns the end of the node's wait; undefined while it continues. */
  #settled(node: number, awaited: Awaited): number | undefined {
    const state = this.state(node);
    if (state === WAITING) return undefined;
    if (state !== WOKEN) return state;
    return awaited.retry?.(node) === GRANTED ? GRANTED : undefined;
  }

  #quit(node: number, awaited: Awaited, why: Early, reason?: Error): number {
    return awaited.quit(node, why, reason) === GRANTED ? GRANTED : (this.#final(node) ?? why);
  }

  #final(node: number): number | undefined {
    const state = this.state(node);
    return state === WAITING || state === WOKEN ? undefined : state;
  }

  /**
   * Resolves with the end of the node's wait. Rejects if the arena is closed.
   * @param timeout in milliseconds; undefined for none
   * @param cancelable receives a function that cancels the wait
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

  /** Like {@link promise}, for a call; also resolves with the reason if the call was cancelled. */
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

  /** Settles the waits that have ended. */
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

  /** Listens to the doorbell, once, while any promise waits. */
  #listen(): void {
    if (this.#listening) return;
    const { words } = this.thread.region;
    const bell = this.thread.self + S_DOORBELL;
    this.#listening = true;
    Atomics.store(words, (this.thread.self + S_LISTENING) >> 2, 1);
    const seen = Atomics.load(words, bell >> 2);
    // A change before the doorbell was read does not ring it again: check the nodes first.
    const heard = this.#anything() ? undefined : listen(words, bell, seen);
    void (heard ?? Promise.resolve()).then(() => this.#heard());
  }

  #heard(): void {
    this.#listening = false;
    const { thread } = this;
    // After this thread has left, its slot may be another thread's.
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

  /** Gives up all waits, because the thread leaves. */
  close(): void {
    if (this.thread.closed) this.#failAll();
    for (const pending of [...this.#pending.values()]) this.#giveUp(pending, GIVEN_UP);
    // Ends the listener, which would keep this thread's parts of the arena alive.
    if (this.#listening) wake(this.thread.region.words, this.thread.self + S_DOORBELL);
  }
}
