import type { Caller } from '../../../proto/contract.js';
import type { Ownership } from '../../core/ownership.js';
import { WaitList, type Waiter } from './waiters.js';

/** What one in the line does when its turn has come; and who it is, where others of its owner may let it in. */
export interface LockRequest {
  take(): unknown;
  readonly caller: Caller;
  /** Undefined for one that is an owner by itself: as long as it waits, it holds nothing. */
  readonly owner: string | undefined;
  /** When it came, on the clock of performance.now(). */
  readonly since: number;
  /** It has no timeout. */
  readonly endless: boolean;
  /** What comes back from resting, where that is what it waits for. */
  readonly returning: Ownership | undefined;
}

/** Something that one owner holds and others wait for. */
export interface Lockable {
  readonly name: string;
  /** Who holds it; someone does, as long as someone waits. */
  readonly ownership: Ownership | undefined;
  readonly line: LockQueue;
  /** When it last went to one of the line, while others stayed in it, on the clock of performance.now(). */
  readonly passedAt: number;
}

/** Is told of all who wait, in whatever line. */
export interface Registrar {
  joined(lockable: Lockable, request: LockRequest): void;
  left(lockable: Lockable, request: LockRequest): void;
}

/** Those who wait for a mutex, first come, first served. */
export class LockQueue extends WaitList<LockRequest, unknown> {
  constructor(
    readonly lockable: Lockable,
    readonly registrar: Registrar,
  ) {
    super();
  }

  override add(...args: Parameters<WaitList<LockRequest, unknown>['add']>): Waiter<LockRequest, unknown> {
    const waiter = super.add(...args);
    this.registrar.joined(this.lockable, waiter.want);
    return waiter;
  }

  override remove(waiter: Waiter<LockRequest, unknown>): void {
    super.remove(waiter);
    this.registrar.left(this.lockable, waiter.want);
  }

  /** The first one that may enter where this owner is. */
  firstOf(ownership: Ownership): Waiter<LockRequest, unknown> | undefined {
    let waiter = this.first;
    while (waiter && !ownership.admits(waiter.want.caller, waiter.want.owner)) waiter = waiter.next;
    return waiter;
  }

  /** In the order in which they came. */
  *serialQueue(): Generator<LockRequest, void, undefined> {
    for (let waiter = this.first; waiter !== undefined; waiter = waiter.next) yield waiter.want;
  }
}
