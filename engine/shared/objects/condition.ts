import type { ConditionServiceWaitResponse } from '../../../proto/gen/commonhold/v1/condition_wire.js';
import type { CallContext } from '../../../proto/contract.js';
import type { NotFoundError } from '../../../proto/errors.js';
import { lockDestroyed, type NamedLock } from '../../core/named-lock.js';
import type { EngineContext } from './object-view.js';
import { destroyed, type Make } from './directory.js';
import { ALL, ENDED, GRANTED, H_KIND, H_NAME, O_DATA } from '../kernel/layout.js';
import { KIND_NUMBERS, kindOf } from './kind-numbers.js';
import { lockKind, type SharedMemoryLock } from './lock.js';
import { SharedMutex, type LockCaller } from './mutex.js';
import type { SharedObjectKind, Objects } from './objects.js';
import { SharedConditionWait } from './condition-wait.js';
import type { ObjectAddress } from '../memory/place.js';
import type { ArenaThread } from '../memory/arena-thread.js';
import { readText, writeText } from '../memory/text.js';

/** A hold of a thread that blocks. */
export interface BlockingHold {
  readonly number: number;
  abandoned: boolean;
}

/**
 * A condition: holders of its lock wait here until another holder notifies them. The lock is the condition itself, reentrant, or a named
 * one.
 */
export class SharedMemoryCondition extends SharedMutex {
  /** The named lock that it uses; undefined if it has its own. */
  readonly lock: NamedLock | undefined;
  readonly #kind: SharedObjectKind<SharedMemoryLock> | undefined;

  constructor(
    surroundings: EngineContext,
    name: string,
    place: ObjectAddress,
    private readonly objects: Objects,
  ) {
    super(surroundings, 'condition', name, place, true);
    const { thread } = this;
    const kind = thread.word(this.data + H_KIND);
    if (thread.word(this.data + H_NAME) === 0) return;
    this.lock = { kind: kindOf(kind) as NamedLock['kind'], name: readText(thread, thread.word(this.data + H_NAME)) };
    this.#kind = lockKind(this.lock.kind);
  }

  /** The lock that a caller must hold to wait or to notify. @throws NotFoundError if it was destroyed */
  get mutex(): SharedMutex {
    if (this.#kind === undefined) return this;
    const found = this.objects.present(this.#kind, this.lock!.name);
    if (found === undefined) throw lockDestroyed(this.name, this.lock!);
    return found;
  }

  override options(): Record<string, string> {
    return this.lock === undefined ? {} : { [this.lock.kind]: this.lock.name };
  }

  override dispose(): void {
    this.kernel.dropField(this.self, this.data + H_NAME);
  }

  // ── for blocking threads ──

  /**
   * Gives up the lock, blocks the thread until it is notified, and takes the lock back under the same number.
   * @param hold of the lock; its flag is set if another thread abandoned the lock meanwhile
   * @param timeout in milliseconds; undefined for none
   * @returns false if the timeout ended first
   * @throws NotOwnerError; NotFoundError if the condition or its lock is destroyed
   */
  wait(hold: BlockingHold, timeout: number | undefined): boolean {
    const { mutex } = this;
    const { number } = hold;
    mutex.assertSeized(number);
    // In line first: a notification may come as soon as the lock is free.
    const node = this.getInLine(false);
    let back = false;
    try {
      const levels = mutex.giveUp(number);
      const look = (): void => this.#look(mutex, node);
      const state = this.waits.block(node, { quit: () => this.#quit(node), look }, timeout);
      if (mutex.regain(number, levels)) hold.abandoned = true;
      back = true;
      if (state === ENDED) throw this.gone();
      return state === GRANTED;
    } finally {
      this.endWait(node, !back);
      this.leaveLine(node);
    }
  }

  /** Notifies up to `count` waits, first come, first served. @throws NotOwnerError */
  notify(number: number, count: number): void {
    this.mutex.assertSeized(number);
    this.#give(count);
  }

  /** Notifies all waits. @throws NotOwnerError */
  notifyAll(number: number): void {
    this.mutex.assertSeized(number);
    this.#give(ALL);
  }

  // ── for calls ──

  /** Like {@link wait}, for a call with a token of the lock. */
  pause(context: CallContext, token: number, timeoutMs: number | undefined): Promise<ConditionServiceWaitResponse> {
    return new SharedConditionWait(this, this.mutex, context, token).run(timeoutMs);
  }

  /** Like {@link notify}, for a call with a token of the lock; undefined notifies all. */
  tell(token: number, count: number | undefined): void {
    this.mutex.check(token);
    this.#give(count ?? ALL);
  }

  // ── for {@link SharedConditionWait} ──

  /** Returns a node that waits for a notification from now on. */
  getInLine(async: boolean): number {
    const { kernel, self, object, uid } = this;
    const node = this.waits.node(async);
    this.enlist(node, () => kernel.noticeWait(self, object, uid, node));
    return node;
  }

  /** Resolves when the node is notified, or its wait ends otherwise. */
  notice(waiting: LockCaller, node: number, mutex: SharedMutex, timeoutMs: number | undefined): Promise<{ state: number }> {
    const awaited = { quit: () => this.#quit(node), look: () => this.#look(mutex, node) };
    return this.waits.call(waiting, node, awaited, timeoutMs);
  }

  /** Ends the notification of a node: used, or lost to another wait. Returns true if it was meant for this node alone. */
  endWait(node: number, lost: boolean): boolean {
    const { kernel, self, object, uid } = this;
    return this.finish(() => kernel.noticeTake(self, object, uid, node, lost ? 1 : 0)) === 1;
  }

  /** Passes a notification on that its wait did not use. */
  pass(): void {
    if (this.there) this.#give(1);
  }

  /** Takes a node out of the line, and releases it. */
  leaveLine(node: number): void {
    this.#quit(node);
    this.waits.done(node);
  }

  gone(): NotFoundError {
    return destroyed(this.name);
  }

  #give(count: number): void {
    const { kernel, self, object, uid } = this;
    // One less than all: with ALL, unused notifications are not passed on.
    const most = count === ALL ? ALL : Math.min(count, ALL - 1);
    while (this.again(kernel.noticeGive(self, object, uid, most)));
  }

  #quit(node: number): number {
    const { kernel, self, object, uid } = this;
    return this.finish(() => kernel.noticeQuit(self, object, uid, node));
  }

  /** Ends the wait if another thread has destroyed the lock, because the lock could not be taken back. */
  #look(mutex: SharedMutex, node: number): void {
    if (mutex.there || this.#quit(node) === GRANTED) return;
    mutex.ended();
    if (this.waits.state(node) === 0) this.waits.end(node);
  }
}

/** Returns the creation step of a condition. */
export function conditionOf(thread: ArenaThread, lock: NamedLock | undefined): Make {
  return (object) => {
    if (lock === undefined) return;
    thread.setWord(object + O_DATA + H_KIND, KIND_NUMBERS[lock.kind]);
    thread.setWord(object + O_DATA + H_NAME, writeText(thread, lock.name));
  };
}

export const conditionKind: SharedObjectKind<SharedMemoryCondition> = {
  kind: 'condition',
  make: () => () => {},
  bind: (surroundings, name, place, objects) => new SharedMemoryCondition(surroundings, name, place, objects),
};
