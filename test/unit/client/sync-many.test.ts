import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Arena, InvalidArgumentError } from '../../../client/index.js';

describe('many changes at once without promises', () => {
  let arena: Arena;
  beforeEach(() => {
    arena = Arena.create();
  });
  afterEach(() => arena.close());

  it('dict.sync.addMany() adds to each number, and changes nothing if one of the values is no number', () => {
    const counts = arena.dict<string, number | bigint | string>('counts').sync;
    counts.setMany({ a: 1, big: 2n, text: 'x' });
    counts.addMany([
      ['a', 1],
      ['a', 2],
      ['big', 1n],
      ['b', 5],
    ]);
    expect(() => counts.addMany({ a: 1, text: 1 })).toThrow(InvalidArgumentError);
    expect(Object.fromEntries(counts.toMap())).toEqual({ a: 4, big: 3n, text: 'x', b: 5 });
  });
});
