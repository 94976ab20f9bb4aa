import { afterAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { keyOf, mapKey, type MapKey } from '../../../proto/codec/key.js';
import { decodeOpaque, encodePayload } from '../../../proto/codec/payload.js';
import type { Key } from '../../../proto/wire/values.js';
import type { ValueCodec } from '../../../engine/shared/memory/cells.js';
import { dictKind, type SharedMemoryDict } from '../../../engine/shared/objects/dict.js';
import { expectEqualHeaps } from '../../support/equal-heaps.js';
import { checkHeap, newArena } from '../../support/shared-heap.js';
import { stress } from '../../support/stress.js';

const CODEC: ValueCodec = { encode: encodePayload, decode: (payload) => decodeOpaque(payload).value, plain: true };

type Operation =
  | { do: 'set' | 'getOrInsert'; key: Key; value: unknown }
  | { do: 'delete' | 'pop' | 'get'; key: Key }
  | { do: 'setMany'; entries: [Key, unknown][] }
  | { do: 'deleteMany'; keys: Key[] }
  | { do: 'popItem' | 'clear' };

const key: fc.Arbitrary<Key> = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 40 }).map((i) => `key ${i}`) },
  fc.constantFrom<Key>('', '1', 1, 1n, true, false, NaN, 0, -0, -1n, 2n ** 63n - 1n, 0.5, 'ä', '漢字😀', '\0b', '\0t'),
  fc.constantFrom<Key>(Uint8Array.of(), Uint8Array.of(1, 2, 3), 'x'.repeat(2000), 'ü'.repeat(900)),
);
const value: fc.Arbitrary<unknown> = fc.oneof(
  fc.double(),
  fc.string({ maxLength: 200 }),
  fc.string({ unit: 'binary', maxLength: 50 }),
  fc.constantFrom<unknown>(null, true, 7n, 'long '.repeat(3000), 'some'),
  fc.uint8Array({ maxLength: 200 }),
  fc.array(fc.integer(), { maxLength: 5 }),
);
const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 10, arbitrary: fc.record({ do: fc.constantFrom('set' as const, 'getOrInsert' as const), key, value }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom('delete' as const, 'pop' as const, 'get' as const), key }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('setMany' as const), entries: fc.array(fc.tuple(key, value), { maxLength: 30 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('deleteMany' as const), keys: fc.array(key, { maxLength: 30 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('popItem' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('clear' as const) }) },
);

const arenas = [newArena(true), newArena(false)] as const;
afterAll(() => arenas.forEach((arena) => arena.close()));

/** Runs an operation, and returns its result. */
function run(dict: SharedMemoryDict, operation: Operation): unknown {
  switch (operation.do) {
    case 'set':
      dict.set(operation.key, operation.value, CODEC);
      return undefined;
    case 'getOrInsert':
      return dict.getOrInsert(operation.key, operation.value, CODEC).value;
    case 'delete':
      return dict.delete(operation.key);
    case 'pop':
      return dict.pop(operation.key, CODEC);
    case 'get':
      return dict.get(operation.key, CODEC);
    case 'setMany':
      dict.setMany(operation.entries, CODEC);
      return undefined;
    case 'deleteMany':
      return dict.deleteMany(operation.keys);
    case 'popItem':
      return dict.popItem(CODEC);
    case 'clear':
      dict.clear();
      return undefined;
  }
}

/** Runs the same operation on a Map. */
function model(map: Map<MapKey, unknown>, operation: Operation): unknown {
  const take = (mapped: MapKey): unknown => {
    const before = map.get(mapped);
    map.delete(mapped);
    return before;
  };
  switch (operation.do) {
    case 'set':
      map.set(mapKey(operation.key), operation.value);
      return undefined;
    case 'getOrInsert':
      if (!map.has(mapKey(operation.key))) map.set(mapKey(operation.key), operation.value);
      return map.get(mapKey(operation.key));
    case 'delete':
      return map.delete(mapKey(operation.key));
    case 'pop':
      return take(mapKey(operation.key));
    case 'get':
      return map.get(mapKey(operation.key));
    case 'setMany':
      operation.entries.forEach(([one, stored]) => map.set(mapKey(one), stored));
      return undefined;
    case 'deleteMany':
      return operation.keys.filter((one) => map.delete(mapKey(one))).length;
    case 'popItem': {
      const last = [...map.keys()].at(-1);
      return last === undefined ? undefined : [keyOf(last), take(last)];
    }
    case 'clear':
      map.clear();
      return undefined;
  }
}

test('a dict does the same as a Map, and both kernels leave the same bytes', () => {
  let runs = 0;
  const property = fc.property(fc.array(operation, { minLength: 1, maxLength: 120 }), (operations) => {
    const name = `dict ${runs++}`;
    const dicts = arenas.map(({ objects }) => objects.open(dictKind, name));
    const map = new Map<MapKey, unknown>();
    for (const operation of operations) {
      const expected = model(map, operation);
      for (const dict of dicts) {
        expect(run(dict, operation)).toEqual(expected);
        expect(dict.size).toBe(map.size);
      }
    }
    const entries = Array.from(map, ([mapped, stored]) => [keyOf(mapped), stored]);
    for (const dict of dicts) {
      expect(dict.entries(CODEC)).toEqual(entries);
      expect(dict.keys()).toEqual(entries.map(([one]) => one));
      for (const [one] of entries) expect(dict.has(one as Key)).toBe(true);
    }
    expectEqualHeaps(arenas, name, 'dict');
  });
  fc.assert(property, { numRuns: stress(40, 150) });
});

test('a value that cannot be encoded, or does not fit, leaves nothing behind', () => {
  for (const wasm of [true, false]) {
    const arena = newArena(wasm, 1 << 20);
    const dict = arena.objects.open(dictKind, 'dict');
    dict.set('there', 'before', CODEC);
    expect(() => dict.set('other', () => 1, CODEC)).toThrow(/function/);
    expect(() => dict.setMany([['a', 'a long enough text'], ['b', Symbol('none')]], CODEC)).toThrow(/symbol/); // prettier-ignore
    expect(() => dict.set('other', 'x'.repeat(2 ** 21), CODEC)).toThrow(/full/);
    expect(() => dict.setMany([['a', 'a long enough text'], ['b', 'x'.repeat(2 ** 21)]], CODEC)).toThrow(/full/); // prettier-ignore
    expect(() => {
      for (let i = 0; ; i++) dict.set(i, 'the memory ends somewhere', CODEC);
    }).toThrow(/full/);
    expect(dict.get('there', CODEC)).toBe('before');
    expect(checkHeap(arena)).toBe(0);
    dict.clear();
    dict.set('again', 1, CODEC);
    expect(dict.entries(CODEC)).toEqual([['again', 1]]);
    expect(checkHeap(arena)).toBe(0);
    arena.close();
  }
});
