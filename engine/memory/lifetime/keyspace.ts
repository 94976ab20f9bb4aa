import { USUAL_LIMITS, type EngineLimits } from '../../core/limits.js';
import type { CallContext } from '../../../proto/contract.js';
import { AlreadyExistsError, InvalidArgumentError, KindMismatchError, NotFoundError, type ManagerError } from '../../../proto/errors.js';
import type { Holder } from '../../../proto/gen/commonhold/v1/lock_wire.js';
import type { ObjectHome } from '../../../proto/gen/commonhold/v1/manager_wire.js';
import { isAnonymous } from '../../../proto/name.js';
import type { State, Stateful, StateOf } from '../../../proto/state.js';
import { missing } from '../../core/missing.js';
import { Expiries } from './expiries.js';
import type { Change } from '../watching/change-log.js';
import { Followers } from '../watching/followers.js';
import { Histories, type History } from '../watching/history.js';
import { OutgoingRefs } from './outgoing-refs.js';
import { AnonymousObjects, type RefNode } from './anonymous.js';
import type { Clock } from '../../core/clock.js';
import type { Restoring } from '../../core/restoring.js';
import { assertName } from '../../core/object-name.js';
import { assertMayCreate } from '../../core/rights.js';
import { found, sortedPairs } from '../../core/state.js';
import { bytesOfObject, Use } from '../../core/use.js';

/** The common part of all objects in the keyspace. */
export abstract class SharedObject implements Stateful {
  abstract readonly kind: string;
  /** Time at which it was made, on the clock of the keyspace. */
  createdAt = 0;
  /** Counts the payloads that it holds and the references in them. */
  links!: OutgoingRefs;
  /** Its node, if it is anonymous. */
  node: RefNode | undefined;

  constructor(readonly name: string) {}

  /** The state that only this kind has, and that does not follow from its name. */
  abstract state(): State;
  /** Restores that state in a new object, whose references are restored afterwards. */
  abstract restore(state: State, restoring: Restoring): void;
  /** Number of entries or items; 1 for an object without parts. */
  abstract readonly size: number;
  /** Size of the payloads that it holds in bytes: keys and values, items, elements. */
  get bytes(): number {
    return this.links.bytes;
  }
  /** Number of calls that wait on it. */
  get waiters(): number {
    return 0;
  }
  /** Number of watches on it. */
  get watches(): number {
    return 0;
  }
  /** The process that holds it; undefined if the manager does. */
  get home(): ObjectHome | undefined {
    return undefined;
  }
  /** Its options, in readable form. */
  options(): Record<string, string> {
    return {};
  }
  /** The holders of its lock or permits. */
  holders(): Holder[] {
    return [];
  }
  /** Returns true if its lock is held under the token now, and under no other. */
  heldUnder(_token: number): boolean {
    return false;
  }
  /** Called when the object has ended: fails all waits on it with the error. */
  destroyed(_gone: () => NotFoundError): void {}
}

/** The common fields of all `Open` requests. */
export interface OpenRequestBase {
  readonly name: string;
  /** If true, an existing object is an AlreadyExistsError. */
  readonly exclusive: boolean;
  readonly ttlMs?: number | undefined;
}

/** A kind of object, and its constructor. */
export interface ObjectKind<T extends SharedObject> {
  readonly kind: string;
  /** Makes an empty object. Throws if this kind needs more than a name. */
  make(name: string, keyspace: Keyspace): T;
}

/** Makes an object that its {@link SharedObject.restore} fills. */
export type MakeObject = (kind: string, name: string, state: State) => SharedObject;

/** All objects by name. */
export class Keyspace implements Stateful {
  readonly objects = new Map<string, SharedObject>();
  readonly anonymous: AnonymousObjects;
  /** Names of the objects with a time to live. */
  readonly #expiries: Expiries<string>;
  readonly histories: Histories;
  readonly followers: Followers;
  readonly use: Use;
  /** The error of calls that need a new object, once none is made any more. */
  refusal: ManagerError | undefined;

  constructor(
    readonly clock: Clock,
    readonly limits: Readonly<EngineLimits> = USUAL_LIMITS,
  ) {
    this.use = new Use(limits);
    this.anonymous = new AnonymousObjects(
      clock,
      (name) => this.#busy(name),
      (name) => this.#end(name, gone),
    );
    this.#expiries = new Expiries(clock, (name) => this.#end(name, expired), this.use);
    this.histories = new Histories(clock, limits, this.use);
    this.followers = new Followers(clock, (kind, name) => this.get(name)?.kind === kind);
  }

  state() {
    const objects = Array.from(this.objects.values(), (object) => [object.name, stateOfObject(object)] satisfies [string, State]);
    return {
      objects: sortedPairs(objects),
      expiries: this.#expiries.state((name) => name),
      anonymous: this.anonymous.state(),
      histories: this.histories.state(),
      followers: this.followers.state(),
      use: this.use.state(),
    };
  }

  /** Restores everything but the references, which come when all calls wait again. */
  restore({ objects, expiries, anonymous, histories, followers, use }: StateOf<Keyspace>, restoring: Restoring, make: MakeObject): void {
    for (const [name, { kind, createdAt, state }] of objects) {
      const object = make(kind, name, state);
      object.createdAt = createdAt;
      object.links = new OutgoingRefs(this, object);
      this.#place(object);
      object.restore(state, restoring);
    }
    this.#expiries.restore(expiries, restoring, (name) => name);
    this.use.restore(use);
    this.histories.restore(histories, restoring, (kind, name) => historyOf(make(kind, name, undefined)));
    this.followers.restore(followers, restoring);
    restoring.afterCalls(() => {
      this.anonymous.restore(anonymous, restoring, (name) => found(this.objects.get(name), name));
      for (const [name, { links }] of objects) this.#link(this.objects.get(name)!, links);
    });
  }

  #link(object: SharedObject, links: StateOf<OutgoingRefs>): void {
    object.links.restore(links);
    if (isAnonymous(object.name)) object.node = this.anonymous.node(object.name);
  }

  /**
   * Returns the object of that name and kind. Makes it if there is none, unless the call is read-only or the name is anonymous: only {@link
   * create} makes anonymous objects.
   */
  open<T extends SharedObject>(kind: ObjectKind<T>, name: string, context: CallContext): T {
    const found = this.claim(kind, name, context);
    if (found !== undefined) return found;
    if (context.readOnly || isAnonymous(name)) throw missing(name);
    return this.#add(kind, name, context);
  }

  /** Returns the object of that name and kind, or undefined. An anonymous one stays while the session of the call does. */
  claim<T extends SharedObject>(kind: ObjectKind<T>, name: string, context: CallContext): T | undefined {
    const found = this.find(kind, name);
    if (found?.node !== undefined) this.anonymous.claim(found.node, context.session);
    return found;
  }

  /** Returns the object of that name and kind, or undefined. */
  find<T extends SharedObject>(kind: ObjectKind<T>, name: string): T | undefined {
    const found = this.get(name);
    return found && ofKind(kind, found);
  }

  /** Returns the object of that name, or undefined. */
  get(name: string): SharedObject | undefined {
    return this.objects.get(name);
  }

  /** Returns the object of that name and kind, or makes it, without a claim by a session. */
  obtain<T extends SharedObject>(kind: ObjectKind<T>, name: string): T {
    return this.find(kind, name) ?? this.#add(kind, name);
  }

  /** Throws the error that {@link open} would throw for that name and kind. */
  check<T extends SharedObject>(kind: ObjectKind<T>, name: string): void {
    if (this.find(kind, name) === undefined) assertName(name);
  }

  /** Returns the object of that name and kind, and true if this call made it. */
  create<T extends SharedObject>(kind: ObjectKind<T>, creation: OpenRequestBase, context: CallContext): { object: T; created: boolean } {
    const { name, exclusive, ttlMs } = creation;
    const found = this.find(kind, name);
    if (found === undefined) {
      const object = this.#add(kind, name, context);
      if (ttlMs !== undefined) this.#expiries.set(name, ttlMs);
      return { object, created: true };
    }
    if (exclusive)
      throw new AlreadyExistsError(`there is a ${found.kind} "${name}" already; open it without create(), or destroy it first`, {
        object: name,
      });
    if (found.node !== undefined) this.anonymous.claim(found.node, context.session);
    return { object: found, created: false };
  }

  #add<T extends SharedObject>(kind: ObjectKind<T>, name: string, context?: CallContext): T {
    assertName(name);
    if (this.refusal) throw this.refusal;
    if (context?.session.rights !== undefined) assertMayCreate(context.session.rights, name);
    this.use.demandObject(name);
    this.clock.changed = true;
    const object = kind.make(name, this);
    object.createdAt = this.clock.now;
    object.links = new OutgoingRefs(this, object);
    this.#place(object);
    this.followers.made(kind.kind, name);
    if (isAnonymous(name)) {
      object.node = this.anonymous.node(name);
      if (context !== undefined) this.anonymous.claim(object.node, context.session);
    }
    return object;
  }

  /** Ends an object in `ttlMs` milliseconds, or never if that is undefined. */
  expire(name: string, kind: string, ttlMs: number | undefined): void {
    const object = this.#ofKind(name, kind);
    if (object === undefined) throw missing(name);
    this.#expiries.set(name, ttlMs);
  }

  /** Returns the milliseconds until an object ends, or undefined if it has no time to live. */
  remaining(name: string): number | undefined {
    return this.#expiries.remaining(name);
  }

  /** Ends the object of that name. If `kind` is not empty, the object has to be of that kind. Returns false if there is none. */
  destroy(name: string, kind: string): boolean {
    if (this.#ofKind(name, kind) === undefined) return false;
    this.#end(name, gone);
    return true;
  }

  /**
   * Puts the object of the same name and kind that `make` makes in the place of an object. The time to live and the references belong to
   * the name, and stay; its memory is not limited. If `make` makes no such object, throws, and the first object is still there unless another took its name.
   */
  replace(object: SharedObject, make: () => void): void {
    const { name, kind } = object;
    this.#displace(object);
    try {
      this.use.exempt(make);
      if (this.objects.get(name)?.kind !== kind) throw new InvalidArgumentError(`it makes no ${kind} "${name}"`, { object: name });
    } finally {
      if (!this.objects.has(name)) this.#place(object);
      else object.links.end();
    }
  }

  #place(object: SharedObject): void {
    this.objects.set(object.name, object);
    this.use.objects++;
    this.use.memory += bytesOfObject(object.name);
  }

  #displace({ name }: SharedObject): void {
    this.objects.delete(name);
    this.use.objects--;
    this.use.memory -= bytesOfObject(name);
  }

  /** Ends all objects and stops all timers. */
  close(): void {
    this.#expiries.clear();
    this.anonymous.close();
    for (const object of this.objects.values()) object.destroyed(() => gone(object.name));
    this.histories.close();
    this.objects.clear();
  }

  #ofKind(name: string, kind: string): SharedObject | undefined {
    const object = this.get(name);
    if (object !== undefined && kind !== '' && object.kind !== kind) throw mismatch(object, kind);
    return object;
  }

  #end(name: string, reason: (name: string) => NotFoundError): void {
    const object = this.objects.get(name);
    if (object === undefined) return;
    this.#displace(object);
    this.#expiries.delete(name);
    object.destroyed(() => reason(name));
    object.links.end();
    if (object.node !== undefined) this.anonymous.destroyed(object.node);
  }

  #busy(name: string): boolean {
    const object = this.objects.get(name);
    return object !== undefined && (object.waiters > 0 || object.holders().length > 0);
  }
}

function stateOfObject(object: SharedObject) {
  const { kind, createdAt, links } = object;
  return { kind, createdAt, links: links.state(), state: object.state() };
}

function historyOf(object: SharedObject): History<Change> {
  return (object as SharedObject & { readonly history: History<Change> }).history;
}

/** Returns the object as one of that kind. @throws KindMismatchError */
function ofKind<T extends SharedObject>({ kind }: ObjectKind<T>, object: SharedObject): T {
  if (object.kind !== kind) throw mismatch(object, kind);
  return object as T;
}

/** The error for calls that wait on an object when its time to live ends. */
function expired(name: string): NotFoundError {
  return new NotFoundError(`"${name}" expired: its time to live is over`, { object: name });
}

/** The error for calls that wait on an object when it is destroyed. */
function gone(name: string): NotFoundError {
  return new NotFoundError(`"${name}" was destroyed`, { object: name });
}

function mismatch(found: SharedObject, wanted: string): KindMismatchError {
  return new KindMismatchError(`"${found.name}" is a ${found.kind}, not a ${wanted}; use another name, or destroy it first`, {
    object: found.name,
  });
}
