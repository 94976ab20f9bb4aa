import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { Arena, OutOfRangeError } from '../../../client/index.js';

/** Transforms text to a number, so that a read value differs from the stored one. */
const schema = z.union([z.number(), z.string().transform((text) => text.length)]);

describe('update() without promises', () => {
  test('of a list changes an item, and returns the stored value', () => {
    const list = Arena.create().list<string>();
    list.sync.push('a', 'b');
    expect(list.sync.update(-1, (item) => item + '!')).toBe('b!');
    expect(list.sync.compareAndSet(0, 'b', 'c')).toBe(false);
    expect(list.sync.toArray()).toEqual(['a', 'b!']);
    expect(() => list.sync.update(2, () => 'never')).toThrow(OutOfRangeError);
  });

  test('ends although a schema transforms values when they are read', () => {
    const arena = Arena.create();
    const [dict, list] = [arena.dict<string, unknown>('dict'), arena.list<unknown>('list')];
    dict.sync.set('key', 'four');
    list.sync.push('four');
    expect(arena.dict('dict', { schema }).sync.update('key', (length) => Number(length) + 1)).toBe(5);
    expect(arena.list('list', { schema }).sync.update(0, (length) => Number(length) + 1)).toBe(5);
  });
});
