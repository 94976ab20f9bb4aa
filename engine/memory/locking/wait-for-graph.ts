import type { Stateful, StateOf } from '../../../proto/state.js';
import { OwnerIndex } from './owner-index.js';
import type { Lockable, Registrar, LockRequest } from './lock-queue.js';
import type { Ownership } from '../../core/ownership.js';
import { SessionDeadlockDetector } from './session-deadlocks.js';
import type { Clock } from '../../core/clock.js';
import type { Restoring } from '../../core/restoring.js';

/**
 * The wait-for graph of a manager: which owner waits for which object. The mutexes themselves know their holders, so that taking a free
 * mutex costs nothing here.
 */
export class WaitGraph implements Registrar, Stateful {
  /** Objects that requests wait for. */
  readonly #lockable = new Set<Lockable>();
  /**
   * Objects that each owner waits for. Requests without an owner are left out: they hold nothing while they wait, so nothing waits for
   * them.
   */
  readonly #byOwner = new OwnerIndex<Lockable>();
  readonly #sessionDeadlocks: SessionDeadlockDetector;

  constructor(clock: Clock) {
    this.#sessionDeadlocks = new SessionDeadlockDetector(clock, this.#lockable);
  }

  /** The graph follows from the locks, but not the order in which searches go through it. */
  state() {
    return {
      lockable: Array.from(this.#lockable, nameOf),
      byOwner: this.#byOwner.state(nameOf),
      sessionDeadlocks: this.#sessionDeadlocks.state(),
    };
  }

  /** Restores it when all calls wait again. @param named returns the object of a name that calls wait for */
  restore({ lockable, byOwner, sessionDeadlocks }: StateOf<WaitGraph>, restoring: Restoring, named: (name: string) => Lockable): void {
    for (const name of lockable) this.#lockable.add(named(name));
    this.#byOwner.restore(byOwner, named);
    this.#sessionDeadlocks.restore(sessionDeadlocks, restoring);
  }

  joined(lockable: Lockable, { caller, owner }: LockRequest): void {
    if (lockable.queue.size === 1) this.#lockable.add(lockable);
    if (owner !== undefined) this.#byOwner.add(caller.id, owner, lockable);
    this.#sessionDeadlocks.waitsChanged();
  }

  left(lockable: Lockable, { caller, owner }: LockRequest): void {
    if (lockable.queue.size === 0) this.#lockable.delete(lockable);
    if (owner !== undefined) this.#byOwner.remove(caller.id, owner, lockable);
  }

  /** Called when an object went to a request of its queue, so that the others wait for another holder. */
  changedHands(): void {
    this.#sessionDeadlocks.waitsChanged();
  }

  /** Returns true if the owner of a hold, or an owner that acts for it, waits for the object. */
  waitsFor(ownership: Ownership, lockable: Lockable): boolean {
    return this.#waitsOf(ownership)?.has(lockable) === true;
  }

  /** Finds a shortest path of objects on which the holder of each waits for the next, up to an object whose holder satisfies `closes`. */
  path(from: Lockable, closes: (holder: Ownership) => boolean): Lockable[] | undefined {
    const { ownership } = from;
    if (ownership === undefined) return undefined;
    if (closes(ownership)) return [from];
    // In most calls the holder waits for nothing, and the search ends here.
    if (this.#waitsOf(ownership) === undefined) return undefined;
    const cameFrom = new Map<Lockable, Lockable | undefined>([[from, undefined]]);
    // Objects added during the loop are visited later in the same loop.
    for (const at of cameFrom.keys()) {
      const holder = at.ownership;
      if (holder === undefined) continue;
      if (closes(holder)) return pathTo(at, cameFrom);
      for (const next of this.#waitsOf(holder)?.keys() ?? []) if (!cameFrom.has(next)) cameFrom.set(next, at);
    }
    return undefined;
  }

  close(): void {
    this.#sessionDeadlocks.close();
  }

  #waitsOf(ownership: Ownership): ReadonlyMap<Lockable, number> | undefined {
    const { id } = ownership.caller;
    return this.#byOwner.knows(id) ? this.#byOwner.of(id, ownership.owner) : undefined;
  }
}

function nameOf({ name }: Lockable): string {
  return name;
}

function pathTo(end: Lockable, cameFrom: ReadonlyMap<Lockable, Lockable | undefined>): Lockable[] {
  const path: Lockable[] = [];
  for (let at: Lockable | undefined = end; at !== undefined; at = cameFrom.get(at)) path.push(at);
  return path.reverse();
}
