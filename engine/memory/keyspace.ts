import type { CallContext } from '../../proto/contract.js';
import { AlreadyExistsError, InvalidArgumentError, KindMismatchError, NotFoundError } from '../../proto/errors.js';
import type { Holder } from '../../proto/gen/commonhold/v1/lock_wire.js';

const LONGEST_NAME = 1024;

/** What every object in the keyspace has, beside what its kind does. */
export abstract class SharedObject {
  abstract readonly kind: string;
  readonly createdAt = performance.now();

  constructor(readonly name: string) {}

  /** Entries, items; 1 for what has no parts. */
  abstract readonly size: number;
  /** Calls that wait on it. */
  get waiters(): number {
    return 0;
  }
  /** Its options, for people. */
  options(): Record<string, string> {
    return {};
  }
  /** Who holds its lock. */
  holders(): Holder[] {
    return [];
  }
  /** Ends all that goes on with it: it is gone. */
  destroyed(): void {}
}

/** A kind of object: how one is made. */
export interface Kind<T extends SharedObject> {
  readonly kind: string;
  /** Makes an empty one; throws where this kind needs to be told more than a name. */
  make(name: string): T;
}

/** All objects by name. */
export class Keyspace {
  readonly objects = new Map<string, SharedObject>();

  /** The object of that name and kind; made where there is none, unless the caller only looks. */
  open<T extends SharedObject>(kind: Kind<T>, name: string, context: CallContext): T {
    const found = this.find(kind, name);
    if (found !== undefined) return found;
    if (context.readOnly) throw missing(name);
    return this.#add(kind, name);
  }

  /** The object of that name and kind, where there is one. */
  find<T extends SharedObject>(kind: Kind<T>, name: string): T | undefined {
    const found = this.objects.get(name);
    if (found !== undefined && found.kind !== kind.kind) throw mismatch(found, kind.kind);
    return found as T | undefined;
  }

  /** Throws what would keep {@link open} from giving an object of that name and kind. */
  check<T extends SharedObject>(kind: Kind<T>, name: string): void {
    if (this.find(kind, name) === undefined) assertName(name);
  }

  /**
   * The object of that name and kind, and whether it was made by this call. `exclusive` refuses one
   * that exists.
   */
  create<T extends SharedObject>(kind: Kind<T>, name: string, exclusive: boolean): { object: T; created: boolean } {
    const found = this.find(kind, name);
    if (found === undefined) return { object: this.#add(kind, name), created: true };
    if (exclusive)
      throw new AlreadyExistsError(`there is a ${found.kind} "${name}" already; open it without create(), or destroy it first`, {
        object: name,
      });
    return { object: found, created: false };
  }

  #add<T extends SharedObject>(kind: Kind<T>, name: string): T {
    assertName(name);
    const object = kind.make(name);
    this.objects.set(name, object);
    return object;
  }

  /** Ends an object of that name, and of that kind where one is given; says whether there was one. */
  destroy(name: string, kind: string): boolean {
    const object = this.objects.get(name);
    if (object === undefined) return false;
    if (kind !== '' && object.kind !== kind) throw mismatch(object, kind);
    this.objects.delete(name);
    object.destroyed();
    return true;
  }
}

function assertName(name: string): void {
  if (name !== '' && name.length <= LONGEST_NAME) return;
  throw new InvalidArgumentError(`a name of ${name.length} characters: give one of 1 to ${LONGEST_NAME}`);
}

/** The error of whoever uses or awaits an object that is not there. */
export function missing(name: string): NotFoundError {
  return new NotFoundError(`there is no object "${name}"`, { object: name });
}

/** The error of whoever waited on an object while it was destroyed. */
export function gone(name: string): NotFoundError {
  return new NotFoundError(`"${name}" was destroyed`, { object: name });
}

function mismatch(found: SharedObject, wanted: string): KindMismatchError {
  return new KindMismatchError(`"${found.name}" is a ${found.kind}, not a ${wanted}; use another name, or destroy it first`, {
    object: found.name,
  });
}
