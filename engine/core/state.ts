import type { CallContext, Caller } from '../../proto/contract.js';
import { fromWire, toWire, type ManagerError } from '../../proto/errors.js';
import type { Error as WireError } from '../../proto/gen/commonhold/v1/errors_wire.js';
import type { State, Stateful } from '../../proto/state.js';

/** Names a caller: a session by its id, a unary call by its description. */
export type CallerState = string | readonly [host: string, pid: number, label: string];

/** Names a call. Its session knows the rest of it. */
export type CallState = readonly [caller: CallerState, id: number | undefined, method: string | undefined];

export function callerState({ id, host, pid, label }: Caller): CallerState {
  return id === '' ? [host, pid, label] : id;
}

export function callState({ session, id, method }: CallContext): CallState {
  return [callerState(session), id, method?.name];
}

/** Returns a message of the contract as state. Messages are plain data. */
export function messageState(message: object): State {
  return message as State;
}

/** Returns an error as state, in the form in which it travels. */
export function errorState(error: ManagerError): State {
  return messageState(toWire(error));
}

/** Returns the error of a state. */
export function errorOf(state: State): ManagerError {
  return fromWire(state as unknown as WireError);
}

/** Returns the state of a part that writes its own, or plain data as it is. */
export function stateOf(part: State | Stateful): State {
  return isStateful(part) ? part.state() : part;
}

function isStateful(part: State | Stateful): part is Stateful {
  return typeof part === 'object' && part !== null && 'state' in part && typeof part.state === 'function';
}

/** Returns the names of callers with something of each, in order of the names. */
export function byCaller<T, S extends State>(all: ReadonlyMap<Caller, T>, describe: (value: T) => S): [id: string, state: S][] {
  return sortedPairs(Array.from(all, ([{ id }, value]) => [id, describe(value)]));
}

/** Returns entries in order of their names. */
export function sortedPairs<S extends State>(pairs: [name: string, state: S][]): [name: string, state: S][] {
  return pairs.sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Returns what a state names. @throws Error if it is not there */
export function found<T>(part: T | undefined, name: string | number | undefined): T {
  if (part === undefined) throw new Error(`the state is damaged: nothing in it is called ${name}`);
  return part;
}
