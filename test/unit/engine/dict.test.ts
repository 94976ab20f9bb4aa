import { describe, expect, test } from '@jest/globals';
import { dictKind } from '../../../engine/memory/objects/dict.js';
import { Keyspace } from '../../../engine/memory/lifetime/keyspace.js';
import { ManualTime } from '../../support/turns.js';

// Behaviour of a dict that a client cannot observe reliably.

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
    expect(dict.entries.page(0, dict.entries.sequence, 9).map(({ key, value }) => [key, value])).toEqual([
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
