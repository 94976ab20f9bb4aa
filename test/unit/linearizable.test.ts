import { describe, expect, it } from '@jest/globals';
import { isLinearizable, type Operation } from '../support/linearizable.js';
import { mapModel, queueModel, type Input, type Output } from '../threads/histories/models.js';

const op = (called: number, returned: number, input: Input, output?: Output): Operation<Input, Output> => ({
  called,
  returned,
  input,
  output,
});
/** A call whose caller does not know if it happened. */
const perhaps = (called: number, input: Input): Operation<Input, Output> => ({
  ...op(called, Infinity, input),
  optional: JSON.stringify(input),
});
const get = (called: number, returned: number, output: Output) => op(called, returned, { do: 'get', key: 'k' }, output);
const set = (called: number, returned: number, to: number) => op(called, returned, { do: 'set', key: 'k', to });
const swap = (called: number, returned: number, from: number | undefined, to: number, output: boolean) =>
  op(called, returned, { do: 'compareAndSet', key: 'k', from, to }, output);
const put = (called: number, returned: number, item: number, output = true) => op(called, returned, { do: 'put', item }, output);
const take = (called: number, returned: number, output: Output) => op(called, returned, { do: 'take' }, output);

describe('a history of a register', () => {
  const check = (...operations: Operation<Input, Output>[]): boolean | undefined => isLinearizable(mapModel(new Map()), operations);

  it.each([
    ['of nothing', []],
    ['that is one after the other', [set(0, 1, 7), get(2, 3, 7)]],
    ['of reads during a write, old and then new', [set(0, 10, 7), get(1, 2, undefined), get(3, 4, 7)]],
    ['of writes at once, whose order only the reads show', [set(0, 10, 1), set(0, 10, 2), get(11, 12, 1)]],
    ['of a swap that succeeds because another comes first', [swap(0, 10, 1, 2, true), swap(0, 10, undefined, 1, true), get(11, 12, 2)]],
    ['of a write that did not happen', [perhaps(0, { do: 'set', key: 'k', to: 7 }), get(1, 2, undefined)]],
    ['of a write that happened late', [perhaps(0, { do: 'set', key: 'k', to: 7 }), get(1, 2, undefined), get(3, 4, 7)]],
  ])('%s is linearizable', (_name, operations) => {
    expect(check(...operations)).toBe(true);
  });

  it.each([
    ['of a read that misses a write that is over', [set(0, 1, 7), get(2, 3, undefined)]],
    ['of reads during a write, new and then old', [set(0, 10, 7), get(1, 2, 7), get(3, 4, undefined)]],
    ['of a read of what nobody has written', [set(0, 10, 7), get(1, 2, 8)]],
    ['of two swaps of which only one can have succeeded', [swap(0, 10, undefined, 1, true), swap(0, 10, undefined, 2, true)]],
    ['of a write that happened twice', [perhaps(0, { do: 'set', key: 'k', to: 7 }), get(1, 2, 7), set(3, 4, 8), get(5, 6, 7)]],
    ['of a write before its call', [get(0, 1, 7), perhaps(2, { do: 'set', key: 'k', to: 7 })]],
    ['of a lost count', [0, 1].map(() => op(0, 10, { do: 'add', key: 'k', to: 1 }, 1))],
    [
      'of two readers who see two writes in different orders',
      [set(0, 20, 1), set(0, 20, 2), get(1, 2, 1), get(3, 4, 2), get(1, 2, 2), get(3, 4, 1)],
    ],
  ])('%s is not', (_name, operations) => {
    expect(check(...operations)).toBe(false);
  });
});

describe('a history of a queue', () => {
  const check = (...operations: Operation<Input, Output>[]): boolean | undefined => isLinearizable(queueModel(2), operations);

  it.each([
    ['in order', [put(0, 1, 1), put(2, 3, 2), take(4, 5, 1), take(6, 7, 2), take(8, 9, undefined)]],
    ['of puts at once, taken in either order', [put(0, 10, 1), put(0, 10, 2), take(11, 12, 2), take(13, 14, 1)]],
    ['that is full while a take is under way', [put(0, 1, 1), put(2, 3, 2), take(4, 10, 1), put(5, 6, 3, false), put(7, 8, 4)]],
  ])('%s is linearizable', (_name, operations) => {
    expect(check(...operations)).toBe(true);
  });

  it.each([
    ['taken in another order than put', [put(0, 1, 1), put(2, 3, 2), take(4, 5, 2), take(6, 7, 1)]],
    ['of an item taken twice', [put(0, 1, 1), take(2, 9, 1), take(3, 8, 1)]],
    ['found empty with an item in it', [put(0, 1, 1), take(2, 3, undefined), take(4, 5, 1)]],
    ['found full with room in it', [put(0, 1, 1), put(2, 3, 2, false)]],
  ])('%s is not', (_name, operations) => {
    expect(check(...operations)).toBe(false);
  });
});

it('a history of many concurrent operations is checked fast, because no state is examined twice', () => {
  const operations = Array.from({ length: 14 }, (_, to) => set(0, 100, to % 2));
  expect(isLinearizable(mapModel(new Map()), [...operations, get(101, 102, 5)])).toBe(false);
  expect(isLinearizable(mapModel(new Map()), [...operations, get(101, 102, 1)])).toBe(true);
});

it('a history with many unknown outcomes is given up, undecided, but operations that do the same count once', () => {
  const different = Array.from({ length: 16 }, (_, to) => perhaps(to, { do: 'set', key: 'k', to }));
  expect(isLinearizable(mapModel(new Map()), [...different, get(101, 102, 99)], 1_000)).toBeUndefined();
  const same = Array.from({ length: 60 }, (_, at) => perhaps(at, { do: 'set', key: 'k', to: at % 2 }));
  expect(isLinearizable(mapModel(new Map()), [...same, get(101, 102, 99)], 10_000)).toBe(false);
});
