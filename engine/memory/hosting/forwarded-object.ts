import type { Caller } from '../../../proto/contract.js';
import type { ObjectHome, ObjectInfo } from '../../../proto/gen/commonhold/v1/manager_wire.js';
import type { HomeRequest } from '../../../proto/gen/commonhold/v1/home_wire.js';
import type { StateOf } from '../../../proto/state.js';
import type { Future } from '../../core/future.js';
import type { ForwardedCall } from './forwarded-call.js';
import { SharedObject } from '../lifetime/keyspace.js';
import { OutgoingRefs, type Counts } from '../lifetime/outgoing-refs.js';

/** The home of an object, in the form that the object needs. */
export interface HomeLink {
  readonly session: Caller;
  readonly about: ObjectHome;
  /** Objects that this home holds. */
  readonly objects: Set<ForwardedObject>;
  /** Sends a call to the home. */
  forward(call: ForwardedCall, object: ForwardedObject): Future<unknown>;
  /** Asks the home to describe the object. Undefined if it does not answer in time. */
  describe(object: ForwardedObject): Future<ObjectInfo | undefined>;
  /** Called when the object was destroyed. */
  destroyed(object: ForwardedObject): void;
}

/** An object that another process holds. The manager keeps its name, its time to live, and the references to it. */
export class ForwardedObject extends SharedObject {
  /** Number of its calls that the home has not answered. */
  calls = 0;
  #backup: readonly HomeRequest[] = [];

  constructor(
    name: string,
    readonly kind: string,
    readonly link: HomeLink,
  ) {
    super(name);
  }

  /** Calls that make the object again in the manager, if its home ends. */
  get backup(): readonly HomeRequest[] {
    return this.#backup;
  }

  keepBackup(backup: readonly HomeRequest[]): void {
    this.links.removeBytes(0, bytesOf(this.#backup));
    this.links.addBytes(0, bytesOf(backup));
    this.#backup = backup;
  }

  /** The home has the object itself, and counts its calls. */
  override state() {
    return { home: this.link.session.id, backup: this.backup.map(({ method, request }) => ({ method, request })) };
  }

  /** The home restores the order of its objects. */
  override restore({ backup }: StateOf<ForwardedObject>): void {
    this.#backup = backup;
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

/** Makes an object that was destroyed. */
export function endedObject(name: string, kind: string, link: HomeLink, counts: Counts): ForwardedObject {
  const object = new ForwardedObject(name, kind, link);
  object.links = new OutgoingRefs(counts, object);
  object.links.end();
  return object;
}

function bytesOf(backup: readonly HomeRequest[]): number {
  return backup.reduce((sum, { request }) => sum + request.length, 0);
}

/** Describes a home for messages. */
export function describeHome({ pid, host, label }: ObjectHome): string {
  return `the process ${pid}${host === '' ? '' : ` on ${host}`}${label === '' ? '' : ` (${label})`}`;
}
