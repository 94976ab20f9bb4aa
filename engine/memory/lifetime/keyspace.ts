import type { CallContext } from '../../../proto/contract.js';
import { AlreadyExistsError, InvalidArgumentError, KindMismatchError, NotFoundError, StaleFenceError } from '../../../proto/errors.js';
import type { Fence, Holder } from '../../../proto/gen/commonhold/v1/lock_wire.js';
import type { ObjectHome } from '../../../proto/gen/commonhold/v1/manager_wire.js';
import { isAnonymous } from '../../../proto/name.js';
import { missing } from '../../core/missing.js';
import { Expiries } from './expiries.js';
import { Histories } from '../watching/history.js';
import { OutgoingRefs } from './outgoing-refs.js';
import { AnonymousObjects, type RefNode } from './anonymous.js';

const LONGEST_NAME = 1024;

/** What every object in the keyspace has, beside what its kind does. */
export abstract class SharedObject {
  abstract readonly kind: string;
  readonly createdAt = performance.now();
  /** Account of the payloads it holds. */
  links!: OutgoingRefs;
  /** What keeps it, where it is anonymous. */
  node: RefNode | undefined;

  constructor(readonly name: string) {}

  /** Entries, items; 1 for what has no parts. */
  abstract readonly size: number;
  /** Bytes of the payloads it holds: keys and values, items, elements. */
  get bytes(): number {
    return this.links.bytes;
  }
  /** Calls that wait on it. */
  get waiters(): number {
    return 0;
  }
  /** Those who watch it. */
  get watches(): number {
    return 0;
  }
  /** Where it is at home, unless it is here. */
  get home(): ObjectHome | undefined {
    return undefined;
  }
  /** Its options, for people. */
  options(): Record<string, string> {
    return {};
  }
  /** Who holds its lock. */
  holders(): Holder[] {
    return [];
  }
  /** Whether a lock of it is held now under a token. */
  heldUnder(_token: number): boolean {
    return false;
  }
  /** Ends all that goes on with it: it is gone. Whoever waits on it gets the error. */
  destroyed(_gone: () => NotFoundError): void {}
}

/** What every `Open` request says of the object it makes. */
export interface OpenRequestBase {
  readonly name: string;
  /** Refuses one that exists. */
  readonly exclusive: boolean;
  readonly ttlMs?: number | undefined;
}

/** A kind of object: how one is made. */
export interface ObjectKind<T extends SharedObject> {
  readonly kind: string;
  /** Makes an empty one; throws where this kind needs to be told more than a name. */
  make(name: string, keyspace: Keyspace): T;
}

/** All objects by name. */
export class Keyspace {
  readonly objects = new Map<string, SharedObject>();
  readonly anonymous = new AnonymousObjects(
    (name) => this.#busy(name),
    (name) => this.#end(name, gone),
  );
  /** The names of the objects that end by themselves. */
  readonly #expiries = new Expiries<string>((name) => this.#end(name, expired));
  readonly histories: Histories;

  constructor(
    /** How many changes of an object are kept for those who watch it. */
    watchHistory = 10_000,
    maxMessageBytes = Infinity,
  ) {
    this.histories = new Histories(watchHistory, maxMessageBytes);
  }

  /** The object of that name and kind; made where there is none, unless the caller only looks, or it has no name: {@link create} makes it. */
  open<T extends SharedObject>(kind: ObjectKind<T>, name: string, context: CallContext): T {
    const found = this.find(kind, name);
    if (found === undefined) {
      if (context.readOnly || isAnonymous(name)) throw missing(name);
      return this.#add(kind, name, context);
    }
    if (found.node !== undefined) this.anonymous.claim(found.node, context.session);
    return found;
  }

  /** The object of that name and kind, where there is one. */
  find<T extends SharedObject>(kind: ObjectKind<T>, name: string): T | undefined {
    const found = this.get(name);
    if (found !== undefined && found.kind !== kind.kind) throw mismatch(found, kind.kind);
    return found as T | undefined;
  }

  /** The object of that name, where there is one. */
  get(name: string): SharedObject | undefined {
    this.#expiries.check(name);
    return this.objects.get(name);
  }

  /** The object of that name and kind; made where there is none. No session has asked for it. */
  obtain<T extends SharedObject>(kind: ObjectKind<T>, name: string): T {
    return this.find(kind, name) ?? this.#add(kind, name);
  }

  /** Throws unless a lock is held under a token. */
  checkFence({ name, token }: Fence, object: string): void {
    if (this.get(name)?.heldUnder(token) === true) return;
    throw new StaleFenceError(`the write is fenced by "${name}", which is not held under token ${token} now`, { object });
  }

  /** Throws what would keep {@link open} from giving an object of that name and kind. */
  check<T extends SharedObject>(kind: ObjectKind<T>, name: string): void {
    if (this.find(kind, name) === undefined) assertName(name);
  }

  /** The object of that name and kind, and whether it was made by this call. */
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
    const object = kind.make(name, this);
    object.links = new OutgoingRefs(this.anonymous, object);
    this.objects.set(name, object);
    if (isAnonymous(name)) {
      object.node = this.anonymous.node(name);
      if (context !== undefined) this.anonymous.claim(object.node, context.session);
    }
    return object;
  }

  /** Makes an object end by itself in so many milliseconds, or never. */
  expire(name: string, kind: string, ttlMs: number | undefined): void {
    const object = this.#ofKind(name, kind);
    if (object === undefined) throw missing(name);
    this.#expiries.set(name, ttlMs);
  }

  /** Milliseconds until an object ends by itself; undefined where it does not. */
  remaining(name: string): number | undefined {
    return this.#expiries.remaining(name);
  }

  /** Ends an object of that name, and of that kind where one is given; says whether there was one. */
  destroy(name: string, kind: string): boolean {
    if (this.#ofKind(name, kind) === undefined) return false;
    this.#end(name, gone);
    return true;
  }

  /** Takes an object out of its place for another of that name, which has its time to live and whatever keeps it. */
  vacate(name: string): void {
    this.objects.delete(name);
  }

  /** Ends all objects and all timers. */
  close(): void {
    this.#expiries.clear();
    this.anonymous.close();
    for (const object of this.objects.values()) object.destroyed(() => gone(object.name));
    this.histories.close();
  }

  #ofKind(name: string, kind: string): SharedObject | undefined {
    const object = this.get(name);
    if (object !== undefined && kind !== '' && object.kind !== kind) throw mismatch(object, kind);
    return object;
  }

  #end(name: string, reason: (name: string) => NotFoundError): void {
    const object = this.objects.get(name);
    if (object === undefined) return;
    this.objects.delete(name);
    this.#expiries.delete(name);
    object.destroyed(() => reason(name));
    object.links.clear();
    if (object.node !== undefined) this.anonymous.destroyed(object.node);
  }

  #busy(name: string): boolean {
    const object = this.objects.get(name);
    return object !== undefined && (object.waiters > 0 || object.holders().length > 0);
  }
}

function assertName(name: string): void {
  if (name !== '' && name.length <= LONGEST_NAME) return;
  throw new InvalidArgumentError(`a name of ${name.length} characters: give one of 1 to ${LONGEST_NAME}`);
}

/** The error of whoever waited on an object while its time to live ended. */
function expired(name: string): NotFoundError {
  return new NotFoundError(`"${name}" expired: its time to live is over`, { object: name });
}

/** The error of whoever waited on an object while it was destroyed. */
function gone(name: string): NotFoundError {
  return new NotFoundError(`"${name}" was destroyed`, { object: name });
}

function mismatch(found: SharedObject, wanted: string): KindMismatchError {
  return new KindMismatchError(`"${found.name}" is a ${found.kind}, not a ${wanted}; use another name, or destroy it first`, {
    object: found.name,
  });
}
