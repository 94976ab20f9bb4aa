import type { Caller } from '../../../proto/contract.js';
import type { Possession } from '../../core/ownership.js';
import { WaitList, type Waiter } from './waiters.js';

/** What one in the line does when its turn has come; and who it is, where others of its owner may let it in. */
export interface Turn {
  take(): unknown;
  readonly caller: Caller;
  /** Undefined for one that is an owner by itself: as long as it waits, it holds nothing. */
  readonly owner: string | undefined;
  /** When it came, on the clock of performance.now(). */
  readonly since: number;
  /** It has no timeout. */
  readonly endless: boolean;
  /** What comes back from resting, where that is what it waits for. */
  readonly returning: Possession | undefined;
}

/** Something that one owner holds and others wait for. */
export interface Contended {
  readonly name: string;
  /** Who holds it; someone does, as long as someone waits. */
  readonly possession: Possession | undefined;
  readonly line: Line;
  /** When it last went to one of the line, while others stayed in it, on the clock of performance.now(). */
  readonly passedAt: number;
}

/** Is told of all who wait, in whatever line. */
export interface Registrar {
  joined(contended: Contended, turn: Turn): void;
  left(contended: Contended, turn: Turn): void;
}

/** Those who wait for a mutex, first come, first served. */
export class Line extends WaitList<Turn, unknown> {
  constructor(
    readonly contended: Contended,
    readonly registrar: Registrar,
  ) {
    super();
  }

  override add(...args: Parameters<WaitList<Turn, unknown>['add']>): Waiter<Turn, unknown> {
    const waiter = super.add(...args);
    this.registrar.joined(this.contended, waiter.want);
    return waiter;
  }

  override remove(waiter: Waiter<Turn, unknown>): void {
    super.remove(waiter);
    this.registrar.left(this.contended, waiter.want);
  }

  /** The first one that may enter where this owner is. */
  firstOf(possession: Possession): Waiter<Turn, unknown> | undefined {
    let waiter = this.first;
    while (waiter && !possession.admits(waiter.want.caller, waiter.want.owner)) waiter = waiter.next;
    return waiter;
  }

  /** In the order in which they came. */
  *turns(): Generator<Turn, void, undefined> {
    for (let waiter = this.first; waiter !== undefined; waiter = waiter.next) yield waiter.want;
  }
}
