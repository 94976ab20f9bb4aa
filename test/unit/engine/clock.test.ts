import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Clock } from '../../../engine/core/clock.js';
import { ManualTime } from '../../support/turns.js';

let time: ManualTime;
let clock: Clock;
let events: string[];

beforeEach(() => {
  time = new ManualTime();
  ({ clock } = time);
  events = [];
});

const after = (ms: number, name: string) => clock.turn(() => clock.after(ms, () => events.push(`${name} at ${clock.now}`)));

describe('the timers of a clock', () => {
  test('fire in the order of their times, and of equal times in the order in which they were started', () => {
    after(20, 'c');
    after(10, 'a');
    after(10, 'b');
    time.advance(10);
    expect(events).toEqual(['a at 10', 'b at 10']);
    time.advance(10);
    expect(events).toEqual(['a at 10', 'b at 10', 'c at 20']);
  });

  test('do not fire once they were stopped, also by one that fires at the same time', () => {
    const others = [after(10, 'early'), after(20, 'late')];
    clock.turn(() => clock.after(5, () => others[0]!.stop()));
    clock.turn(() => clock.after(20, () => events.push('last')));
    others[1]!.stop();
    time.advance(20);
    expect(events).toEqual(['last']);
  });

  test('do not wake the process when all are stopped', () => {
    const timers = Array.from({ length: 100 }, (_, index) => after(index + 1, String(index)));
    expect(time.wakesAt).toBe(1);
    timers.pop()!.stop();
    for (const timer of timers.slice(0, 50)) timer.stop();
    expect(time.wakesAt).toBe(51);
    for (const timer of timers) timer.stop();
    expect(time.wakesAt).toBeUndefined();
    time.advance(1000);
    expect(events).toEqual([]);
  });

  test('of an infinite time never fire', () => {
    after(Infinity, 'never');
    expect(time.wakesAt).toBeUndefined();
    after(1, 'once');
    time.advance(1e12);
    expect(events).toEqual(['once at 1']);
  });

  test('fire all that are due, also after one that throws, whose error is reported', () => {
    const defect = new Error('a defect');
    clock.turn(() =>
      clock.after(1, () => {
        throw defect;
      }),
    );
    after(1, 'next');
    time.advance(1);
    expect(events).toEqual(['next at 1']);
    expect(time.defects).toEqual([defect]);
  });

  test('that are started by one that fires are as good as any', () => {
    clock.turn(() => clock.after(1, () => after(1, 'second')));
    time.advance(2);
    expect(events).toEqual(['second at 2']);
  });
});

describe('a turn', () => {
  test('has one time, to which the next turn does not go back', () => {
    time.time = 5;
    clock.turn(() => {
      expect(clock.now).toBe(5);
      time.time = 9;
      expect(clock.now).toBe(5);
    });
    expect(clock.now).toBe(5);
    time.time = 4;
    clock.turn(() => expect(clock.now).toBe(5));
  });

  test('fires the timers that are due by its time, then does its work, then its deferred work', () => {
    after(1, 'late timer');
    after(3, 'later timer');
    time.time = 2;
    clock.turn(() => {
      clock.defer(() => events.push('deferred'));
      clock.deferLast(() => {
        events.push('last');
        clock.defer(() => events.push('deferred by the last'));
      });
      clock.defer(() => clock.defer(() => events.push('deferred twice')));
      events.push('work');
    });
    expect(events).toEqual(['late timer at 2', 'work', 'deferred', 'deferred twice', 'last', 'deferred by the last']);
  });

  test('includes the turns within it', () => {
    clock.turn(() => {
      clock.turn(() => clock.defer(() => events.push('deferred')));
      events.push('work');
    });
    expect(events).toEqual(['work', 'deferred']);
  });

  test('ends in order when its work throws, and reports the errors of deferred work', () => {
    const defect = new Error('a defect');
    const fail = (): never => {
      clock.defer(() => {
        throw defect;
      });
      clock.defer(() => events.push('deferred'));
      throw new Error('the work failed');
    };
    expect(() => clock.turn(fail)).toThrow('the work failed');
    expect(events).toEqual(['deferred']);
    expect(time.defects).toEqual([defect]);
    expect(clock.inTurn).toBe(false);
  });

  test('is needed for timers and deferred work', () => {
    expect(() => clock.after(1, () => {})).toThrow('outside of a turn');
    expect(() => clock.defer(() => {})).toThrow('outside of a turn');
  });
});
