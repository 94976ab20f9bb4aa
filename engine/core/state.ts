import type { CallContext, Caller } from '../../proto/contract.js';
import type { State, Stateful } from '../../proto/state.js';

/** Names a caller: a session by its id, a unary call by its description. */
export function callerState({ id, host, pid, label }: Caller): State {
  return id === '' ? [host, pid, label] : id;
}

/** Names a call. Its session knows the rest of it. */
export function callState({ session, id, method }: CallContext): State {
  return [callerState(session), id, method?.name];
}

/** Returns a message of the contract as state. Messages are plain data. */
export function messageState(message: object): State {
  return message as State;
}

/** Returns the state of a part that writes its own, or plain data as it is. */
export function stateOf(part: State | Stateful): State {
  return isStateful(part) ? part.state() : part;
}

function isStateful(part: State | Stateful): part is Stateful {
  return typeof part === 'object' && part !== null && 'state' in part && typeof part.state === 'function';
}

/** Returns the names of callers with something of each, in order of the names. */
export function byCaller<T>(all: ReadonlyMap<Caller, T>, describe: (value: T) => State): State {
  return sortedPairs(Array.from(all, ([{ id }, value]) => [id, describe(value)]));
}

/** Returns entries in order of their names. */
export function sortedPairs(pairs: [name: string, state: State][]): State {
  return pairs.sort(([a], [b]) => (a < b ? -1 : 1));
}
