import { Clock, type TimeSource } from './core/clock.js';
import type { System } from './core/system.js';
import type { Recorder } from './machine/context.js';
import type { MachineLimits } from './machine/inputs.js';
import { Machine } from './machine/machine.js';
import type { Types } from './types.js';
import type { ServerSurroundings, Surroundings } from './machine/surroundings.js';
import { LocalUserCode } from './user-code.js';
import { Timer } from '../proto/timer.js';

/** The time of the system, with the timers of Node.js. */
class SystemTime implements TimeSource {
  #timer: Timer | undefined;
  /** Difference to the clock of this process. */
  readonly #offset: number;

  /** @param now the present time; undefined for the time since the start of this process */
  constructor(now: number | undefined) {
    this.#offset = now === undefined ? 0 : now - performance.now();
  }

  now(): number {
    return performance.now() + this.#offset;
  }

  wallTime(): number {
    return Date.now();
  }

  wake(at: number | undefined, tick: () => void): void {
    this.#timer?.stop();
    this.#timer = at === undefined ? undefined : new Timer(Math.max(Math.ceil(at - this.now()), 1), tick);
  }

  defect(error: unknown): void {
    // An unhandled rejection, which the daemon logs.
    void Promise.reject(error);
  }
}

/** This process, with a clock of its own. */
export function thisSystem(): System {
  const clock = new Clock(new SystemTime(undefined));
  return {
    clock,
    userCode: new LocalUserCode((work) => clock.turn(work)),
    uptimeMs,
    memory,
  };
}

/**
 * The surroundings of a machine in this process, except for what belongs to its server.
 * @param now the present time on the machine's clock; undefined for one that begins
 */
export function thisProcess(now?: number): Omit<Surroundings, keyof ServerSurroundings> {
  return { time: new SystemTime(now), userCode: new LocalUserCode((work) => work()), uptimeMs, memory };
}

/** Makes a machine in this process that begins with nothing, and keeps nothing. */
export function newMachine(types: Types, record?: Recorder): (limits: MachineLimits, rest: ServerSurroundings) => Machine {
  return (limits, rest) => new Machine(limits, { ...thisProcess(), ...rest }, types, record);
}

function uptimeMs(): number {
  return process.uptime() * 1000;
}

function memory(): { residentBytes: number; heapBytes: number } {
  const { rss, heapUsed } = process.memoryUsage();
  return { residentBytes: rss, heapBytes: heapUsed };
}
