import { AsyncLocalStorage } from 'node:async_hooks';
import { inspect } from 'node:util';
import { InvalidArgumentError } from '../../proto/errors.js';
import { quoted, shown } from '../shown.js';
import type { Transport } from '../connect/transport/transport.js';

/** @internal Key under which a handle or token keeps the name of its owner. */
export const OWNER = Symbol('owner');

/** Something that stands for an owner: acquisitions can be made for it. */
export interface Owned {
  /** @internal */
  readonly [OWNER]: { readonly transport: Transport; readonly name: string };
}

/**
 * Who acquires, where neither the async context nor a handle says so: made by {@link Manager.owner},
 * given as `owner` in the options of acquiring. It belongs to one client.
 */
export class OwnerToken implements Owned {
  readonly #owner: { readonly transport: Transport; readonly name: string };

  /** @internal */
  constructor(
    transport: Transport,
    /** What it was called, for people; the manager shows it where holders are. */
    readonly label: string | undefined,
  ) {
    this.#owner = { transport, name: label === undefined ? unique() : `${unique()}:${label}` };
  }

  /** @internal */
  get [OWNER](): { readonly transport: Transport; readonly name: string } {
    return this.#owner;
  }

  /** @internal */
  [inspect.custom](): string {
    return shown(this, quoted(this.label ?? this.#owner.name));
  }
}

/** One `run` under way. */
interface Scope {
  /** A task within another's `run` acts for it: its name begins with the other's. */
  readonly name: string;
  readonly outer: Scope | undefined;
  over: boolean;
}

const scopes = new AsyncLocalStorage<Scope>();
/** How many are under way. While none is, nobody pays for the storage: it slows every promise of the process. */
let underWay = 0;
let names = 0;

/** The owner of all that acquires for a client opened with `owner: 'session'`. */
const SESSION = 'session';

/** How a client's acquisitions find their owners. */
export class Owners {
  /** @internal */
  constructor(
    private readonly transport: Transport,
    /** Whether the client is one owner as a whole. */
    private readonly whole: boolean,
  ) {}

  /**
   * Name of the owner of an acquisition that is made here and now, as it travels; undefined where it
   * is an owner by itself.
   * @param given what the caller says
   * @throws InvalidArgumentError where that is no owner of this client
   */
  name(given: Owned | undefined): string | undefined {
    if (given !== undefined) return this.#nameOf(given);
    return this.whole ? SESSION : current()?.name;
  }

  /** As {@link name}, of a step that acts for the owner, but excludes others of its steps. */
  step(): string | undefined {
    const name = this.name(undefined);
    return name === undefined ? undefined : `${name}/${unique()}`;
  }

  /** Runs a task as the owner that is given, or else as a new one, which acts for the owner it is run by. */
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
    if (owner === undefined) throw new InvalidArgumentError('owner: give what manager.owner() answered, or a handle that is held');
    if (owner.transport !== this.transport) {
      throw new InvalidArgumentError('owner: it belongs to another client; make one with owner() of this manager');
    }
    return owner.name;
  }
}

/** The innermost `run` around the caller that is not over: what outlives its `run` does not act for it any more. */
function current(): Scope | undefined {
  if (underWay === 0) return undefined;
  let scope = scopes.getStore();
  while (scope?.over) scope = scope.outer;
  return scope;
}

/** A name that no other owner has. Two tasks side by side in one `run` so exclude each other. */
function within(outer: Scope | undefined): string {
  return outer === undefined ? unique() : `${outer.name}/${unique()}`;
}

function unique(): string {
  return (++names).toString(36);
}
