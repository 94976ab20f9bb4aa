import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import type { Arena } from '../../../client/index.js';
import { SchemaError } from '../../../proto/errors.js';
import { REFERENCE, type Reference } from '../../../proto/codec/reference.js';
import { arenaOn, engineOf } from '../../support/arena.js';
import { checkHeap, KERNELS } from '../../support/shared-heap.js';

/** A reference that the program may fail to open. */
class Fragile {
  static fails = false;

  static open(this: void, { name }: Reference): Fragile {
    if (Fragile.fails) throw new Error('no way');
    return new Fragile(Number(name));
  }

  constructor(readonly id: number) {}

  [REFERENCE](): Reference {
    return { kind: 'list', name: String(this.id), address: 'elsewhere' };
  }
}

const ITEMS = [new Fragile(0), 'a text that needs a block of its own', 2, new Fragile(3)];

describe.each(KERNELS)('values that are taken and cannot be decoded, %s', (_name, wasm) => {
  let arena: Arena;
  beforeEach(() => {
    arena = arenaOn(wasm, 1 << 24, Fragile.open);
  });
  afterEach(async () => {
    expect(checkHeap(engineOf(arena))).toBe(0);
    await arena.close();
  });

  const list = () => arena.list<unknown>('list').sync;
  const dict = () => arena.dict<string, unknown>('dict').sync;
  const queue = () => arena.queue<unknown>('queue').sync;
  /** Operations that take a value that cannot be decoded, perhaps among others. */
  const WAYS: Readonly<Record<string, () => unknown>> = {
    'dict.pop': () => dict().pop('3'),
    'dict.popItem': () => dict().popItem(),
    'list.pop': () => list().pop(),
    'list.pop(0)': () => list().pop(0),
    'list.shift': () => list().shift(),
    'list.splice': () => list().splice(0, 2),
    'queue.get': () => queue().get({ timeout: 0 }),
    'queue.tryGet': () => queue().tryGet(),
    'queue.getMany': () => queue().getMany(3, { timeout: 0 }),
  };

  test.each(Object.keys(WAYS))('go back to their place: %s', (name) => {
    list().extend(ITEMS);
    dict().setMany(ITEMS.map((item, index) => [String(index), item] as const));
    queue().putMany(ITEMS, { timeout: 0 });
    Fragile.fails = true;
    try {
      expect(() => WAYS[name]!()).toThrow('no way');
    } finally {
      Fragile.fails = false;
    }
    expect([list().toArray(), [...dict().values()], queue().peek(5)]).toEqual([ITEMS, ITEMS, ITEMS]);
    expect(queue().getMany(5, { timeout: 0 })).toEqual(ITEMS);
    queue().taskDone(4);
    queue().join({ timeout: 0 });
  });

  test('go back before items that a splice has put in', () => {
    list().extend(ITEMS);
    Fragile.fails = true;
    try {
      expect(() => list().splice(0, 2, 'new')).toThrow('no way');
    } finally {
      Fragile.fails = false;
    }
    expect(list().toArray()).toEqual([...ITEMS.slice(0, 2), 'new', ...ITEMS.slice(2)]);
  });

  test('are in the error if a schema refuses one of them', () => {
    list().push('x', 1, '', 2);
    queue().putMany(['x', '', 1], { timeout: 0 });
    const schema = z.number();
    const numbers = arena.list('list', { schema }).sync;
    const items = arena.queue('queue', { schema }).sync;
    expect(refusal(() => numbers.shift())).toMatchObject({ value: 'x' });
    expect(refusal(() => numbers.splice(0, 3))).toMatchObject({ key: 1, value: [1, '', 2] });
    expect(refusal(() => items.get({ timeout: 0 }))).toMatchObject({ value: 'x' });
    expect(refusal(() => items.getMany(2, { timeout: 0 }))).toMatchObject({ key: 0, value: ['', 1] });
    expect([numbers.length(), items.size()]).toEqual([0, 0]);
  });
});

function refusal(take: () => unknown): SchemaError {
  try {
    take();
  } catch (error) {
    if (error instanceof SchemaError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
