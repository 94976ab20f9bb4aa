import type { CallContext } from '../../../proto/contract.js';
import { InvalidArgumentError } from '../../../proto/errors.js';
import type { State } from '../../../proto/state.js';
import { mapAnswer } from '../../../proto/thenable.js';
import type { Future } from '../../core/future.js';
import type { Change } from './change-log.js';
import type { History, ChangePage } from './history.js';
import { missing } from '../../core/missing.js';
import { type Keyspace, type ObjectKind, type SharedObject } from '../lifetime/keyspace.js';
import type { StateVersion } from './state-version.js';

/** The common fields of all watch requests. */
interface WatchRequest {
  readonly name: string;
  readonly from?: number | undefined;
  readonly timeoutMs?: number | undefined;
}

/** The fields of watches that report every change. */
interface ChangesRequest extends WatchRequest {
  readonly watch: number;
  readonly end: boolean;
  readonly follow?: boolean | undefined;
}

/** The changes of one watch request. */
export interface Telling<C extends Change> {
  /** Returns true if the request wants the change. */
  concerns(this: void, change: C): boolean;
  /** The choice of `concerns` as data; undefined for all changes. */
  readonly chosen?: State;
  /** Makes the change that reports the end of the object. */
  destroyed(this: void, revision: number): C;
}

/** Serves a watch that reports every change. */
export function watchChanges<C extends Change>(
  keyspace: Keyspace,
  kind: ObjectKind<SharedObject & { readonly history: History<C> }>,
  { name, watch, from: asked, timeoutMs, end, follow = false }: ChangesRequest,
  { concerns, chosen, destroyed }: Telling<C>,
  context: CallContext,
): ChangePage<C> | Future<ChangePage<C>> {
  const from = checkedRevision(asked);
  const ended = keyspace.histories.ended<C>(kind.kind, name);
  if (end) {
    ended?.leave(context.session, watch);
    keyspace.find(kind, name)?.history.leave(context.session, watch);
    return { changes: [], revision: from ?? 0 };
  }
  const watching = { watch, from, timeoutMs, follow, concerns, chosen };
  if (from !== undefined) {
    if (ended?.continues(from) === true) return ended.watch(watching, context);
    if (follow && keyspace.get(name)?.kind !== kind.kind) {
      return (ended ?? absent(keyspace, kind, name, destroyed)).watch(watching, context);
    }
    // A watch that continues after the object ended must not make a new object.
    if (keyspace.find(kind, name) === undefined) return gone(destroyed(keyspace.histories.revisions.next()));
  }
  return keyspace.open(kind, name, context).history.watch(watching, context);
}

/** Returns the history of a name without an object. */
function absent<C extends Change>(
  keyspace: Keyspace,
  kind: ObjectKind<SharedObject & { readonly history: History<C> }>,
  name: string,
  destroyed: (revision: number) => C,
): History<C> {
  keyspace.check(kind, name);
  return kind.make(name, keyspace).history.absent(destroyed);
}

function gone<C extends Change>(change: C): ChangePage<C> {
  return { changes: [change], revision: change.revision };
}

/** Serves a watch that reports the current state. */
export function watchState<T extends SharedObject & { readonly version: StateVersion }, S extends object>(
  keyspace: Keyspace,
  kind: ObjectKind<T>,
  { name, from, timeoutMs }: WatchRequest,
  stateOf: (object: T) => S,
  context: CallContext,
): (S & { revision: number }) | PromiseLike<S & { revision: number }> {
  const known = checkedRevision(from);
  // A watch that continues after the object ended must not get a new object, or a later one of that name.
  if (known !== undefined && keyspace.find(kind, name)?.version.knows(known) !== true) throw missing(name);
  const object = keyspace.open(kind, name, context);
  return mapAnswer(object.version.watch(known, context, timeoutMs), () => ({ ...stateOf(object), revision: object.version.revision }));
}

/** Returns the revision. Throws if it is not a safe integer. */
function checkedRevision(from: number | undefined): number | undefined {
  if (from === undefined || Number.isSafeInteger(from)) return from;
  throw new InvalidArgumentError(`${from} is no revision: give the one that came with the last change`);
}
