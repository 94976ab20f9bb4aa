import { Clock, type TimeSource } from './core/clock.js';
import type { System } from './core/system.js';
import { Timer } from '../proto/timer.js';

/** The time of the system, with the timers of Node.js. */
class SystemTime implements TimeSource {
  #timer: Timer | undefined;
  #immediate: NodeJS.Immediate | undefined;

  now(): number {
    return performance.now();
  }

  wallTime(): number {
    return Date.now();
  }

  wake(at: number | undefined, tick: () => void): void {
    this.#timer?.stop();
    clearImmediate(this.#immediate);
    this.#timer = this.#immediate = undefined;
    if (at === undefined) return;
    const ms = Math.ceil(at - performance.now());
    // A timer takes a millisecond at least. What is due already waits for the end of the turn only.
    if (ms > 0) this.#timer = new Timer(ms, tick);
    else this.#immediate = setImmediate(tick);
  }

  defer(run: () => void): void {
    process.nextTick(run);
  }
}

/** The clock of shared memory in this thread. */
export const systemClock = new Clock(new SystemTime());

/** This process, with a clock of its own. */
export function thisSystem(): System {
  return {
    clock: new Clock(new SystemTime()),
    pid: process.pid,
    uptimeMs: () => process.uptime() * 1000,
    memory() {
      const { rss, heapUsed } = process.memoryUsage();
      return { residentBytes: rss, heapBytes: heapUsed };
    },
  };
}
