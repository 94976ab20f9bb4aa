import { canonical } from '../../../proto/codec/canonical.js';
import type { MapKey } from '../../../proto/codec/key.js';
import { isMinimalScalar } from '../../../proto/codec/minimal.js';
import type { CallContext, Handlers } from '../../../proto/contract.js';
import { InvalidArgumentError } from '../../../proto/errors.js';
import type { SetService } from '../../../proto/gen/commonhold/v1/set_wire.js';
import type { Stateful, StateOf } from '../../../proto/state.js';
import type { Payload } from '../../../proto/wire/values.js';
import { compact } from '../collections/bytes.js';
import { SharedObject, type Keyspace, type ObjectKind } from '../lifetime/keyspace.js';
import { OrderedMap, type MapEntry, type MapPage } from '../collections/ordered-map.js';
import { PAGE_BYTES, pageSize, pageToken, parsePageToken } from '../../core/page.js';

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
  static of(values: readonly Payload[]): Members {
    const members = new Members();
    for (const value of values) {
      const form = canonical(value);
      // A scalar is its own canonical form, so one string serves as both.
      members.#add(form, isMinimalScalar(value) ? form : compact(value));
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

  /** Adds the members that are absent. Returns their number. */
  addAll(others: Members): number {
    const before = this.size;
    for (const { key, value } of others.all()) this.#add(key, value);
    return this.size - before;
  }

  /** Adds a value. An equal member stays as it is. */
  #add(form: MapKey, value: Payload): void {
    if (!this.has(form)) this.#byForm.set(form, value);
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
  within(others: Members): MapEntry[] {
    return this.all().filter(({ key }) => others.has(key));
  }

  /** Returns the members that the others do not have. */
  outside(others: Members): MapEntry[] {
    return this.all().filter(({ key }) => !others.has(key));
  }

  /** Returns the members of both, in the order of the smaller one. The cost depends on the size of the smaller one. */
  common(others: Members): MapEntry[] {
    return this.size < others.size ? this.within(others) : others.within(this);
  }

  isSubsetOf(others: Members): boolean {
    return this.size <= others.size && this.all().every(({ key }) => others.has(key));
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
  name: string;
  values: Payload[];
  otherName?: string | undefined;
}

export function setHandlers(keyspace: Keyspace): Handlers<typeof SetService> {
  const membersOf = (name: string, context: CallContext): Members => keyspace.open(kind, name, context).members;

  const sides = ({ name, values, otherName }: TwoSets, context: CallContext): [Members, Members] => {
    if (otherName === undefined) return [membersOf(name, context), Members.of(values)];
    if (values.length > 0) throw new InvalidArgumentError('values and other_name are both given: give one of them', { object: name });
    return [membersOf(name, context), membersOf(otherName, context)];
  };

  return {
    open: (request, context) => ({ created: keyspace.create(kind, request, context).created }),

    add(request, context) {
      const [members, others] = sides(request, context);
      return { added: members.addAll(others) };
    },

    has: ({ name, value }, context) => ({ found: membersOf(name, context).has(canonical(value)) }),

    delete(request, context) {
      const [members, others] = sides(request, context);
      return { deleted: members.deleteAll(members.common(others)) };
    },

    retain(request, context) {
      const [members, others] = sides(request, context);
      return { deleted: members.deleteAll(members.outside(others)) };
    },

    size: ({ name }, context) => ({ size: membersOf(name, context).size }),

    pop: ({ name }, context) => ({ value: membersOf(name, context).pop() }),

    clear({ name }, context) {
      membersOf(name, context).clear();
      return {};
    },

    union(request, context) {
      const [members, others] = sides(request, context);
      return { values: [...members.all(), ...others.outside(members)].map(valueOf) };
    },

    intersection(request, context) {
      const [members, others] = sides(request, context);
      return { values: members.within(others).map(valueOf) };
    },

    difference(request, context) {
      const [members, others] = sides(request, context);
      return { values: members.outside(others).map(valueOf) };
    },

    symmetricDifference(request, context) {
      const [members, others] = sides(request, context);
      return { values: [...members.outside(others), ...others.outside(members)].map(valueOf) };
    },

    isSubsetOf(request, context) {
      const [members, others] = sides(request, context);
      return { holds: members.isSubsetOf(others) };
    },

    isSupersetOf(request, context) {
      const [members, others] = sides(request, context);
      return { holds: others.isSubsetOf(members) };
    },

    isDisjointFrom(request, context) {
      const [members, others] = sides(request, context);
      return { holds: members.common(others).length === 0 };
    },

    scan({ name, pageToken: token, pageSize: asked }, context) {
      const members = membersOf(name, context);
      const [after, until] = parsePageToken(token) ?? [0, members.sequence];
      const { entries, reached } = members.page(after, until, pageSize(asked), PAGE_BYTES);
      return { values: entries.map(valueOf), nextPageToken: reached < until ? pageToken(reached, until) : '' };
    },

    snapshot: ({ name }, context) => ({ values: membersOf(name, context).all().map(valueOf) }),
  };
}

const valueOf = ({ value }: MapEntry): Payload => value;
