import { expect, test } from '@jest/globals';
import { FreshMemory } from '../../../engine/shared/memory/fresh.js';

test('no two copies of 4 KiB or more share memory, whatever their lengths', () => {
  const fresh = new FreshMemory();
  const lengths = [4096, 4096, 65_536, 4096, 65_536, 65_536, 131_072, 131_073, 131_073, 65_536];
  const copies = lengths.map((length) => fresh.take(length));
  expect(copies.map(({ length }) => length)).toEqual(lengths);
  expect(copies.map(({ buffer }) => buffer.byteLength)).toEqual(lengths);
  expect(new Set(copies.map(({ buffer }) => buffer)).size).toBe(lengths.length);
});
