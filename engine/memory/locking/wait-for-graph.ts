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
  readonly #contended = new Set<Lockable>();
  /** What owners wait for. Those who named none hold nothing while they wait, and so keep nobody waiting. */
  readonly #byOwner = new OwnerIndex<Lockable>();
  readonly #suspicion = new SessionDeadlockDetector(this.#contended);

  joined(contended: Lockable, { caller, owner }: LockRequest): void {
    if (contended.line.size === 1) this.#contended.add(contended);
    if (owner !== undefined) this.#byOwner.add(caller.id, owner, contended);
    this.#suspicion.stir();
  }

  left(contended: Lockable, { caller, owner }: LockRequest): void {
    if (contended.line.size === 0) this.#contended.delete(contended);
    if (owner !== undefined) this.#byOwner.remove(caller.id, owner, contended);
  }

  /** Something went to one of its line, and others now wait for that one. */
  passed(): void {
    this.#suspicion.stir();
  }

  /** Whether the owner of a possession, or one who acts for it, waits for this. */
  waitsFor(possession: Ownership, contended: Lockable): boolean {
    return this.#waitsOf(possession)?.has(contended) === true;
  }

  /**
   * A shortest way from something that is waited for to one of which `closes` is true: the holder of
   * each waits for the next.
   */
  way(from: Lockable, closes: (holder: Ownership) => boolean): Lockable[] | undefined {
    const { possession } = from;
    if (possession === undefined) return undefined;
    if (closes(possession)) return [from];
    // Mostly the holder waits for nothing, and that is all.
    if (this.#waitsOf(possession) === undefined) return undefined;
    const cameFrom = new Map<Lockable, Lockable | undefined>([[from, undefined]]);
    // What is found on the way comes later in the same loop.
    for (const at of cameFrom.keys()) {
      const holder = at.possession;
      if (holder === undefined) continue;
      if (closes(holder)) return wayTo(at, cameFrom);
      for (const next of this.#waitsOf(holder)?.keys() ?? []) if (!cameFrom.has(next)) cameFrom.set(next, at);
    }
    return undefined;
  }

  close(): void {
    this.#suspicion.close();
  }

  #waitsOf(possession: Ownership): ReadonlyMap<Lockable, number> | undefined {
    const { id } = possession.caller;
    return this.#byOwner.knows(id) ? this.#byOwner.of(id, possession.owner) : undefined;
  }
}

function wayTo(end: Lockable, cameFrom: ReadonlyMap<Lockable, Lockable | undefined>): Lockable[] {
  const way: Lockable[] = [];
  for (let at: Lockable | undefined = end; at !== undefined; at = cameFrom.get(at)) way.push(at);
  return way.reverse();
}
