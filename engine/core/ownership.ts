import type { Caller } from '../../proto/contract.js';
import { InvalidArgumentError } from '../../proto/errors.js';
import type { Holder } from '../../proto/gen/commonhold/v1/lock_wire.js';
import type { Stateful, StateOf } from '../../proto/state.js';
import type { Lease } from './lease.js';

/** The SDK names an owner by its path of nested tasks, which adds some characters per level. */
const LONGEST_OWNER = 4096;

/**
 * One owner's hold of a lock: one level, or several if the owner re-enters. An owner is a name within a session. Owner `a/b` acts for `a`:
 * it may enter a mutex that `a` holds.
 */
export class Ownership implements Stateful {
  /** From the outermost to the innermost. */
  readonly levels: Lease[];
  /** Set while the hold is suspended: called for each level that ends. */
  levelEnded: ((token: number, error: Error) => void) | undefined;
  readonly caller: Caller;
  readonly #name: string | undefined;
  readonly #firstToken: number;

  constructor(first: Lease, owner: string | undefined, firstToken = first.token) {
    this.levels = [first];
    this.caller = first.caller;
    this.#name = owner;
    this.#firstToken = firstToken;
  }

  /** Restores a hold with its levels. */
  static restored(
    { owner, firstToken }: Pick<StateOf<Ownership>, 'owner' | 'firstToken'>,
    [first, ...others]: readonly Lease[],
  ): Ownership {
    const ownership = new Ownership(first!, owner, firstToken);
    ownership.levels.push(...others);
    return ownership;
  }

  /** Name of the owner; an acquisition without a name gets a unique one. */
  get owner(): string {
    return this.#name ?? `@${this.#firstToken}`;
  }

  /** True if the acquisition named its owner. */
  get named(): boolean {
    return this.#name !== undefined;
  }

  /** Returns true if the named owner in that session is this one or acts for it. */
  admits(caller: Caller, owner: string | undefined): boolean {
    if (owner === undefined || caller.id !== this.caller.id) return false;
    const mine = this.owner;
    return owner.startsWith(mine) && (owner.length === mine.length || owner[mine.length] === '/');
  }

  /** Returns the level of a token. Searches from the innermost, which is usually released first. */
  level(token: number): Lease | undefined {
    return this.levels.findLast((level) => level.token === token);
  }

  /** Removes a level; returns false if it is not one of this hold. */
  drop(level: Lease): boolean {
    const index = this.levels.lastIndexOf(level);
    if (index >= 0) this.levels.splice(index, 1);
    return index >= 0;
  }

  state() {
    return { owner: this.#name, firstToken: this.#firstToken, levels: this.levels.map((level) => level.state()) };
  }

  describe(): Holder {
    return { ...this.levels[0]!.describe(), owner: this.#name ?? '', levels: this.levels.length };
  }
}

/** Limits the length of an owner's name, because the owner index keeps an entry for each part of it. @throws InvalidArgumentError */
export function checkOwner(object: string, owner: string | undefined): void {
  if (owner === undefined || owner.length <= LONGEST_OWNER) return;
  throw new InvalidArgumentError(`the name of the owner has ${owner.length} characters: at most ${LONGEST_OWNER} are allowed`, { object });
}
