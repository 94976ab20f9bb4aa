import { OwnerIndex } from './owner-index.js';
import type { Lockable, Registrar, LockRequest } from './lock-queue.js';
import type { Ownership } from '../../core/ownership.js';
import { SessionDeadlockDetector } from './session-deadlocks.js';

/**
 * The wait-for graph of one manager: who waits for what. Who holds what stands in the mutexes, so that
 * taking one that is free costs nothing here.
 */
export class WaitGraph implements Registrar {
  /** All that someone waits for. */
  readonly #lockable = new Set<Lockable>();
  /** What owners wait for. Those who named none hold nothing while they wait, and so keep nobody waiting. */
  readonly #byOwner = new OwnerIndex<Lockable>();
  readonly #suspicion = new SessionDeadlockDetector(this.#lockable);

  joined(lockable: Lockable, { caller, owner }: LockRequest): void {
    if (lockable.line.size === 1) this.#lockable.add(lockable);
    if (owner !== undefined) this.#byOwner.add(caller.id, owner, lockable);
    this.#suspicion.stir();
  }

  left(lockable: Lockable, { caller, owner }: LockRequest): void {
    if (lockable.line.size === 0) this.#lockable.delete(lockable);
    if (owner !== undefined) this.#byOwner.remove(caller.id, owner, lockable);
  }

  /** Something went to one of its line, and others now wait for that one. */
  passed(): void {
    this.#suspicion.stir();
  }

  /** Whether the owner of a possession, or one who acts for it, waits for this. */
  waitsFor(ownership: Ownership, lockable: Lockable): boolean {
    return this.#waitsOf(ownership)?.has(lockable) === true;
  }

  /**
   * A shortest way from something that is waited for to one of which `closes` is true: the holder of
   * each waits for the next.
   */
  way(from: Lockable, closes: (holder: Ownership) => boolean): Lockable[] | undefined {
    const { ownership } = from;
    if (ownership === undefined) return undefined;
    if (closes(ownership)) return [from];
    // Mostly the holder waits for nothing, and that is all.
    if (this.#waitsOf(ownership) === undefined) return undefined;
    const cameFrom = new Map<Lockable, Lockable | undefined>([[from, undefined]]);
    // What is found on the way comes later in the same loop.
    for (const at of cameFrom.keys()) {
      const holder = at.ownership;
      if (holder === undefined) continue;
      if (closes(holder)) return wayTo(at, cameFrom);
      for (const next of this.#waitsOf(holder)?.keys() ?? []) if (!cameFrom.has(next)) cameFrom.set(next, at);
    }
    return undefined;
  }

  close(): void {
    this.#suspicion.close();
  }

  #waitsOf(ownership: Ownership): ReadonlyMap<Lockable, number> | undefined {
    const { id } = ownership.caller;
    return this.#byOwner.knows(id) ? this.#byOwner.of(id, ownership.owner) : undefined;
  }
}

function wayTo(end: Lockable, cameFrom: ReadonlyMap<Lockable, Lockable | undefined>): Lockable[] {
  const way: Lockable[] = [];
  for (let at: Lockable | undefined = end; at !== undefined; at = cameFrom.get(at)) way.push(at);
  return way.reverse();
}
