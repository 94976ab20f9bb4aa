import type { Caller } from '../../proto/contract.js';
import { InvalidArgumentError } from '../../proto/errors.js';
import type { Holder } from '../../proto/gen/commonhold/v1/lock_wire.js';
import type { Lease } from './lease.js';

/** Tasks of the SDK that run in each other have names that grow by some characters a level. */
const LONGEST_OWNER = 4096;

/**
 * What one owner holds of a mutex: one level, or several where it re-enters. An owner is a name in a
 * session. `a/b` acts for `a`, and so may enter where `a` is.
 */
export class Ownership {
  /** The outermost first. */
  readonly levels: Lease[];
  /** While it rests: told of each level that ends. */
  levelEnded: ((token: number, error: Error) => void) | undefined;
  readonly caller: Caller;
  readonly #name: string | undefined;
  readonly #firstToken: number;

  constructor(first: Lease, owner: string | undefined) {
    this.levels = [first];
    this.caller = first.caller;
    this.#name = owner;
    this.#firstToken = first.token;
  }

  /** Name of the owner; an acquisition that named none is its own. */
  get owner(): string {
    return this.#name ?? `@${this.#firstToken}`;
  }

  /** Whether the acquisition named its owner. */
  get named(): boolean {
    return this.#name !== undefined;
  }

  /** Whether an owner of that name in that session is this one, or acts for it. */
  admits(caller: Caller, owner: string | undefined): boolean {
    if (owner === undefined || caller.id !== this.caller.id) return false;
    const mine = this.owner;
    return owner.startsWith(mine) && (owner.length === mine.length || owner[mine.length] === '/');
  }

  /** The level under a token. The innermost, which mostly goes first, is found first. */
  level(token: number): Lease | undefined {
    return this.levels.findLast((level) => level.token === token);
  }

  /** Drops a level; says whether it was one. */
  drop(level: Lease): boolean {
    const index = this.levels.lastIndexOf(level);
    if (index >= 0) this.levels.splice(index, 1);
    return index >= 0;
  }

  describe(): Holder {
    return { ...this.levels[0]!.describe(), owner: this.#name ?? '', levels: this.levels.length };
  }
}

/** Refuses a name that nobody needs, before it is kept for each of its parts. */
export function checkOwner(object: string, owner: string | undefined): void {
  if (owner === undefined || owner.length <= LONGEST_OWNER) return;
  throw new InvalidArgumentError(`an owner with a name of ${owner.length} characters: at most ${LONGEST_OWNER} are taken`, { object });
}
