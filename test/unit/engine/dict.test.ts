import { describe, expect, test } from '@jest/globals';
import { dictKind } from '../../../engine/memory/objects/dict.js';
import { Keyspace } from '../../../engine/memory/lifetime/keyspace.js';
import { systemClock } from '../../../engine/system.js';

// Behaviour of a dict that a client cannot observe reliably.

/** Keeps the event loop busy, so that no timer fires. */
function busyFor(milliseconds: number): void {
  for (const end = performance.now() + milliseconds; performance.now() < end;);
}

describe('a key whose time is over, before its timer has fired,', () => {
  const late = () => {
    const keyspace = new Keyspace(systemClock);
    const dict = keyspace.obtain(dictKind, 'dict');
    dict.set('late', 'a', 5);
    dict.set('other', 'b');
    busyFor(10);
    return { keyspace, dict };
  };

  test('is not read, not counted and not popped', () => {
    const { keyspace, dict } = late();
    expect([dict.get('late'), dict.size, dict.pop()?.key, dict.pop()]).toEqual([undefined, 1, 'other', undefined]);
    keyspace.close();
  });

  test('is a new one, at the end, when it is set again', () => {
    const { keyspace, dict } = late();
    dict.set('late', 'c');
    expect(dict.entries.page(0, dict.entries.sequence, 9).map(({ key, value }) => [key, value])).toEqual([
      ['other', 'b'],
      ['late', 'c'],
    ]);
    keyspace.close();
  });

  test('is gone with an object whose own time is over', () => {
    const keyspace = new Keyspace(systemClock);
    const context = { session: { id: '' }, readOnly: false } as never;
    keyspace.create(dictKind, { name: 'dict', exclusive: false, ttlMs: 5 }, context);
    busyFor(10);
    expect(keyspace.find(dictKind, 'dict')).toBeUndefined();
    keyspace.close();
  });
});
