/** What an owner has: each thing with how many times it has it. */
class Branch<T> {
  readonly has = new Map<T, number>();
  /** Owners that act for this one. All they have is counted here too. */
  #below: Branches<T> | undefined;

  get below(): Branches<T> {
    return (this.#below ??= new Map<string, Branch<T>>());
  }

  /** The one below under a step of its name. */
  at(step: string): Branch<T> | undefined {
    return this.#below?.get(step);
  }
}

type Branches<T> = Map<string, Branch<T>>;

/**
 * Counts things by owners. An owner is a name in a session, and `a/b` acts for `a`: what it has, `a`
 * has too. A tree and not a table, because names can be long, and their beginnings would fill a table.
 */
export class OwnerIndex<T> {
  readonly #sessions: Branches<T> = new Map<string, Branch<T>>();

  add(session: string, owner: string, thing: T): void {
    let branch = count(this.#sessions, session, thing);
    for (const step of owner.split('/')) branch = count(branch.below, step, thing);
  }

  /** Undoes one {@link add}. */
  remove(session: string, owner: string, thing: T): void {
    let branch = discount(this.#sessions, session, thing);
    for (const step of owner.split('/')) {
      // Where one has nothing left, those below have nothing either.
      if (branch === undefined) return;
      branch = discount(branch.below, step, thing);
    }
  }

  /** Whether anyone in that session has anything. */
  knows(session: string): boolean {
    return this.#sessions.has(session);
  }

  /** What the owner has, and those who act for it; undefined where that is nothing. */
  of(session: string, owner: string): ReadonlyMap<T, number> | undefined {
    let branch = this.#sessions.get(session);
    for (const step of owner.split('/')) branch = branch?.at(step);
    return branch?.has;
  }
}

function count<T>(branches: Branches<T>, step: string, thing: T): Branch<T> {
  let branch = branches.get(step);
  if (branch === undefined) branches.set(step, (branch = new Branch<T>()));
  branch.has.set(thing, (branch.has.get(thing) ?? 0) + 1);
  return branch;
}

/** Answers the branch, unless it is over. */
function discount<T>(branches: Branches<T>, step: string, thing: T): Branch<T> | undefined {
  const branch = branches.get(step)!;
  const left = branch.has.get(thing)! - 1;
  if (left > 0) branch.has.set(thing, left);
  else branch.has.delete(thing);
  if (branch.has.size > 0) return branch;
  branches.delete(step);
  return undefined;
}
