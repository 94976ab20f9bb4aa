import type { Caller } from '../../proto/contract.js';
import type { Holder } from '../../proto/gen/commonhold/v1/lock_wire.js';
import type { Tenure } from './tenure.js';
import { WaitList, type Waiter } from './waiters.js';

/**
 * What one owner holds of a mutex: one level, or several where it re-enters. An owner is a name in a
 * session. `a/b` acts for `a`, and so may enter where `a` is.
 */
export class Possession {
  /** The outermost first. */
  readonly levels: Tenure[];
  /** While it rests: told of each level that ends. */
  levelEnded: ((token: number, error: Error) => void) | undefined;
  readonly caller: Caller;
  readonly #name: string | undefined;
  readonly #firstToken: number;

  constructor(first: Tenure, owner: string | undefined) {
    this.levels = [first];
    this.caller = first.caller;
    this.#name = owner;
    this.#firstToken = first.token;
  }

  /** Name of the owner; an acquisition that named none is its own. */
  get owner(): string {
    return this.#name ?? `@${this.#firstToken}`;
  }

  /** Whether an owner of that name in that session is this one, or acts for it. */
  admits(caller: Caller, owner: string | undefined): boolean {
    if (owner === undefined || caller.id !== this.caller.id) return false;
    const mine = this.owner;
    return owner.startsWith(mine) && (owner.length === mine.length || owner[mine.length] === '/');
  }

  /** The level under a token. The innermost, which mostly goes first, is found first. */
  level(token: number): Tenure | undefined {
    return this.levels.findLast((level) => level.token === token);
  }

  /** Drops a level; says whether it was one. */
  drop(level: Tenure): boolean {
    const index = this.levels.lastIndexOf(level);
    if (index >= 0) this.levels.splice(index, 1);
    return index >= 0;
  }

  describe(): Holder {
    return { ...this.levels[0]!.describe(), owner: this.#name ?? '', levels: this.levels.length };
  }
}

/** What one in the line does when its turn has come; and who it is, where others of its owner may let it in. */
export interface Turn {
  take(): unknown;
  readonly caller: Caller;
  readonly owner: string | undefined;
}

/** Those who wait for a mutex. It knows whether one of them acts for an owner, without looking at all. */
export class Line extends WaitList<Turn, unknown> {
  /** How many wait who act for an owner, by session and name. */
  readonly #acting = new Map<string, number>();

  override add(...args: Parameters<WaitList<Turn, unknown>['add']>): Waiter<Turn, unknown> {
    this.#count(args[1], 1);
    return super.add(...args);
  }

  override remove(waiter: Waiter<Turn, unknown>): void {
    super.remove(waiter);
    this.#count(waiter.want, -1);
  }

  /** The first one that may enter where this owner is. */
  firstOf(possession: Possession): Waiter<Turn, unknown> | undefined {
    if (!this.#acting.has(key(possession.caller, possession.owner))) return undefined;
    let waiter = this.first;
    while (waiter && !possession.admits(waiter.want.caller, waiter.want.owner)) waiter = waiter.next;
    return waiter;
  }

  #count({ caller, owner }: Turn, change: number): void {
    for (let name = owner; name !== undefined; name = forWhom(name)) {
      const count = (this.#acting.get(key(caller, name)) ?? 0) + change;
      if (count === 0) this.#acting.delete(key(caller, name));
      else this.#acting.set(key(caller, name), count);
    }
  }
}

/** The owner for whom an owner acts: `a` of `a/b`. */
function forWhom(owner: string): string | undefined {
  const end = owner.lastIndexOf('/');
  return end < 0 ? undefined : owner.slice(0, end);
}

function key(caller: Caller, owner: string): string {
  return `${caller.id} ${owner}`;
}
