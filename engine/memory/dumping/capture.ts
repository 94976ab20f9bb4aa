import { referencesIn } from '../../../proto/codec/references.js';
import { ManagerError } from '../../../proto/errors.js';
import { isAnonymous } from '../../../proto/name.js';
import type { UndumpedObject } from '../../../proto/gen/commonhold/v1/manager_wire.js';
import type { Payload } from '../../../proto/wire/values.js';
import { ForwardedObject, describeHome } from '../hosting/forwarded-object.js';
import type { Keyspace, SharedObject } from '../lifetime/keyspace.js';
import type { Instances } from '../objects/instances.js';
import { RegisteredObject } from '../objects/registered-object.js';
import type { CapturedObject } from './rebuilt.js';

/** An object of a dump, or the reason for which it cannot be in it. */
export type Captured = CapturedObject | Readonly<UndumpedObject>;

export function isUndumped(captured: Captured | Pick<Captured, 'kind' | 'name'>): captured is Readonly<UndumpedObject> {
  return 'reason' in captured;
}

/**
 * Captures the objects with a name, and the anonymous ones to which they lead, as they are at one moment. Returns them in the order in which they
 * have to be made, and else in order of their names, so that two dumps can be compared. The states share their payloads with the objects, so that
 * the cost is a few words for each.
 */
export function captureAll(keyspace: Keyspace, instances: Instances): Captured[] {
  const captured = captureReachable(keyspace, instances).sort((a, b) => (a.name < b.name ? -1 : 1));
  // A condition would make its lock if it came first.
  const [locks, rest] = divided(captured, ({ kind }) => kind === 'lock' || kind === 'rlock');
  const [registered, others] = divided(rest, ({ kind }) => kind === 'object');
  return [...locks, ...others, ...byReferences(registered)];
}

function captureReachable(keyspace: Keyspace, instances: Instances): Captured[] {
  const reached = new Set(Array.from(keyspace.objects.values()).filter(({ name }) => !isAnonymous(name)));
  const captured: Captured[] = [];
  // Objects that are added during the loop are visited in it.
  for (const object of reached) {
    const state = capture(keyspace, instances, object);
    captured.push(state);
    for (const name of [...Array.from(object.links.targets, ({ name }) => name), ...namesInSaved(state)]) {
      const other = keyspace.get(name);
      if (other !== undefined && isAnonymous(name)) reached.add(other);
    }
  }
  return captured;
}

function divided<T>(items: readonly T[], isFirst: (item: T) => boolean): [T[], T[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))];
}

function capture(keyspace: Keyspace, instances: Instances, object: SharedObject): Captured {
  const { kind, name } = object;
  const common = { kind, name, now: keyspace.clock.now, ttlMs: keyspace.remaining(name) };
  if (object instanceof ForwardedObject && object.backup.length === 0) {
    return { kind, name, reason: `it is at home in ${describeHome(object.home)}, and has no backup` };
  }
  if (!(object instanceof RegisteredObject)) return { ...common, state: object.state() };
  try {
    return { ...common, state: { ...object.state(), saved: instances.savedOf(object) } };
  } catch (error) {
    if (!(error instanceof ManagerError)) throw error;
    return { kind, name, reason: error.message };
  }
}

/** Returns instances so that those to which a saved value refers come before it. In a cycle, one of them gets a handle of another. */
function byReferences(registered: readonly Captured[]): Captured[] {
  const byName = new Map(registered.map((captured) => [captured.name, captured]));
  const ordered = new Set<Captured>();
  const begun = new Set<Captured>();
  for (const first of registered) {
    const path = [first];
    while (path.length > 0) {
      const captured = path.at(-1)!;
      const next = begun.has(captured) ? [] : referred(captured);
      begun.add(captured);
      const missing = next.filter((other) => !begun.has(other));
      if (missing.length > 0) path.push(...missing);
      else ordered.add(path.pop()!);
    }
  }
  return [...ordered];

  function referred(captured: Captured): Captured[] {
    return namesInSaved(captured).flatMap((name) => byName.get(name) ?? []);
  }
}

/** Returns the names of the objects to which the saved value of an instance refers, which the object itself does not count. */
function namesInSaved(captured: Captured): string[] {
  if (isUndumped(captured) || captured.kind !== 'object') return [];
  const { saved } = captured.state as unknown as { readonly saved: Payload };
  return referencesIn(saved).map(({ name }) => name);
}
