import { isLinearizable, type Model, type Operation } from '../../support/linearizable.js';
import type { Call } from '../history.js';
import type { ObservedWorld } from '../observed.js';

/** A result; undefined if it is not known. */
type Result = { readonly value: unknown } | undefined;
/** State and step of a sequential object: the result that a call has, and the state after it. */
export type Sequential = (state: unknown, call: Call) => { readonly value: unknown; readonly next: unknown };

/** Configurations after which the search for an order gives up: some seconds. */
const MOST_CONFIGURATIONS = 300_000;
const REGISTERS = ['dict/a', 'dict/b', 'value'];

/** Each history of an object has an order in which its calls took effect one after the other, each between its call and its answer. */
export function checkRegisters(world: ObservedWorld): void {
  for (const object of REGISTERS) linearizable(world, object, object === 'value' ? 0 : ABSENT, register);
  for (const key of ['a', 'b']) linearizable(world, `counts/${key}`, 0, counter);
  linearizable(world, 'list', '', list);
  linearizable(world, 'flag', false, flag);
  checkFences(world);
}

/** Tokens of holds only grow. */
export function checkFences(world: ObservedWorld): void {
  for (const object of ['fenced', 'written']) linearizable(world, object, 0n, fenced);
}

/**
 * The history of an object has such an order.
 * @param more calls that the history does not have
 */
export function linearizable(
  world: ObservedWorld,
  object: string,
  initial: unknown,
  sequential: Sequential,
  more: readonly Call[] = [],
): void {
  // A wait that ended by its timeout says nothing: the client may have ended it, because the manager did not respond.
  const told = ({ what, outcome, result }: Call): boolean => outcome !== 'refused' && !(what === 'wait' && result === false);
  const calls = [...world.history.of(object).filter(told), ...more];
  if (calls.length === 0) return;
  const model: Model<unknown, Call, Result> = {
    initial,
    step(state, call, result) {
      const { value, next } = sequential(state, call);
      return result === undefined || value === result.value ? next : undefined;
    },
    key: String,
  };
  const operations = calls.map((call): Operation<Call, Result> => ({
    input: call,
    output: call.outcome === 'done' ? { value: call.result } : undefined,
    called: call.called,
    returned: call.outcome === 'done' ? call.returned : Infinity,
    optional: call.outcome === 'done' ? undefined : `${call.what}(${call.args.map(String).join()})`,
  }));
  const ordered = isLinearizable(model, operations, MOST_CONFIGURATIONS);
  if (ordered === undefined) world.undecided.push(object);
  else if (!ordered) world.violated(`the history of ${object} has no order:\n${calls.map(line).join('\n')}`);
}

/** Describes a call for a person. */
export function line({ object, client, what, args, outcome, result, called, returned }: Call): string {
  const end = outcome === 'done' ? `= ${String(result)}` : outcome;
  return `  ${called}–${returned} ${client.loop.name}: ${object} ${what}(${args.map(String).join(', ')}) ${end}`;
}

/** A place with one value, or none. */
export const register: Sequential = (state, { what, args: [first, second] }) => {
  const value = state === ABSENT ? undefined : state;
  switch (what) {
    case 'set':
      return { value: undefined, next: first };
    case 'add':
      return { value: (state as number) + 1, next: (state as number) + 1 };
    case 'swap':
      return { value: value === first, next: value === first ? second : state };
    case 'delete':
      return { value: value !== undefined, next: ABSENT };
    case 'pop':
      return { value, next: ABSENT };
    case 'insert':
      return { value: value ?? first, next: value ?? first };
    case 'change':
      return { value: value === first ? undefined : NOT_SO, next: value === first ? second : state };
    default:
      return { value, next: state };
  }
};

/** The state of a key without a value. */
export const ABSENT = Symbol('absent');
/** A result that no call has. */
const NOT_SO = Symbol('not so');

/** A number to which 1 is added. */
export const counter: Sequential = (state, { what }) => {
  const sum = (state as number) + 1;
  return what === 'add' ? { value: sum, next: sum } : { value: state === 0 ? undefined : state, next: state };
};

const list: Sequential = (state, { what, args }) => {
  const items = state === '' ? [] : (state as string).split(',').map(Number);
  const call = (): unknown => {
    switch (what) {
      case 'push':
        return items.push(args[0] as number);
      case 'unshift':
        return items.unshift(args[0] as number);
      case 'pop':
        return items.pop();
      case 'shift':
        return items.shift();
      case 'all':
        return items.join(',');
      default:
        return items.length;
    }
  };
  return { value: call(), next: items.join(',') };
};

const flag: Sequential = (state, { what }) => {
  if (what === 'set' || what === 'clear') return { value: undefined, next: what === 'set' };
  return { value: state, next: state };
};

/** Tokens only grow: no write under an earlier hold comes after one under a later hold. */
const fenced: Sequential = (state, { args: [token] }) => {
  const late = (token as bigint) < (state as bigint);
  return { value: late ? NOT_SO : undefined, next: late ? state : token };
};
