import { beforeEach, describe, expect, it } from '@jest/globals';
import { Snapshots } from '../../../engine/core/snapshots.js';
import { Session } from '../../../engine/core/session.js';
import { InvalidArgumentError } from '../../../proto/errors.js';

const MILLION = 1_000_000;

describe('snapshots of a list', () => {
  let owner: Session;
  let snapshots: Snapshots;
  beforeEach(() => {
    owner = new Session('owner');
    snapshots = new Snapshots('list');
  });

  const begin = (length: number): string => snapshots.first(new Array<string>(length).fill('x'), 10, owner).nextPageToken;
  const goesOn = (token: string): boolean => {
    try {
      return snapshots.next(token, 10).values.length === 10;
    } catch (error) {
      expect(error).toBeInstanceOf(InvalidArgumentError);
      return false;
    }
  };

  it('are kept to their last page, page by page', () => {
    const items = Array.from({ length: 25 }, (_, index) => String(index));
    const first = snapshots.first(items, 10, owner);
    const second = snapshots.next(first.nextPageToken, 10);
    expect(owner.holds.size).toBe(1);
    const third = snapshots.next(second.nextPageToken, 10);
    expect([first, second, third].flatMap(({ values }) => values)).toEqual(items);
    expect(third.nextPageToken).toBe('');
    expect(owner.holds.size).toBe(0);
  });

  it('of one page are not kept', () => {
    expect(begin(10)).toBe('');
    expect(owner.holds.size).toBe(0);
  });

  it('are dropped when they are left', () => {
    const token = begin(100);
    expect(snapshots.leave(token)).toEqual({ values: [], nextPageToken: '' });
    expect(owner.holds.size).toBe(0);
    expect(goesOn(token)).toBe(false);
    // Again, and of one that never existed.
    snapshots.leave(token);
    snapshots.leave('99.0');
    expect(() => snapshots.leave('nonsense')).toThrow(InvalidArgumentError);
  });

  it('end with the session that began them', () => {
    const tokens = [begin(100), begin(100)];
    owner.end();
    expect(tokens.map(goesOn)).toEqual([false, false]);
  });

  it('are a thousand at most: the least recently used one makes way', () => {
    const tokens = Array.from({ length: 1000 }, () => begin(100));
    expect(goesOn(tokens[0]!)).toBe(true);
    begin(100);
    expect(owner.holds.size).toBe(1000);
    expect(goesOn(tokens[1]!)).toBe(false);
    expect(goesOn(tokens[2]!)).toBe(true);
  });

  it('keep some thirty million items at most, and one of any length', () => {
    const tokens = Array.from({ length: 33 }, () => begin(MILLION));
    expect(owner.holds.size).toBe(33);
    const next = begin(MILLION);
    expect(tokens.map(goesOn)).toEqual([false, ...tokens.slice(1).map(() => true)]);
    const items = ['x'];
    items.length = 50 * MILLION;
    const long = snapshots.first(items, 1, owner).nextPageToken;
    expect(owner.holds.size).toBe(1);
    expect(goesOn(next)).toBe(false);
    snapshots.leave(long);
    expect(owner.holds.size).toBe(0);
  });
});
