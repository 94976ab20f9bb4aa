import type { Model } from '../../support/linearizable.js';

/** An operation: its name, its key in a dict, and its arguments. */
export type Input =
  | { readonly do: 'get' | 'delete'; readonly key: string }
  | { readonly do: 'set' | 'add'; readonly key: string; readonly to: number }
  | { readonly do: 'compareAndSet'; readonly key: string; readonly from: number | undefined; readonly to: number | undefined }
  | { readonly do: 'put'; readonly item: number }
  | { readonly do: 'take' };
export type Output = number | boolean | undefined;

/** Numbers by keys. A value is one with a single key. */
export function mapModel(initial: ReadonlyMap<string, number>): Model<ReadonlyMap<string, number>, Input, Output> {
  return {
    initial,
    key: (state) => JSON.stringify([...state].sort()),
    step(state, input, output) {
      if (input.do === 'put' || input.do === 'take') return undefined;
      const before = state.get(input.key);
      const put = (next: number | undefined): ReadonlyMap<string, number> => {
        const changed = new Map(state);
        if (next === undefined) changed.delete(input.key);
        else changed.set(input.key, next);
        return changed;
      };
      switch (input.do) {
        case 'get':
          return output === before ? state : undefined;
        case 'delete':
          return output === (before !== undefined) ? put(undefined) : undefined;
        case 'set':
          return put(input.to);
        case 'add':
          return output === (before ?? 0) + input.to ? put(output) : undefined;
        case 'compareAndSet':
          if (output !== (before === input.from)) return undefined;
          return output ? put(input.to) : state;
      }
    },
  };
}

/** A queue of numbers, which is empty first. */
export function queueModel(capacity: number): Model<readonly number[], Input, Output> {
  return {
    initial: [],
    key: (state) => state.join(),
    step(state, input, output) {
      if (input.do === 'put') {
        if (output !== state.length < capacity) return undefined;
        return output ? [...state, input.item] : state;
      }
      if (input.do !== 'take' || output !== state[0]) return undefined;
      return state.slice(1);
    },
  };
}
