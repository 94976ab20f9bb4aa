import type { Stateful, StateOf } from '../../../proto/state.js';
import { OwnerIndex } from './owner-index.js';
import type { Lockable, Registrar, LockRequest } from './lock-queue.js';
import type { Ownership } from '../../core/ownership.js';
import type { HolderStep } from './deadlock.js';
import { SessionDeadlockDetector } from './session-deadlocks.js';
import type { Clock } from '../../core/clock.js';
import type { Restoring } from '../../core/restoring.js';

/**
 * The wait-for graph of a manager: which owner waits for which object. The locks themselves know their holders, so that taking a free
 * lock costs nothing here.
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

  /** Finds a shortest path of holds on which the holder of each waits for the object of the next, up to a hold that satisfies `closes`. */
  path(from: Lockable, closes: (holder: Ownership) => boolean): HolderStep[] | undefined {
    /** The hold that leads to each object. */
    const cameFrom = new Map<Lockable, HolderStep | undefined>([[from, undefined]]);
    // Objects added during the loop are visited later in the same loop. In most calls the holder waits for nothing, and no object is added.
    for (const wanted of cameFrom.keys()) {
      for (const holder of wanted.ownerships) {
        const step = { wanted, holder };
        if (closes(holder)) return pathTo(step, cameFrom);
        for (const next of this.#waitsOf(holder)?.keys() ?? []) if (!cameFrom.has(next)) cameFrom.set(next, step);
      }
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

function pathTo(end: HolderStep, cameFrom: ReadonlyMap<Lockable, HolderStep | undefined>): HolderStep[] {
  const path: HolderStep[] = [];
  for (let at: HolderStep | undefined = end; at !== undefined; at = cameFrom.get(at.wanted)) path.push(at);
  return path.reverse();
}
