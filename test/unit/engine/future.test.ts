import { beforeEach, describe, expect, test } from '@jest/globals';
import { Future } from '../../../engine/core/future.js';
import type { Clock } from '../../../engine/core/clock.js';
import { ManualTime } from '../../support/turns.js';

let clock: Clock;
let events: string[];

beforeEach(() => {
  ({ clock } = new ManualTime());
  events = [];
});

const note = (name: string) => (outcome: unknown) => void events.push(`${name}: ${String(outcome)}`);

describe('a future', () => {
  test('calls back at the end of the turn in which it is settled, in the order of settlement', () => {
    const [a, b] = [new Future<number>(clock), new Future<number>(clock)];
    a.then(note('a'));
    b.then((value) => value + 1).then(note('b'));
    clock.turn(() => {
      b.resolve(2);
      a.resolve(1);
      events.push('work');
    });
    expect(events).toEqual(['work', 'b: 3', 'a: 1']);
  });

  test('passes errors on to who handles them', () => {
    const future = new Future<number>(clock);
    future
      .then((value) => value + 1)
      .then(undefined, (error) => {
        note('failed')(error);
        return 'instead';
      })
      .then(note('then'), note('not'));
    clock.turn(() => future.reject('why'));
    expect(events).toEqual(['failed: why', 'then: instead']);
  });

  test('fails with what a callback throws', () => {
    const future = new Future<number>(clock);
    future
      .then(() => {
        throw new Error('bad');
      })
      .then(note('not'), note('failed'));
    clock.turn(() => future.resolve(1));
    expect(events).toEqual(['failed: Error: bad']);
  });

  test('takes the outcome of a future that a callback returns, or that it is resolved with', () => {
    const [first, second, third] = [new Future<number>(clock), new Future<number>(clock), new Future<number>(clock)];
    first.then(() => second).then(note('second'));
    third.then(note('third'), note('third'));
    clock.turn(() => {
      first.resolve(1);
      third.resolve(second);
    });
    expect(events).toEqual([]);
    clock.turn(() => second.resolve(2));
    expect(events.toSorted()).toEqual(['second: 2', 'third: 2']);
  });

  test('is settled once', () => {
    const future = new Future<number>(clock);
    future.then(note('first'), note('not'));
    clock.turn(() => {
      future.resolve(1);
      future.resolve(2);
      future.reject('no');
    });
    expect(events).toEqual(['first: 1']);
  });

  test('calls back also who asks later: at the end of the turn, or at once between turns', () => {
    const future = new Future<number>(clock);
    clock.turn(() => future.resolve(1));
    clock.turn(() => {
      future.then(note('in a turn'));
      events.push('work');
    });
    future.then(note('between'));
    expect(events).toEqual(['work', 'in a turn: 1', 'between: 1']);
  });

  test('can be awaited', async () => {
    const [good, bad] = [new Future<number>(clock), new Future<number>(clock)];
    const both = Promise.allSettled([good, bad]);
    clock.turn(() => {
      good.resolve(1);
      bad.reject('no');
    });
    expect(await both).toEqual([
      { status: 'fulfilled', value: 1 },
      { status: 'rejected', reason: 'no' },
    ]);
    expect(await good).toBe(1);
  });
});

describe('the future of several answers', () => {
  test('has their values in their order', () => {
    const [a, b] = [new Future<string>(clock), new Future<string>(clock)];
    clock.turn(() => Future.all(clock, [a, 'there', b]).then(note('all')));
    clock.turn(() => b.resolve('b'));
    expect(events).toEqual([]);
    clock.turn(() => a.resolve('a'));
    expect(events).toEqual(['all: a,there,b']);
  });

  test('fails with the first error', () => {
    const [a, b] = [new Future<string>(clock), new Future<string>(clock)];
    clock.turn(() => Future.all(clock, [a, b]).then(note('not'), note('failed')));
    clock.turn(() => b.reject('no'));
    expect(events).toEqual(['failed: no']);
  });

  test('is there at once if there are none', () => {
    clock.turn(() => Future.all(clock, []).then(note('all')));
    expect(events).toEqual(['all: ']);
  });
});
