import type { CallContext } from '../../../proto/contract.js';
import { InvalidArgumentError } from '../../../proto/errors.js';
import type { Change } from './change-log.js';
import type { History, ChangePage } from './history.js';
import { missing } from '../../core/missing.js';
import { type Keyspace, type ObjectKind, type SharedObject } from '../lifetime/keyspace.js';
import type { StateVersion } from './state-version.js';

/** What the requests of all watches have. */
interface WatchRequest {
  readonly name: string;
  readonly from?: number | undefined;
  readonly timeoutMs?: number | undefined;
}

/** What those have that tell every change. */
interface ChangesRequest extends WatchRequest {
  readonly watch: number;
  readonly end: boolean;
}

/** How the changes of a kind are told. */
export interface Telling<C extends Change> {
  /** Whether a change concerns who asks. */
  concerns(this: void, change: C): boolean;
  /** The last change of all. */
  destroyed(this: void, revision: number): C;
}

/** Answers the call of a watch that tells every change. */
export function watchChanges<C extends Change>(
  keyspace: Keyspace,
  kind: ObjectKind<SharedObject & { readonly history: History<C> }>,
  { name, watch, from: asked, timeoutMs, end }: ChangesRequest,
  { concerns, destroyed }: Telling<C>,
  context: CallContext,
): ChangePage<C> | Promise<ChangePage<C>> {
  const from = checkedRevision(asked);
  const departed = keyspace.histories.departed<C>(kind.kind, name);
  if (end) {
    departed?.leave(context.session, watch);
    keyspace.find(kind, name)?.history.leave(context.session, watch);
    return { changes: [], revision: from ?? 0 };
  }
  const watching = { watch, from, timeoutMs, concerns };
  if (from !== undefined) {
    if (departed?.continues(from) === true) return departed.watch(watching, context);
    // Whoever goes on with one that is gone does not bring it back.
    if (keyspace.find(kind, name) === undefined) return gone(destroyed(keyspace.histories.revisions.next()));
  }
  return keyspace.open(kind, name, context).history.watch(watching, context);
}

function gone<C extends Change>(change: C): ChangePage<C> {
  return { changes: [change], revision: change.revision };
}

/** Answers the call of a watch that tells how an object is. */
export async function watchState<T extends SharedObject & { readonly version: StateVersion }, S extends object>(
  keyspace: Keyspace,
  kind: ObjectKind<T>,
  { name, from, timeoutMs }: WatchRequest,
  stateOf: (object: T) => S,
  context: CallContext,
): Promise<S & { revision: number }> {
  const known = checkedRevision(from);
  // Whoever goes on with one that is gone gets neither a new one nor another one.
  if (known !== undefined && keyspace.find(kind, name)?.version.knows(known) !== true) throw missing(name);
  const object = keyspace.open(kind, name, context);
  await object.version.watch(known, context, timeoutMs);
  return { ...stateOf(object), revision: object.version.revision };
}

/** A revision as a caller gave it. */
function checkedRevision(from: number | undefined): number | undefined {
  if (from === undefined || Number.isSafeInteger(from)) return from;
  throw new InvalidArgumentError(`${from} is no revision: give the one that came with the last change`);
}
