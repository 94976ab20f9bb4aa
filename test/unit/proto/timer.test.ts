import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Timer } from '../../../proto/timer.js';

describe('a timer', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it.each([0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 33 + 5])('of %p ms fires then, and not before', (ms) => {
    const run = jest.fn();
    new Timer(ms, run);
    if (ms > 0) jest.advanceTimersByTime(ms - 1);
    expect(run).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('of Infinity, and one that was stopped, never fires', () => {
    const run = jest.fn();
    new Timer(Infinity, run);
    const stopped = new Timer(2 ** 33, run);
    jest.advanceTimersByTime(2 ** 32);
    stopped.stop();
    jest.advanceTimersByTime(2 ** 34);
    expect(run).not.toHaveBeenCalled();
  });
});
