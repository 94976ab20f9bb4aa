import type { Caller } from '../../../proto/contract.js';
import type { ObjectHome, ObjectInfo } from '../../../proto/gen/commonhold/v1/manager_wire.js';
import type { HomeRequest } from '../../../proto/gen/commonhold/v1/home_wire.js';
import type { ForwardedCall } from './forwarded-call.js';
import { SharedObject } from '../lifetime/keyspace.js';

/** The home of an object, as the object knows it. */
export interface HomeLink {
  readonly session: Caller;
  readonly about: ObjectHome;
  /** What is at home there. */
  readonly objects: Set<ForwardedObject>;
  /** Makes a call there. */
  forward(call: ForwardedCall, object: ForwardedObject): Promise<unknown>;
  /** How the object is there; undefined where its home does not say in time. */
  describe(object: ForwardedObject): Promise<ObjectInfo | undefined>;
  /** The object was destroyed, whoever did it. */
  destroyed(object: ForwardedObject): void;
}

/** An object in another process: the manager keeps its name, its time to live, and account of who refers to it. */
export class ForwardedObject extends SharedObject {
  /** How many calls of it are under way. */
  calls = 0;
  /** The calls that make it anew. */
  backup: readonly HomeRequest[] = [];

  constructor(
    name: string,
    readonly kind: string,
    readonly link: HomeLink,
  ) {
    super(name);
  }

  get size(): number {
    return 0;
  }

  override get waiters(): number {
    return this.calls;
  }

  override get home(): ObjectHome {
    return this.link.about;
  }

  override destroyed(): void {
    this.link.destroyed(this);
  }
}

/** A home, in words. */
export function placeOf({ pid, host, label }: ObjectHome): string {
  return `the process ${pid}${host === '' ? '' : ` on ${host}`}${label === '' ? '' : ` (${label})`}`;
}
