import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { dictKind, MemoryDict } from '../../../engine/memory/objects/dict.js';
import { Keyspace } from '../../../engine/memory/lifetime/keyspace.js';
import { ManualTime } from '../../support/turns.js';

// Behaviour of a dict that a client cannot observe reliably.

test('a dict with a limit has the keys that a list of their uses has', () => {
  const key = fc.constantFrom('a', 'b', 'c', 'd', 'e');
  const step = fc.tuple(fc.constantFrom('set', 'get', 'touch', 'delete', 'pop'), key);
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const { dict, clock, use } = bounded(3);
      const before = use.memory;
      /** Least recently used first. */
      let used: string[] = [];
      for (const [operation, key] of steps) {
        const newest = dict.entries.all().at(-1)?.key;
        clock.turn(() => {
          if (operation === 'set') dict.set(key, 'v');
          else if (operation === 'get') dict.get(key);
          else if (operation === 'touch') dict.touch(key, undefined);
          else if (operation === 'delete') dict.delete(key);
          else dict.pop();
        });
        const kept = used.filter((other) => other !== (operation === 'pop' ? newest : key));
        const isUse = operation === 'set' || (used.includes(key) && operation !== 'delete');
        used = operation !== 'pop' && isUse ? [...kept, key].slice(-3) : kept;
        expect(dict.state().recency).toEqual(used);
        expect(dict.entries.all().map(({ key }) => key)).toHaveLength(used.length);
      }
      clock.turn(() => dict.clear());
      expect(use.memory).toBe(before);
    }),
  );
});

function bounded(maxEntries: number) {
  const { clock } = new ManualTime();
  const keyspace = new Keyspace(clock);
  const make = (name: string): MemoryDict => new MemoryDict(name, keyspace.histories, maxEntries);
  return { dict: clock.turn(() => keyspace.obtain({ kind: 'dict', make }, 'dict')), clock, use: keyspace.use };
}

describe('a key whose time is over, while the process was too busy to wake for it,', () => {
  const late = () => {
    const time = new ManualTime();
    const { clock } = time;
    const keyspace = new Keyspace(clock);
    const dict = keyspace.obtain(dictKind, 'dict');
    clock.turn(() => {
      dict.set('late', 'a', 5);
      dict.set('other', 'b');
    });
    time.time += 5;
    return { clock, dict };
  };

  test('is not read, not counted and not popped', () => {
    const { clock, dict } = late();
    clock.turn(() => expect([dict.get('late'), dict.size, dict.pop()?.key, dict.pop()]).toEqual([undefined, 1, 'other', undefined]));
  });

  test('is a new one, at the end, when it is set again', () => {
    const { clock, dict } = late();
    clock.turn(() => dict.set('late', 'c'));
    expect(dict.entries.all().map(({ key, value }) => [key, value])).toEqual([
      ['other', 'b'],
      ['late', 'c'],
    ]);
  });

  test('is gone with an object whose own time is over', () => {
    const time = new ManualTime();
    const { clock } = time;
    const keyspace = new Keyspace(clock);
    const context = { session: { id: '' }, readOnly: false } as never;
    clock.turn(() => keyspace.create(dictKind, { name: 'dict', exclusive: false, ttlMs: 5 }, context));
    time.time += 5;
    expect(clock.turn(() => keyspace.find(dictKind, 'dict'))).toBeUndefined();
  });
});
