import { AsyncLocalStorage } from 'node:async_hooks';
import { inspect } from 'node:util';
import { InvalidArgumentError } from '../../proto/errors.js';
import { quoted } from '../../proto/given.js';
import { shown } from '../shown.js';
import type { Transport } from '../connect/transport/transport.js';

/** @internal Property of a handle or token that holds the name of its owner. */
export const OWNER = Symbol('owner');

/** An object that stands for an owner: acquisitions can be made on its behalf. */
export interface Owned {
  /** @internal */
  readonly [OWNER]: { readonly transport: Transport; readonly name: string };
}

/**
 * An explicit owner for acquisitions where neither the async context nor a handle identifies one: made by {@link Manager.owner}, passed as
 * the option `owner`. Belongs to one client.
 */
export class OwnerToken implements Owned {
  readonly #owner: { readonly transport: Transport; readonly name: string };

  /** @internal */
  constructor(
    transport: Transport,
    /** Label for diagnostics, which the manager shows in the information about holders. */
    readonly label: string | undefined,
  ) {
    this.#owner = { transport, name: label === undefined ? unique() : `${unique()}:${label}` };
  }

  /** @internal */
  get [OWNER](): { readonly transport: Transport; readonly name: string } {
    return this.#owner;
  }

  /** Returns the state in one line, as `console.log` shows it. */
  toString(): string {
    return this[inspect.custom]();
  }

  /** @internal */
  [inspect.custom](): string {
    return shown(this, quoted(this.label ?? this.#owner.name));
  }
}

/** A `run` in progress. */
interface Scope {
  /** The name of a nested `run` begins with the name of the outer one, because it acts for the same owner. */
  readonly name: string;
  readonly outer: Scope | undefined;
  over: boolean;
}

const scopes = new AsyncLocalStorage<Scope>();
/** Number of `run` calls in progress. At 0, the storage is disabled, because it slows every promise of the process. */
let underWay = 0;
/** Number of the last name. All names of a process have four digits or more, so that a simulated world sends the same bytes in each run. */
let names = 36 ** 3;

/** The single owner of a client opened with `owner: 'session'`. */
const SESSION = 'session';

/** Determines the owners of a client's acquisitions. */
export class Owners {
  /** @internal */
  constructor(
    private readonly transport: Transport,
    /** True if the client as a whole is one owner. */
    private readonly whole: boolean,
  ) {}

  /**
   * Returns the wire name of the owner of an acquisition made now by the caller; undefined if the acquisition is its own owner.
   * @param given the option `owner` of the caller
   * @throws InvalidArgumentError if `given` is no owner of this client
   */
  name(given: Owned | undefined): string | undefined {
    if (given !== undefined) return this.#nameOf(given);
    return this.whole ? SESSION : current()?.name;
  }

  /** As {@link name}, for a step that acts for the owner but excludes the owner's other steps. */
  step(): string | undefined {
    const name = this.name(undefined);
    return name === undefined ? undefined : `${name}/${unique()}`;
  }

  /** Runs a task as the given owner, or else as a new one, which acts for the owner of the enclosing `run`. */
  async run<R>(given: Owned | undefined, task: () => Promise<R>): Promise<R> {
    if (given === undefined && this.whole) return task();
    const outer = current();
    const scope: Scope = { name: given ? this.#nameOf(given) : within(outer), outer, over: false };
    underWay++;
    try {
      return await scopes.run(scope, task);
    } finally {
      scope.over = true;
      if (--underWay === 0) scopes.disable();
    }
  }

  #nameOf(given: Owned): string {
    const owner = (given as Partial<Owned> | null)?.[OWNER];
    if (owner === undefined) throw new InvalidArgumentError('owner: give the result of manager.owner(), or a hold');
    if (owner.transport !== this.transport) {
      throw new InvalidArgumentError('owner: it belongs to another client; create one with owner() of this manager');
    }
    return owner.name;
  }
}

/** Returns the innermost enclosing `run` that has not ended: code that outlives its `run` no longer acts for it. */
function current(): Scope | undefined {
  if (underWay === 0) return undefined;
  let scope = scopes.getStore();
  while (scope?.over) scope = scope.outer;
  return scope;
}

/** Returns a unique name within that of `outer`. It makes two concurrent tasks in one `run` exclude each other. */
function within(outer: Scope | undefined): string {
  return outer === undefined ? unique() : `${outer.name}/${unique()}`;
}

function unique(): string {
  return (++names).toString(36);
}
