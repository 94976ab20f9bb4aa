import { Clock, type TimeSource } from '../../engine/core/clock.js';
import { thisSystem } from '../../engine/system.js';

/** A part of an engine, each method call of which is a turn of its own. */
export function inTurns<T extends object>(clock: Clock, part: T): T {
  return new Proxy(part, {
    // Private members are found on the part itself only.
    get(target, key) {
      const member: unknown = clock.turn(() => Reflect.get(target, key, target) as unknown);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]): unknown => clock.turn(() => Reflect.apply(member, target, args) as unknown);
    },
    set: (target, key, value) => clock.turn(() => Reflect.set(target, key, value, target)),
  });
}

/** A clock with the time of this process. */
export function realClock(): Clock {
  return thisSystem().clock;
}

/** A time that stands still until a test moves it. */
export class ManualTime implements TimeSource {
  time = 0;
  wakesAt: number | undefined;
  readonly clock: Clock;
  readonly defects: unknown[] = [];
  #tick = (): void => {};

  constructor() {
    this.clock = new Clock(this);
  }

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

  defect(error: unknown): void {
    this.defects.push(error);
  }

  /** Moves the time, and wakes the clock at each time that it asked for. */
  advance(ms: number): void {
    const end = this.time + ms;
    while (this.wakesAt !== undefined && this.wakesAt <= end) {
      this.time = Math.max(this.time, this.wakesAt);
      this.wakesAt = undefined;
      this.#tick();
    }
    this.time = end;
  }
}
