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
  readonly follow?: boolean | undefined;
}

/** The fields of watches that report every change. */
interface ChangesRequest extends WatchRequest {
  readonly watch: number;
  readonly end: boolean;
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

/** The answer to a watch of a state. */
type StateAnswer<S> = S & { revision: number; absent?: true };

/**
 * Serves a watch that reports the current state.
 * @param stateOf returns the state of an object, or that of none, which only a watch that follows its name is told
 */
export function watchState<T extends SharedObject & { readonly version: StateVersion }, S extends object>(
  keyspace: Keyspace,
  kind: ObjectKind<T>,
  request: WatchRequest,
  stateOf: (object: T | undefined) => S,
  context: CallContext,
): StateAnswer<S> | PromiseLike<StateAnswer<S>> {
  const { name, timeoutMs, follow = false } = request;
  const known = checkedRevision(request.from);
  if (known !== undefined && follow) return followState(keyspace, kind, { name, timeoutMs, known }, stateOf, context);
  // A watch that continues after the object ended must not get a new object, or a later one of that name.
  if (known !== undefined && keyspace.find(kind, name)?.version.knows(known) !== true) throw missing(name);
  const object = keyspace.open(kind, name, context);
  return mapAnswer(object.version.watch(known, context, timeoutMs), () => ({ ...stateOf(object), revision: object.version.revision }));
}

/** Serves a watch that knows a state, and goes on with the next object of the name. */
function followState<T extends SharedObject & { readonly version: StateVersion }, S extends object>(
  keyspace: Keyspace,
  kind: ObjectKind<T>,
  { name, timeoutMs, known }: { name: string; timeoutMs: number | undefined; known: number },
  stateOf: (object: T | undefined) => S,
  context: CallContext,
): StateAnswer<S> | PromiseLike<StateAnswer<S>> {
  // An object that is at home elsewhere answers the next call of the watch itself.
  const present = (): T | undefined => {
    const object = keyspace.get(name);
    return object?.kind === kind.kind && object.home === undefined ? (object as T) : undefined;
  };
  const answer = (): StateAnswer<S> => {
    const object = present();
    const state = stateOf(object);
    return object === undefined ? { ...state, revision: known, absent: true } : { ...state, revision: object.version.revision };
  };
  const object = present();
  if (object !== undefined) return mapAnswer(object.version.watch(known, context, timeoutMs, true), answer);
  if (keyspace.get(name) === undefined) keyspace.check(kind, name);
  return mapAnswer(keyspace.followers.wait(kind.kind, name, context, timeoutMs), answer);
}

/** Returns the revision. Throws if it is not a safe integer. */
function checkedRevision(from: number | undefined): number | undefined {
  if (from === undefined || Number.isSafeInteger(from)) return from;
  throw new InvalidArgumentError(`${from} is no revision: give the one that came with the last change`);
}
