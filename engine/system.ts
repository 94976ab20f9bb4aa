import { Clock, type TimeSource } from './core/clock.js';
import type { System } from './core/system.js';
import type { Surroundings } from './machine/surroundings.js';
import { LocalUserCode } from './user-code.js';
import { Timer } from '../proto/timer.js';

/** The time of the system, with the timers of Node.js. */
class SystemTime implements TimeSource {
  #timer: Timer | undefined;

  now(): number {
    return performance.now();
  }

  wallTime(): number {
    return Date.now();
  }

  wake(at: number | undefined, tick: () => void): void {
    this.#timer?.stop();
    this.#timer = at === undefined ? undefined : new Timer(Math.max(Math.ceil(at - performance.now()), 1), tick);
  }

  defect(error: unknown): void {
    // An unhandled rejection, which the daemon logs.
    void Promise.reject(error);
  }
}

/** This process, with a clock of its own. */
export function thisSystem(): System {
  const clock = new Clock(new SystemTime());
  return {
    clock,
    userCode: new LocalUserCode((work) => clock.turn(work)),
    uptimeMs,
    memory,
  };
}

/** The surroundings of a machine in this process, except for its traffic. */
export function thisProcess(): Omit<Surroundings, 'program' | 'traffic'> {
  return { time: new SystemTime(), userCode: new LocalUserCode((work) => work()), uptimeMs, memory };
}

function uptimeMs(): number {
  return process.uptime() * 1000;
}

function memory(): { residentBytes: number; heapBytes: number } {
  const { rss, heapUsed } = process.memoryUsage();
  return { residentBytes: rss, heapBytes: heapUsed };
}
