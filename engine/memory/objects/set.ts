import { canonical } from '../../../proto/codec/canonical.js';
import type { MapKey } from '../../../proto/codec/key.js';
import { isMinimalScalar } from '../../../proto/codec/minimal.js';
import type { CallContext, Handlers } from '../../../proto/contract.js';
import { InvalidArgumentError } from '../../../proto/errors.js';
import { SetService } from '../../../proto/gen/commonhold/v1/set_wire.js';
import type { Stateful, StateOf } from '../../../proto/state.js';
import type { Payload } from '../../../proto/wire/values.js';
import type { Method } from '../../../proto/wire/codec.js';
import { finished, type Steps } from '../../core/steps.js';
import { compact } from '../collections/bytes.js';
import { SharedObject, type Keyspace, type ObjectKind } from '../lifetime/keyspace.js';
import type { Prepare } from '../locking/long-calls.js';
import { OrderedMap, type MapEntry, type MapPage } from '../collections/ordered-map.js';
import { PAGE_BYTES, pageSize, pageToken, parsePageToken } from '../../core/page.js';

/** Number of members that are looked up, and of values of which the canonical forms are computed, between two steps. */
const COMPARED = 4096;
const ADDED = 512;
/** Number of members of two sets up to which an operation on them is made at once. */
const SOON_COMPARED = 16_384;

/** Values by their canonical form, in insertion order. Equal values have the same form. */
class Members implements Stateful {
  /** The forms are used as keys directly: none begins like the map key of a key that is not text. */
  readonly #byForm: OrderedMap;
  /** Sequence of the member that was popped last. No member at or below it is left. */
  #popped = 0;

  constructor(owner?: MemorySet) {
    this.#byForm = new OrderedMap(owner, () => 0);
  }

  /** Makes members from values. Throws if one of them is not a valid payload. */
  static *of(values: readonly Payload[]): Steps<Members> {
    const members = new Members();
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      const form = canonical(value);
      // A scalar is its own canonical form, so one string serves as both.
      if (!members.has(form)) members.#byForm.set(form, isMinimalScalar(value) ? form : compact(value));
      if (i % ADDED === ADDED - 1) yield;
    }
    return members;
  }

  get size(): number {
    return this.#byForm.size;
  }

  /** Sequence of the newest member ever added. */
  get sequence(): number {
    return this.#byForm.sequence;
  }

  /** The sequence of the member that was popped last only saves time. */
  state() {
    return this.#byForm.state();
  }

  restore(state: StateOf<Members>): void {
    this.#byForm.restore(state);
  }

  has(form: MapKey): boolean {
    return this.#byForm.get(form) !== undefined;
  }

  /** Adds members of another set, which are absent here. Returns their number. */
  addAll(entries: readonly MapEntry[]): number {
    for (const { key, value } of entries) this.#byForm.set(key, value);
    return entries.length;
  }

  /** Removes members. Returns their number. */
  deleteAll(entries: readonly MapEntry[]): number {
    for (const { key } of entries) this.#byForm.delete(key);
    return entries.length;
  }

  /** Removes and returns the oldest member. */
  pop(): Payload | undefined {
    const [oldest] = this.page(this.#popped, this.sequence, 1).entries;
    if (oldest === undefined) return undefined;
    this.#popped = oldest.sequence;
    return this.#byForm.delete(oldest.key);
  }

  clear(): void {
    this.#byForm.clear();
  }

  /** Returns all members in order, as a copy. */
  all(): MapEntry[] {
    return this.#byForm.all();
  }

  page(after: number, until: number, count: number, bytes?: number): MapPage {
    return this.#byForm.page(after, until, count, bytes);
  }

  /** Returns the members that the others have too. */
  within(others: Members): Steps<MapEntry[]> {
    return this.#chosen((key) => others.has(key));
  }

  /** Returns the members that the others do not have. */
  outside(others: Members): Steps<MapEntry[]> {
    return this.#chosen((key) => !others.has(key));
  }

  /** Returns the members of both, in the order of the smaller one. The cost depends on the size of the smaller one. */
  common(others: Members): Steps<MapEntry[]> {
    return this.size < others.size ? this.within(others) : others.within(this);
  }

  *isSubsetOf(others: Members): Steps<boolean> {
    return this.size <= others.size && (yield* this.outside(others)).length === 0;
  }

  *#chosen(isChosen: (key: MapKey) => boolean): Steps<MapEntry[]> {
    const chosen: MapEntry[] = [];
    const entries = this.all();
    for (let i = 0; i < entries.length; i++) {
      if (isChosen(entries[i]!.key)) chosen.push(entries[i]!);
      if (i % COMPARED === COMPARED - 1) yield;
    }
    return chosen;
  }
}

/** A set, as JavaScript's Set and Python's set. */
export class MemorySet extends SharedObject {
  readonly kind = 'set';
  readonly members = new Members(this);

  get size(): number {
    return this.members.size;
  }

  override state() {
    return this.members.state();
  }

  override restore(state: StateOf<MemorySet>): void {
    this.members.restore(state);
  }
}

const kind: ObjectKind<MemorySet> = { kind: 'set', make: (name) => new MemorySet(name) };

/** A request with a second set: values, or the name of a set. */
interface TwoSets {
  readonly name: string;
  readonly values: readonly Payload[];
  readonly otherName?: string | undefined;
}

/** The operations on two sets, as far as they change nothing. */
const OPERATIONS = {
  add: (members: Members, others: Members) => others.outside(members),
  delete: (members: Members, others: Members) => members.common(others),
  retain: (members: Members, others: Members) => members.outside(others),
  *union(members: Members, others: Members): Steps<Payload[]> {
    return yield* valuesOf(members.all(), yield* others.outside(members));
  },
  *intersection(members: Members, others: Members): Steps<Payload[]> {
    return yield* valuesOf(yield* members.within(others));
  },
  *difference(members: Members, others: Members): Steps<Payload[]> {
    return yield* valuesOf(yield* members.outside(others));
  },
  *symmetricDifference(members: Members, others: Members): Steps<Payload[]> {
    return yield* valuesOf(yield* members.outside(others), yield* others.outside(members));
  },
  isSubsetOf: (members: Members, others: Members) => members.isSubsetOf(others),
  isSupersetOf: (members: Members, others: Members) => others.isSubsetOf(members),
  *isDisjointFrom(members: Members, others: Members): Steps<boolean> {
    return (yield* members.common(others)).length === 0;
  },
};

type Operation = keyof typeof OPERATIONS;
type Result<O extends Operation> = ReturnType<(typeof OPERATIONS)[O]> extends Steps<infer R> ? R : never;

/** Operates on the members of a set, and on other members or values. */
function* operate<O extends Operation>(operation: O, members: Members, others: Members | readonly Payload[]): Steps<Result<O>> {
  const second = others instanceof Members ? others : yield* Members.of(others);
  return (yield* OPERATIONS[operation](members, second)) as Result<O>;
}

/** The work that goes before long calls. */
export function setPreparations(keyspace: Keyspace): [Method, Prepare][] {
  const prepare = (operation: Operation): Prepare => {
    return ({ name, values, otherName }: TwoSets) => {
      const set = keyspace.find(kind, name);
      const other = otherName === undefined ? undefined : keyspace.find(kind, otherName);
      // The handler makes an absent set, and refuses a request with both.
      if (set === undefined || (otherName !== undefined && (other === undefined || values.length > 0))) return undefined;
      if (set.size + (other?.size ?? values.length) <= SOON_COMPARED) return undefined;
      return { objects: other === undefined ? [set] : [set, other], steps: operate(operation, set.members, other?.members ?? values) };
    };
  };
  return (Object.keys(OPERATIONS) as Operation[]).map((operation) => [SetService.methods[operation], prepare(operation)]);
}

export function setHandlers(keyspace: Keyspace): Handlers<typeof SetService> {
  const membersOf = (name: string, context: CallContext): Members => keyspace.open(kind, name, context).members;

  const operated = <O extends Operation>(operation: O, { name, values, otherName }: TwoSets, context: CallContext): Result<O> => {
    const members = membersOf(name, context);
    if (context.prepared !== undefined) return context.prepared as Result<O>;
    if (otherName !== undefined && values.length > 0) {
      throw new InvalidArgumentError('values and other_name are both given: give one of them', { object: name });
    }
    return finished(operate(operation, members, otherName === undefined ? values : membersOf(otherName, context)));
  };

  return {
    open: (request, context) => ({ created: keyspace.create(kind, request, context).created }),

    add(request, context) {
      const absent = operated('add', request, context);
      return { added: membersOf(request.name, context).addAll(absent) };
    },

    has: ({ name, value }, context) => ({ found: membersOf(name, context).has(canonical(value)) }),

    delete(request, context) {
      const present = operated('delete', request, context);
      return { deleted: membersOf(request.name, context).deleteAll(present) };
    },

    retain(request, context) {
      const others = operated('retain', request, context);
      return { deleted: membersOf(request.name, context).deleteAll(others) };
    },

    size: ({ name }, context) => ({ size: membersOf(name, context).size }),

    pop: ({ name }, context) => ({ value: membersOf(name, context).pop() }),

    clear({ name }, context) {
      membersOf(name, context).clear();
      return {};
    },

    union: (request, context) => ({ values: operated('union', request, context) }),

    intersection: (request, context) => ({ values: operated('intersection', request, context) }),

    difference: (request, context) => ({ values: operated('difference', request, context) }),

    symmetricDifference: (request, context) => ({ values: operated('symmetricDifference', request, context) }),

    isSubsetOf: (request, context) => ({ holds: operated('isSubsetOf', request, context) }),

    isSupersetOf: (request, context) => ({ holds: operated('isSupersetOf', request, context) }),

    isDisjointFrom: (request, context) => ({ holds: operated('isDisjointFrom', request, context) }),

    scan({ name, pageToken: token, pageSize: asked }, context) {
      const members = membersOf(name, context);
      const [after, until] = parsePageToken(token) ?? [0, members.sequence];
      const { entries, reached } = members.page(after, until, pageSize(asked), PAGE_BYTES);
      return { values: entries.map(valueOf), nextPageToken: reached < until ? pageToken(reached, until) : '' };
    },

    snapshot: ({ name }, context) => ({ values: membersOf(name, context).all().map(valueOf) }),
  };
}

function* valuesOf(...parts: readonly (readonly MapEntry[])[]): Steps<Payload[]> {
  const values: Payload[] = [];
  for (const entries of parts) {
    for (const { value } of entries) if (values.push(value) % COMPARED === 0) yield;
  }
  return values;
}

const valueOf = ({ value }: MapEntry): Payload => value;
