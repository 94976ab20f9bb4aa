import { afterAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canonical } from '../../../proto/codec/canonical.js';
import { compareKeys, sortKey } from '../../../proto/codec/order.js';
import { decodeOpaque, encodePayload } from '../../../proto/codec/payload.js';
import type { ValueCodec } from '../../../engine/shared/memory/cells.js';
import { listKind, type SharedMemoryList } from '../../../engine/shared/objects/list.js';
import { expectEqualHeaps } from '../../support/equal-heaps.js';
import { checkHeap, newArena } from '../../support/shared-heap.js';
import { stress } from '../../support/stress.js';

const CODEC: ValueCodec = { encode: encodePayload, decode: (payload) => decodeOpaque(payload).value, plain: true };

type Operation =
  | { do: 'push' | 'unshift'; values: unknown[] }
  | { do: 'pop' | 'shift' | 'reverse' | 'sort' | 'clear' }
  | { do: 'popAt' | 'at'; index: number }
  | { do: 'insert' | 'set'; index: number; value: unknown }
  | { do: 'splice'; index: number; count: number | undefined; values: unknown[] }
  | { do: 'slice'; index: number; end: number | undefined }
  | { do: 'indexOf' | 'count' | 'remove'; value: unknown };

const index = fc.integer({ min: -40, max: 40 });
const value: fc.Arbitrary<unknown> = fc.oneof(
  fc.integer({ min: 0, max: 9 }),
  fc.constantFrom<unknown>(0, -0, NaN, 1n, null, true, 'text', 'häußlich', 'long '.repeat(2500), [1, 2], { a: 1 }),
  fc.string({ maxLength: 60 }),
);
const values = fc.array(value, { maxLength: 12 });
const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom('push' as const, 'unshift' as const), values }) },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constantFrom('pop' as const, 'shift' as const, 'pop' as const, 'reverse' as const, 'sort' as const) }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('popAt' as const, 'at' as const), index }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('insert' as const, 'set' as const), index, value }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('splice' as const), index, count: fc.option(fc.nat(9), { nil: undefined }), values }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('slice' as const), index, end: fc.option(index, { nil: undefined }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('indexOf' as const, 'count' as const, 'remove' as const), value }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('clear' as const) }) },
);

const arenas = [newArena(true), newArena(false)] as const;
afterAll(() => arenas.forEach((arena) => arena.close()));

/** Runs an operation, and returns its result. */
function run(list: SharedMemoryList, operation: Operation): unknown {
  switch (operation.do) {
    case 'push':
    case 'unshift':
      return list[operation.do](operation.values, CODEC);
    case 'pop':
      return list.pop(undefined, CODEC);
    case 'shift':
      return list.shift(CODEC);
    case 'reverse':
      list.reverse();
      return undefined;
    case 'sort':
      list.sort(false, '');
      return undefined;
    case 'clear':
      list.clear();
      return undefined;
    case 'popAt':
      return list.pop(operation.index, CODEC);
    case 'at':
      return list.at(operation.index, CODEC);
    case 'insert':
      list.insert(operation.index, operation.value, CODEC);
      return undefined;
    case 'set':
      return attempt(() => list.set(operation.index, operation.value, CODEC));
    case 'splice':
      return list.splice(operation.index, operation.count, operation.values, CODEC);
    case 'slice':
      return list.slice(operation.index, operation.end, CODEC);
    case 'indexOf':
    case 'count':
    case 'remove':
      return list[operation.do](encodePayload(operation.value));
  }
}

/** Runs the same operation on an Array. */
function model(array: unknown[], operation: Operation): unknown {
  const equal = (wanted: unknown) => (item: unknown) => canonical(encodePayload(item)) === canonical(encodePayload(wanted));
  switch (operation.do) {
    case 'push':
    case 'unshift':
      return array[operation.do](...operation.values);
    case 'pop':
    case 'shift':
      return array[operation.do]();
    case 'reverse':
      array.reverse();
      return undefined;
    case 'sort':
      array.sort((a, b) => compareKeys(sortKey(encodePayload(a)), sortKey(encodePayload(b))));
      return undefined;
    case 'clear':
      array.splice(0);
      return undefined;
    case 'popAt':
      return operation.index >= -array.length && operation.index < array.length ? array.splice(operation.index, 1)[0] : undefined;
    case 'at':
      return array.at(operation.index);
    case 'insert':
      array.splice(operation.index, 0, operation.value);
      return undefined;
    case 'set': {
      const place = operation.index < 0 ? operation.index + array.length : operation.index;
      if (place < 0 || place >= array.length) return 'refused';
      array[place] = operation.value;
      return undefined;
    }
    case 'splice':
      return array.splice(operation.index, operation.count ?? array.length, ...operation.values);
    case 'slice':
      return array.slice(operation.index, operation.end);
    case 'indexOf':
      return array.findIndex(equal(operation.value));
    case 'count':
      return array.filter(equal(operation.value)).length;
    case 'remove': {
      const found = array.findIndex(equal(operation.value));
      if (found >= 0) array.splice(found, 1);
      return found >= 0;
    }
  }
}

function attempt(work: () => void): unknown {
  try {
    work();
    return undefined;
  } catch {
    return 'refused';
  }
}

test('a list does the same as an Array, and both kernels leave the same bytes', () => {
  let runs = 0;
  const property = fc.property(fc.array(operation, { minLength: 1, maxLength: 80 }), (operations) => {
    const name = `list ${runs++}`;
    const lists = arenas.map(({ objects }) => objects.open(listKind, name));
    const array: unknown[] = [];
    for (const operation of operations) {
      const expected = model(array, operation);
      for (const list of lists) {
        expect(run(list, operation)).toEqual(expected);
        expect(list.size).toBe(array.length);
      }
    }
    for (const list of lists) expect(list.toArray(CODEC)).toEqual(array);
    expectEqualHeaps(arenas, name, 'list');
  });
  fc.assert(property, { numRuns: stress(40, 150) });
});

test('a value that cannot be encoded, or does not fit, leaves nothing behind', () => {
  for (const wasm of [true, false]) {
    const arena = newArena(wasm, 1 << 20);
    const list = arena.objects.open(listKind, 'list');
    const long = 'x'.repeat(2 ** 21);
    list.push(['a first item', 'a second item'], CODEC);
    expect(() => list.push(['a third item', Symbol('none')], CODEC)).toThrow(/symbol/);
    expect(() => list.push(['a third item', long], CODEC)).toThrow(/full/);
    expect(() => list.splice(1, 0, ['between', long], CODEC)).toThrow(/full/);
    expect(() => list.set(9, 'a long enough text', CODEC)).toThrow(/index 9/);
    expect(() => list.set(0, long, CODEC)).toThrow(/full/);
    expect(list.toArray(CODEC)).toEqual(['a first item', 'a second item']);
    expect(checkHeap(arena)).toBe(0);
    arena.close();
  }
});
