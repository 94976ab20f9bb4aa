import type { State } from '../../../proto/state.js';
import { sortedPairs } from '../../core/state.js';

/** A node of the tree: the things of an owner, each with a count. */
class Branch<T> {
  readonly has = new Map<T, number>();
  /** Owners that act for this one. Their things are counted here too. */
  #below: Branches<T> | undefined;

  get below(): Branches<T> {
    return (this.#below ??= new Map<string, Branch<T>>());
  }

  state(describe: (thing: T) => string): BranchState {
    const has = Array.from(this.has, ([thing, count]): [string, number] => [describe(thing), count]);
    return { has, below: this.#below === undefined ? [] : branchesState(this.#below, describe) };
  }

  restore({ has, below }: BranchState, named: (thing: string) => T): void {
    for (const [thing, count] of has) this.has.set(named(thing), count);
    if (below.length > 0) restoreBranches(this.below, below, named);
  }

  /** Returns the child for the next part of an owner's name. */
  at(step: string): Branch<T> | undefined {
    return this.#below?.get(step);
  }
}

export interface BranchState {
  readonly [field: string]: State;
  readonly has: readonly (readonly [thing: string, count: number])[];
  readonly below: readonly (readonly [step: string, state: BranchState])[];
}

type Branches<T> = Map<string, Branch<T>>;

/**
 * Counts things by owner. An owner is a name in a session; `a/b` acts for `a`, so `a` has all things of `a/b` too. Uses a tree and not a
 * table of names, because names can be long and a table would repeat their beginnings.
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
      // If an owner has nothing left, the owners that act for it have nothing either.
      if (branch === undefined) return;
      branch = discount(branch.below, step, thing);
    }
  }

  /** The things of each owner in the order in which it got them. */
  state(describe: (thing: T) => string): [session: string, state: BranchState][] {
    return branchesState(this.#sessions, describe);
  }

  restore(state: readonly (readonly [session: string, state: BranchState])[], named: (thing: string) => T): void {
    restoreBranches(this.#sessions, state, named);
  }

  /** Returns true if an owner of that session has something. */
  knows(session: string): boolean {
    return this.#sessions.has(session);
  }

  /** Returns the things of an owner and of the owners that act for it, or undefined if there are none. */
  of(session: string, owner: string): ReadonlyMap<T, number> | undefined {
    let branch = this.#sessions.get(session);
    for (const step of owner.split('/')) branch = branch?.at(step);
    return branch?.has;
  }
}

function branchesState<T>(branches: Branches<T>, describe: (thing: T) => string): [string, BranchState][] {
  return sortedPairs(Array.from(branches, ([step, branch]): [string, BranchState] => [step, branch.state(describe)]));
}

function restoreBranches<T>(
  branches: Branches<T>,
  states: readonly (readonly [step: string, state: BranchState])[],
  named: (thing: string) => T,
): void {
  for (const [step, state] of states) {
    const branch = new Branch<T>();
    branch.restore(state, named);
    branches.set(step, branch);
  }
}

function count<T>(branches: Branches<T>, step: string, thing: T): Branch<T> {
  let branch = branches.get(step);
  if (branch === undefined) branches.set(step, (branch = new Branch<T>()));
  branch.has.set(thing, (branch.has.get(thing) ?? 0) + 1);
  return branch;
}

/** Removes one from the count. Returns the branch, or undefined if it is empty and was removed. */
function discount<T>(branches: Branches<T>, step: string, thing: T): Branch<T> | undefined {
  const branch = branches.get(step)!;
  const left = branch.has.get(thing)! - 1;
  if (left > 0) branch.has.set(thing, left);
  else branch.has.delete(thing);
  if (branch.has.size > 0) return branch;
  branches.delete(step);
  return undefined;
}
