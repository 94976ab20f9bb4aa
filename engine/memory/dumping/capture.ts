import { referencesIn } from '../../../proto/codec/references.js';
import { ManagerError } from '../../../proto/errors.js';
import { isAnonymous } from '../../../proto/name.js';
import type { UndumpedObject } from '../../../proto/gen/commonhold/v1/manager_wire.js';
import { ForwardedObject, describeHome } from '../hosting/forwarded-object.js';
import type { Keyspace, SharedObject } from '../lifetime/keyspace.js';
import type { Instances } from '../objects/instances.js';
import { RegisteredObject } from '../objects/registered-object.js';
import type { CapturedObject } from './rebuilt.js';

/** An object of a dump, or the reason for which it cannot be in it. */
export type Captured = CapturedObject | Readonly<UndumpedObject>;

export function isUndumped(captured: Captured): captured is Readonly<UndumpedObject> {
  return 'reason' in captured;
}

/**
 * Captures all objects as they are at one moment, in the order in which they have to be made. The states share their payloads with the objects,
 * so that the cost is a few words for each.
 */
export function captureAll(keyspace: Keyspace, instances: Instances): Captured[] {
  const locks: Captured[] = [];
  const others: Captured[] = [];
  const registered = new Map<string, Captured>();
  for (const object of dumpedObjects(keyspace)) {
    const captured = capture(keyspace, instances, object);
    if (object instanceof RegisteredObject) registered.set(object.name, captured);
    else if (object.kind === 'lock' || object.kind === 'rlock') locks.push(captured);
    else others.push(captured);
  }
  // A condition would make its lock if it came first.
  return [...locks, ...others, ...byReferences(registered)];
}

/** Returns the objects with a name, and the anonymous ones to which they lead, in order of their names, so that two dumps can be compared. */
function dumpedObjects(keyspace: Keyspace): SharedObject[] {
  const reachable = reachableNames(keyspace);
  return Array.from(keyspace.objects.values())
    .filter(({ name }) => !isAnonymous(name) || reachable.has(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
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

/** Returns the names of the anonymous objects to which an object with a name leads. */
function reachableNames({ objects }: Keyspace): ReadonlySet<string> {
  const names = new Set<string>();
  const refer = (object: SharedObject | undefined): void => {
    for (const { name } of object?.links.targets ?? []) names.add(name);
  };
  for (const object of objects.values()) if (!isAnonymous(object.name)) refer(object);
  // Names that are added during the loop are visited in it.
  for (const name of names) refer(objects.get(name));
  return names;
}

/** Returns instances so that those to which a saved value refers come before it. In a cycle, one of them gets a handle of another. */
function byReferences(registered: ReadonlyMap<string, Captured>): Captured[] {
  const ordered = new Set<Captured>();
  const begun = new Set<Captured>();
  for (const first of registered.values()) {
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
    if (isUndumped(captured)) return [];
    const { saved } = captured.state as unknown as { readonly saved: Uint8Array };
    return referencesIn(saved).flatMap(({ name }) => registered.get(name) ?? []);
  }
}
