import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { Clock, type TimeSource } from '../../../engine/core/clock.js';
import { thisSystem } from '../../../engine/system.js';

/** A time that stands still until a test moves it. */
class ManualTime implements TimeSource {
  time = 0;
  wakesAt: number | undefined;
  #tick = (): void => {};

  now(): number {
    return this.time;
  }

  wallTime(): number {
    return this.time;
  }

  wake(at: number | undefined, tick: () => void): void {
    this.wakesAt = at;
    this.#tick = tick;
  }

  defer(run: () => void): void {
    run();
  }

  /** Moves the time, and wakes the clock at each time that it asked for. */
  advance(ms: number): void {
    const end = this.time + ms;
    while (this.wakesAt !== undefined && this.wakesAt <= end) {
      this.time = this.wakesAt;
      this.wakesAt = undefined;
      this.#tick();
    }
    this.time = end;
  }
}

let time: ManualTime;
let clock: Clock;
let fired: string[];

beforeEach(() => {
  time = new ManualTime();
  clock = new Clock(time);
  fired = [];
});

const after = (ms: number, name: string) => clock.after(ms, () => fired.push(`${name} at ${clock.now}`));

describe('the timers of a clock', () => {
  test('fire in the order of their times, and of equal times in the order in which they were started', () => {
    after(20, 'c');
    after(10, 'a');
    after(10, 'b');
    time.advance(10);
    expect(fired).toEqual(['a at 10', 'b at 10']);
    time.advance(10);
    expect(fired).toEqual(['a at 10', 'b at 10', 'c at 20']);
  });

  test('do not fire once they were stopped, also by one that fires at the same time', () => {
    const others = [after(10, 'early'), after(20, 'late')];
    clock.after(5, () => others[0]!.stop());
    clock.after(20, () => fired.push('last'));
    others[1]!.stop();
    time.advance(20);
    expect(fired).toEqual(['last']);
  });

  test('do not wake the process when all are stopped', () => {
    const timers = Array.from({ length: 100 }, (_, index) => after(index, String(index)));
    expect(time.wakesAt).toBe(0);
    timers.pop()!.stop();
    for (const timer of timers.slice(0, 50)) timer.stop();
    expect(time.wakesAt).toBe(50);
    for (const timer of timers) timer.stop();
    expect(time.wakesAt).toBeUndefined();
    time.advance(1000);
    expect(fired).toEqual([]);
  });

  test('of an infinite time never fire', () => {
    after(Infinity, 'never');
    expect(time.wakesAt).toBeUndefined();
    after(1, 'once');
    time.advance(1e12);
    expect(fired).toEqual(['once at 1']);
  });

  test('fire all that are due, also after one that throws', () => {
    clock.after(1, () => {
      throw new Error('a defect');
    });
    after(1, 'next');
    expect(() => time.advance(1)).toThrow('a defect');
    time.advance(0);
    expect(fired).toEqual(['next at 1']);
  });

  test('that are started by one that fires are as good as any', () => {
    clock.after(1, () => after(1, 'second'));
    time.advance(2);
    expect(fired).toEqual(['second at 2']);
  });
});

test('a timer of 0 ms of the system fires when the turn of the event loop is over, unless it was stopped', async () => {
  const { clock: system } = thisSystem();
  for (let round = 0; round < 20; round++) {
    const fired: string[] = [];
    system.after(0, () => fired.push('kept'));
    system.after(0, () => fired.push('stopped')).stop();
    expect(fired).toEqual([]);
    await turn();
    expect(fired).toEqual(['kept']);
  }
});
